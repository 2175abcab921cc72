//! A connection lent by the pool.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{MySql, MySqlConnection, MySqlPool};
use vestibule_sql::DriverError;

use crate::error;

/// Goes back to the pool if it was said to be sound, and is closed otherwise: after a failure, or when whoever
/// waited for an answer gave up.
#[derive(Debug)]
pub(crate) struct Lent {
    connection: PoolConnection<MySql>,
    is_sound: bool,
}

impl Lent {
    pub(crate) async fn by(pool: &MySqlPool) -> Result<Self, DriverError> {
        let connection = pool.acquire().await.map_err(error::map)?;
        Ok(Self { connection, is_sound: false })
    }

    /// The connection is in the middle of nothing.
    pub(crate) fn is_sound(&mut self) {
        self.is_sound = true;
    }
}

impl Deref for Lent {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_sound {
            self.connection.close_on_drop();
        }
    }
}
