//! A connection lent by the pool.

use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::poll_immediate;
use mysql_async::{Conn, Error, Pool};
use tokio::time::timeout;
use vestibule_sql::DriverError;

use crate::{Patience, error};

/// Goes back to the pool as it came if all went well, and is closed otherwise.
#[derive(Debug)]
pub(crate) struct Lent {
    /// `Some` until it is dropped.
    conn: Option<Conn>,
}

impl Lent {
    pub(crate) async fn by(pool: &Pool, patience: Patience) -> Result<Self, DriverError> {
        // If a connection is free, as it is most of the time, no timer is made.
        let mut getting = pin!(pool.get_conn());
        let lent = match poll_immediate(&mut getting).await {
            Some(lent) => lent,
            None => {
                timeout(patience.connection, getting).await.map_err(|_| error::timed_out("a connection"))?
            }
        };
        let mut conn = lent.map_err(error::map)?;
        // Should it come back in the middle of something, it is reset before anybody else gets it.
        conn.reset_connection(true);
        Ok(Self { conn: Some(conn) })
    }

    /// Works on the connection; if that takes too long, leaves it unsound, or is given up, it is closed.
    pub(crate) async fn answered<T>(
        mut self,
        patience: Patience,
        work: impl AsyncFnOnce(&mut Conn) -> Result<T, Failure>,
    ) -> Result<T, DriverError> {
        let Some(conn) = self.conn.as_mut() else { return Err(error::timed_out("a connection")) };
        let result = {
            let working = pin!(work(conn));
            timeout(patience.answer, working).await
        };
        let result = result.map_err(|_| error::timed_out("an answer"))?;
        if result.as_ref().err().is_none_or(|failure| failure.is_sound)
            && let Some(mut conn) = self.conn.take()
        {
            // What was prepared stays prepared.
            conn.reset_connection(false);
        }
        result.map_err(|failure| error::map(failure.error))
    }
}

/// What went wrong, and whether the connection is as it was before.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) is_sound: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { is_sound: !error.is_fatal(), error }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            // Marks it as closed at once; the farewell need not arrive. What the farewell finds already there, of
            // answers that were not waited for, may bring it back: then it is reset, as said above.
            drop(conn.disconnect().now_or_never());
        }
    }
}
