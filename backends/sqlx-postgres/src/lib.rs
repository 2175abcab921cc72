//! PostgreSQL on the caller's own [`sqlx::PgPool`].
//!
//! One statement costs one round trip, prepared once a connection, if the pool was made with
//! `test_before_acquire(false)`: sqlx asks the server for a sign of life before each use otherwise. After each use its
//! pool asks in any case; nobody waits for that.
//!
//! Several statements are a transaction, and cost a round trip each and two more: sqlx waits for an answer before it sends
//! the next statement, and has no way to send several at once that takes parameters. Without parameters, tokens would
//! stand in the text of a statement, and so in the logs of sqlx and of the server. On a schema made by Vestibule, or on
//! tables that were given the keys of one, no operation needs several; `vestibule-tokio-postgres` and
//! `vestibule-diesel-async` send them together.
//!
//! How long to wait for a connection is the pool's [`acquire_timeout`](sqlx::pool::PoolOptions::acquire_timeout); an answer
//! is waited for 5 s, see [`with_answer_timeout`](SqlxPostgres::with_answer_timeout). sqlx's macros and migrations are
//! not used.

mod error;
mod value;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
pub use sqlx;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value};

/// Runs statements on a pool of sqlx that belongs to tokio. Cheap to clone; all clones share the pool.
#[derive(Clone, Debug)]
pub struct SqlxPostgres {
    pool: PgPool,
    answer_timeout: Duration,
}

impl SqlxPostgres {
    /// Runs everything on the caller's own pool.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, answer_timeout: Duration::from_secs(5) }
    }

    /// Changes how long to wait for the answer to a statement or a batch, 5 s by default. After that the operation fails
    /// as [`DriverError::Unavailable`], though it may have been done, and its connection is closed.
    #[must_use]
    pub fn with_answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    async fn lend(&self) -> Result<Lent, DriverError> {
        Ok(Lent { connection: self.pool.acquire().await.map_err(error::map)?, is_given_up: true })
    }

    /// The pool.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

async fn query(
    connection: &mut PgConnection,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<Row>, DriverError> {
    let arguments = value::arguments(statement, params)?;
    // The text comes from a schema profile, identifiers quoted; values are bound.
    let text = AssertSqlSafe(Arc::clone(&statement.text));
    let rows = sqlx::query_with(text, arguments).fetch_all(connection).await.map_err(error::map)?;
    rows.iter().map(value::row_in).collect()
}

#[async_trait]
impl Driver for SqlxPostgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let mut lent = self.lend().await?;
        let answer = timeout(self.answer_timeout, query(&mut lent.connection, statement, params)).await;
        lent.give_back(answer)
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let mut lent = self.lend().await?;
        let answers = timeout(self.answer_timeout, transaction(&mut lent.connection, batch)).await;
        lent.give_back(answers)
    }
}

/// A connection that is closed if the work on it is given up: sqlx does not know of a transaction whose `BEGIN` was sent
/// and not waited for, and whoever had the connection next would work inside it, or wait for an answer that never comes.
struct Lent {
    connection: PoolConnection<Postgres>,
    is_given_up: bool,
}

impl Lent {
    /// Ends the work, which has an answer unless it took too long.
    fn give_back<T>(mut self, answer: Result<Result<T, DriverError>, Elapsed>) -> Result<T, DriverError> {
        self.is_given_up = answer.is_err();
        answer.unwrap_or_else(|elapsed| Err(DriverError::Unavailable(elapsed.into())))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.is_given_up {
            self.connection.close_on_drop();
        }
    }
}

/// A transaction that fails is rolled back.
async fn transaction(
    connection: &mut PgConnection,
    batch: &[(&Statement, &[Value])],
) -> Result<Vec<Vec<Row>>, DriverError> {
    let begin = AssertSqlSafe("BEGIN ISOLATION LEVEL READ COMMITTED");
    let mut transaction = connection.begin_with(begin).await.map_err(error::map)?;
    let mut answers = Vec::with_capacity(batch.len());
    for (statement, params) in batch {
        answers.push(query(&mut transaction, statement, params).await?);
    }
    transaction.commit().await.map_err(error::map)?;
    Ok(answers)
}
