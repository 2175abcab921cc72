//! SQLite on the caller's own [`sqlx::SqlitePool`].
//!
//! Each statement runs on the thread that sqlx gives each connection. A batch begins with `BEGIN IMMEDIATE`, so that
//! it waits for other writers at its beginning and not in the middle. Not for `:memory:`: each connection has a database
//! of its own there, and sqlx closes a connection, and with it the database, when somebody gives up a batch.
//!
//! Write-ahead logging, the busy time-out and how often the disk is waited for are settings of the caller's
//! connections; leave `foreign_keys` on, as it is by default. sqlx's macros and migrations are not used.

mod error;
mod value;

use std::sync::Arc;

use async_trait::async_trait;
pub use sqlx;
use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value};

/// Runs statements on a pool of sqlx. Cheap to clone; all clones share the pool.
#[derive(Clone, Debug)]
pub struct SqlxSqlite {
    pool: SqlitePool,
}

impl SqlxSqlite {
    /// Runs everything on the caller's own pool.
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// The pool.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

async fn query(
    connection: &mut SqliteConnection,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<Row>, DriverError> {
    let arguments = value::arguments(params)?;
    // The text comes from a schema profile, identifiers quoted; values are bound.
    let text = AssertSqlSafe(Arc::clone(&statement.text));
    let rows = sqlx::query_with(text, arguments).fetch_all(connection).await.map_err(error::map)?;
    rows.iter().map(value::row_in).collect()
}

#[async_trait]
impl Driver for SqlxSqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let mut connection = self.pool.acquire().await.map_err(error::map)?;
        query(&mut connection, statement, params).await
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        // A transaction that is dropped before its end is rolled back.
        let begin = AssertSqlSafe("BEGIN IMMEDIATE");
        let mut transaction = self.pool.begin_with(begin).await.map_err(error::map)?;
        let mut answers = Vec::with_capacity(batch.len());
        for (statement, params) in batch {
            answers.push(query(&mut transaction, statement, params).await?);
        }
        transaction.commit().await.map_err(error::map)?;
        Ok(answers)
    }
}
