//! MySQL and MariaDB through [`mysql_async`]: on the caller's own [`mysql_async::Pool`], or on one made from
//! [`Settings`].
//!
//! A statement is prepared once a connection and costs one round trip. A batch is one message of the text protocol
//! and costs one as well. On a pool of the caller's own, set `stmt_cache_size` to 256 or more in its options, or
//! statements are prepared again and again; and leave `sql_mode` strict.
//!
//! `DATETIME` and `TIMESTAMP` are read and written as wall clocks in Coordinated Universal Time. For `TIMESTAMP` that
//! is so only if the time zone of the connection is `+00:00`, as it is on most servers.

mod error;
mod lent;
mod settings;
mod value;

use std::time::Duration;

use async_trait::async_trait;
pub use mysql_async;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Pool};
pub use settings::{Settings, SettingsError, Tls};
use vestibule_sql::mysql::{self, Batch};
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value};

use crate::lent::{Failure, Lent};

/// Runs statements on MySQL or MariaDB. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct MysqlAsync {
    pool: Pool,
    dialect: Dialect,
    patience: Patience,
}

/// Tells the dialect, since the pool prints its password.
impl std::fmt::Debug for MysqlAsync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MysqlAsync").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

/// How long to wait before the database counts as unavailable.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For a connection.
    connection: Duration,
    /// For an answer.
    answer: Duration,
}

const PATIENCE: Patience = Patience { connection: Duration::from_secs(2), answer: Duration::from_secs(5) };

impl MysqlAsync {
    /// Runs everything on the caller's own pool, whose server is known to be MySQL or MariaDB.
    ///
    /// Waits 2 s for a connection and 5 s for an answer, after which the operation fails and the connection is
    /// closed; see [`with_timeouts`](Self::with_timeouts). It starts no task and keeps no connection.
    pub fn new(pool: Pool, dialect: Dialect) -> Self {
        Self { pool, dialect, patience: PATIENCE }
    }

    /// Runs everything on the caller's own pool, after asking the server which of the two it is. One round trip.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unavailable`] if it does not answer; [`DriverError::Refused`] if the pool's connections do not
    /// commit by themselves, or cut values that are too long.
    pub async fn detect(pool: Pool) -> Result<Self, DriverError> {
        let found = Self::new(pool, Dialect::MySql);
        let row = Lent::by(&found.pool, PATIENCE)
            .await?
            .answered(PATIENCE, async |conn| Ok(conn.query::<mysql_async::Row, _>(mysql::PROBE).await?))
            .await?;
        let row = value::rows_in(row).map_err(DriverError::Refused)?.pop().unwrap_or_default();
        Ok(Self { dialect: mysql::probed(&row)?, ..found })
    }

    /// Makes a pool. If the settings do not say which server it is, asks; otherwise connects on demand, and this
    /// succeeds while the database is down.
    ///
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the settings make no sense, a file of certificates cannot be read, or the server cannot be asked.
    pub async fn connect(settings: &Settings) -> Result<Self, SettingsError> {
        let (pool, patience) = (Pool::new(settings.options()?), settings.patience());
        let Some(dialect) = settings.dialect else {
            let found = Self::detect(pool).await.map_err(SettingsError::Server)?;
            return Ok(Self { patience, ..found });
        };
        Ok(Self { pool, dialect, patience })
    }

    /// Changes how long to wait for a connection and for an answer.
    #[must_use]
    pub fn with_timeouts(mut self, connection: Duration, answer: Duration) -> Self {
        self.patience = Patience { connection, answer };
        self
    }

    /// The pool: the caller's own, or the one that [`connect`](Self::connect) made.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    async fn run_once(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let lent = Lent::by(&self.pool, self.patience).await?;
        let rows = lent.answered(self.patience, async |conn| match query(conn, statement, params).await {
            Err(stale) if error::is_stale(&stale) => {
                let prepared = conn.prep(&*statement.text).await?;
                conn.close(prepared).await?;
                Ok(query(conn, statement, params).await?)
            }
            result => Ok(result?),
        });
        value::rows_in(rows.await?).map_err(DriverError::Refused)
    }
}

async fn query(
    conn: &mut Conn,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<mysql_async::Row>, Error> {
    conn.exec(&*statement.text, value::params(params)).await
}

/// Sends the whole batch at once and reads the answer of each statement.
async fn send(conn: &mut Conn, batch: &Batch) -> Result<Vec<Vec<mysql_async::Row>>, Error> {
    let mut result = conn.query_iter(batch.text()).await?;
    let mut answers = Vec::with_capacity(batch.results());
    for _ in 0..batch.results() {
        // An answer that is an error is one here.
        answers.push(result.collect().await?);
    }
    result.drop_result().await?;
    Ok(answers)
}

#[async_trait]
impl Driver for MysqlAsync {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        mysql::check(statement, params)?;
        match self.run_once(statement, params).await {
            // A read that met a connection which the server had closed can go to another.
            Err(DriverError::Unavailable(source))
                if statement.access == Access::Read && error::is_closed(&*source) =>
            {
                self.run_once(statement, params).await
            }
            result => result,
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let batch = Batch::new(batch)?;
        let lent = Lent::by(&self.pool, self.patience).await?;
        let answers = lent.answered(self.patience, async |conn| match send(conn, &batch).await {
            Err(error) if !error.is_fatal() => {
                let is_sound = conn.query_drop(batch.undo()).await.is_ok();
                Err(Failure { error, is_sound })
            }
            result => Ok(result?),
        });
        let answers = answers.await?.into_iter().map(value::rows_in).collect::<Result<_, _>>();
        batch.answers(answers.map_err(DriverError::Refused)?)
    }
}
