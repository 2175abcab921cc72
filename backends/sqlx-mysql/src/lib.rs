//! MySQL and MariaDB on the caller's own [`sqlx::MySqlPool`].
//!
//! A statement costs one round trip, prepared once a connection, if the pool was made with
//! `test_before_acquire(false)`: sqlx asks the server for a sign of life before each use otherwise. After each use its
//! pool asks in any case; nobody waits for that. A batch is one message of the text protocol and costs one round trip
//! as well. Set `statement_cache_capacity` to 256 or more in the
//! connection's options, or statements are prepared again and again.
//!
//! How long to wait for a connection is the pool's [`acquire_timeout`](sqlx::pool::PoolOptions::acquire_timeout); an answer
//! is waited for 5 s, see [`with_answer_timeout`](SqlxMysql::with_answer_timeout). sqlx's macros and migrations are not
//! used.
//!
//! `DATETIME` and `TIMESTAMP` are read and written as wall clocks in Coordinated Universal Time, which is also what
//! sqlx sets its connections to.

mod error;
mod lent;
mod value;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
pub use sqlx;
use sqlx::{AssertSqlSafe, Either, Error, Executor as _, MySqlConnection, MySqlPool};
use tokio::time::timeout;
use vestibule_sql::mysql::{self, Batch};
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value};

use crate::lent::Lent;

/// Runs statements on a pool of sqlx that belongs to tokio. Cheap to clone; all clones share the pool.
#[derive(Clone, Debug)]
pub struct SqlxMysql {
    pool: MySqlPool,
    dialect: Dialect,
    answer_timeout: Duration,
}

/// How long an answer is waited for unless something else is asked for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

impl SqlxMysql {
    /// Runs everything on the caller's own pool, whose server is known to be MySQL or MariaDB.
    pub fn new(pool: MySqlPool, dialect: Dialect) -> Self {
        Self { pool, dialect, answer_timeout: ANSWER_TIMEOUT }
    }

    /// Runs everything on the caller's own pool, after asking the server which of the two it is. One round trip.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unavailable`] if it does not answer; [`DriverError::Refused`] if the pool's connections do not
    /// commit by themselves, or cut values that are too long.
    pub async fn detect(pool: MySqlPool) -> Result<Self, DriverError> {
        let mut connection = Lent::by(&pool).await?;
        let row =
            in_time(ANSWER_TIMEOUT, async { connection.fetch_one(mysql::PROBE).await.map_err(error::map) });
        let dialect = mysql::probed(&value::row_in(&row.await?)?)?;
        connection.is_sound();
        drop(connection);
        Ok(Self::new(pool, dialect))
    }

    /// Changes how long to wait for the answer to a statement or a batch, 5 s by default. After that the operation fails
    /// as [`DriverError::Unavailable`], though it may have been done, and its connection is closed.
    #[must_use]
    pub fn with_answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// The pool.
    pub fn pool(&self) -> &MySqlPool {
        &self.pool
    }
}

/// Who waits for longer is told that the database is unavailable.
async fn in_time<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, DriverError>>,
) -> Result<T, DriverError> {
    timeout(limit, answer).await.unwrap_or_else(|elapsed| Err(DriverError::Unavailable(elapsed.into())))
}

async fn query(
    connection: &mut MySqlConnection,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<sqlx::mysql::MySqlRow>, Error> {
    let arguments = value::arguments(params).map_err(|problem| Error::Encode(problem.into()))?;
    // The text comes from a schema profile, identifiers quoted; values are bound.
    let text = AssertSqlSafe(Arc::clone(&statement.text));
    sqlx::query_with(text, arguments).fetch_all(connection).await
}

/// Sends the whole batch at once and reads the answer of each statement.
async fn send(
    connection: &mut MySqlConnection,
    batch: &Batch,
) -> Result<Vec<Vec<sqlx::mysql::MySqlRow>>, Error> {
    // Values stand in it as digits.
    let text = AssertSqlSafe(batch.text().to_owned());
    let mut items = connection.fetch_many(sqlx::raw_sql(text));
    let (mut answers, mut rows) = (Vec::with_capacity(batch.results()), Vec::new());
    while let Some(item) = items.try_next().await? {
        match item {
            Either::Left(_) => answers.push(std::mem::take(&mut rows)),
            Either::Right(row) => rows.push(row),
        }
    }
    Ok(answers)
}

#[async_trait]
impl Driver for SqlxMysql {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        mysql::check(statement, params)?;
        let mut connection = Lent::by(&self.pool).await?;
        in_time(self.answer_timeout, run(&mut connection, statement, params)).await
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let batch = Batch::new(batch)?;
        let mut connection = Lent::by(&self.pool).await?;
        in_time(self.answer_timeout, run_all(&mut connection, &batch)).await
    }
}

async fn run(
    connection: &mut Lent,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<Row>, DriverError> {
    let mut result = query(connection, statement, params).await;
    if result.as_ref().err().is_some_and(error::is_stale) {
        // sqlx forgets what it has prepared only all at once.
        sqlx::Connection::clear_cached_statements(&mut **connection).await.map_err(error::map)?;
        result = query(connection, statement, params).await;
    }
    if result.as_ref().err().is_none_or(error::is_said) {
        connection.is_sound();
    }
    result.map_err(error::map)?.iter().map(value::row_in).collect()
}

async fn run_all(connection: &mut Lent, batch: &Batch) -> Result<Vec<Vec<Row>>, DriverError> {
    let answers = match send(connection, batch).await {
        Ok(answers) => {
            connection.is_sound();
            answers
        }
        Err(failure) => {
            if error::is_said(&failure) && connection.execute(sqlx::raw_sql(batch.undo())).await.is_ok() {
                connection.is_sound();
            }
            return Err(error::map(failure));
        }
    };
    let rows = |answer: Vec<_>| answer.iter().map(value::row_in).collect::<Result<Vec<_>, _>>();
    batch.answers(answers.into_iter().map(rows).collect::<Result<_, _>>()?)
}
