//! PostgreSQL on the caller's own pool of [bb8](bb8_postgres::bb8), as [`bb8_postgres`] makes one, or one with a manager of the caller's
//! that keeps the same clients.
//!
//! Each operation is one round trip if the pool was built with `test_on_check_out(false)`: bb8 asks the server for a sign
//! of life before each use otherwise. Statements are not prepared, so that a pooler in transaction mode may stand
//! between.
//!
//! bb8 tells its `error_sink` why it cannot connect, and everybody else only that it took too long: a wrong password is
//! [`Unavailable`](DriverError::Unavailable) here. It waits for a connection in the making as long as the operating system
//! does, which `tcp_user_timeout` and `keepalives` in the manager's configuration shorten.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
pub use bb8_postgres;
use bb8_postgres::bb8::{ManageConnection, Pool, PooledConnection, RunError};
use bb8_postgres::tokio_postgres::Client;
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value};
use vestibule_tokio_postgres::on_client;

/// Runs statements on a pool of bb8. Cheap to clone; all clones share the pool.
pub struct Bb8Postgres<M: ManageConnection> {
    pool: Pool<M>,
    /// For how long to wait for a connection, and for an answer.
    patience: (Duration, Duration),
}

impl<M: ManageConnection> Clone for Bb8Postgres<M> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), patience: self.patience }
    }
}

/// The pool prints whatever its manager does.
impl<M: ManageConnection> std::fmt::Debug for Bb8Postgres<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bb8Postgres").field("pool", &self.pool.state()).finish_non_exhaustive()
    }
}

impl<M: ManageConnection<Connection = Client, Error: Error>> Bb8Postgres<M> {
    /// Runs everything on the caller's own pool.
    ///
    /// Waits 2 s for a connection and 5 s for an answer, after which the operation fails and the connection is closed;
    /// see [`with_timeouts`](Self::with_timeouts). It starts no task and keeps no connection.
    pub fn new(pool: Pool<M>) -> Self {
        Self { pool, patience: (Duration::from_secs(2), Duration::from_secs(5)) }
    }

    /// Changes how long to wait for a connection and for an answer.
    #[must_use]
    pub fn with_timeouts(mut self, connection: Duration, answer: Duration) -> Self {
        self.patience = (connection, answer);
        self
    }

    /// The pool.
    pub fn pool(&self) -> &Pool<M> {
        &self.pool
    }

    async fn lend(&self) -> Result<PooledConnection<'_, M>, DriverError> {
        let open = async {
            loop {
                let lent = self.pool.get().await?;
                // One that was closed while nobody used it is dropped by the pool when it comes back.
                if !lent.is_closed() {
                    return Ok::<_, RunError<M::Error>>(lent);
                }
            }
        };
        match tokio::time::timeout(self.patience.0, open).await {
            Ok(Ok(lent)) => Ok(lent),
            Ok(Err(RunError::User(refused))) => Err(DriverError::Unavailable(refused.to_string().into())),
            Ok(Err(RunError::TimedOut)) | Err(_) => Err(on_client::none_in_time()),
        }
    }

    async fn run_once(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        on_client::run(&mut *self.lend().await?, statement, params, self.patience.1).await
    }
}

#[async_trait]
impl<M: ManageConnection<Connection = Client, Error: Error>> Driver for Bb8Postgres<M> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        match self.run_once(statement, params).await {
            // A read that met a connection which the server had closed can go to another.
            Err(failure) if statement.access == Access::Read && on_client::was_closed(&failure) => {
                self.run_once(statement, params).await
            }
            result => result,
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        on_client::run_all(&mut *self.lend().await?, batch, self.patience.1).await
    }
}
