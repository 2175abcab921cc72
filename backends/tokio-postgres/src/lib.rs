//! PostgreSQL through [`tokio_postgres`]: on the caller's own [`deadpool_postgres::Pool`], or on connections made
//! from [`Settings`].
//!
//! [`TokioPostgres::new`] takes a pool that the application has already and runs everything there.
//! [`TokioPostgres::connect`] makes a pool of its own and, beside it, a few connections that all tasks share for
//! reading: a read is one prepared statement, so reads of many tasks travel on one connection one after the other
//! without waiting for each other's answer, and look-ups by keys that many tasks ask for at once go as one statement.
//! Writes have a connection of the pool for themselves, so that one that
//! waits for a lock holds up nobody's read.
//!
//! Every statement is prepared once a connection and costs one round trip; so does a batch, whose statements are
//! sent together between `BEGIN` and `COMMIT`.
//!
//! # Behind PgBouncer
//!
//! A pooler in transaction mode, such as PgBouncer, does not know a prepared statement again that it has not been
//! told about. For those, [`with_unnamed_statements`](TokioPostgres::with_unnamed_statements), or `pgbouncer=true`
//! in the URL for [`Settings`], sends the text along every time: one round trip as before, some more work for the
//! server. PgBouncer 1.21 and later can keep prepared statements itself (`max_prepared_statements`), and needs
//! none of this.

mod by_text;
mod connector;
mod error;
mod lane;
pub mod on_client;
mod pool;
mod rooms;
mod settings;
mod stock;
mod timers;
mod together;
mod unnamed;
mod value;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
pub use deadpool_postgres;
use deadpool_postgres::Pool;
pub use settings::{Settings, SettingsError, Tls};
pub use tokio_postgres;
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Running, Statement, Value, postgres};

use crate::connector::Connector;
use crate::lane::Lane;
use crate::rooms::Rooms;
use crate::timers::Timers;
use crate::together::Gatherings;

/// Runs statements on PostgreSQL. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct TokioPostgres {
    pool: Pool,
    lanes: Arc<Lanes>,
    how: How,
}

/// How statements are run.
#[derive(Clone, Debug)]
struct How {
    sending: Sending,
    patience: Patience,
    reused: Arc<Reused>,
}

/// What operations leave to the next ones.
#[derive(Debug, Default)]
struct Reused {
    timers: Timers,
    on_pool: Rooms<pool::Prepared>,
    on_lane: Rooms<lane::Prepared>,
    on_lane_together: Rooms<lane::Together>,
}

/// How statements are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Each is prepared once a connection.
    #[default]
    Prepared,
    /// Each goes along every time.
    Unnamed,
}

/// How long to wait before the database counts as unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patience {
    /// For a connection.
    connection: Duration,
    /// For an answer.
    answer: Duration,
}

/// The connections that reads share; none on a pool of the caller's.
#[derive(Debug, Default)]
struct Lanes {
    lanes: Box<[Lane]>,
    next: AtomicUsize,
    gatherings: Gatherings,
}

impl TokioPostgres {
    /// Runs everything on the caller's own pool.
    ///
    /// Waits 2 s for a connection and 5 s for an answer, after which the operation fails and the connection is
    /// taken out of the pool; see [`with_timeouts`](Self::with_timeouts). It starts no task and keeps no
    /// connection.
    pub fn new(pool: Pool) -> Self {
        let patience = Patience { connection: Duration::from_secs(2), answer: Duration::from_secs(5) };
        let how = How { sending: Sending::Prepared, patience, reused: Arc::default() };
        Self { pool, lanes: Arc::default(), how }
    }

    /// Makes a pool and the shared connections for reads, all on demand: this succeeds while the database is
    /// down.
    ///
    /// Must be called inside a tokio runtime. Starts a task for each connection, and one that closes idle ones.
    ///
    /// # Errors
    ///
    /// If the settings make no sense, or a file of certificates cannot be read.
    pub fn connect(settings: &Settings) -> Result<Self, SettingsError> {
        let connector = Connector::new(settings)?;
        let pool = pool::build(&connector, settings)?;
        let lanes = (0..settings.shared_connections).map(|_| Lane::new(connector.clone())).collect();
        let lanes = Lanes { lanes, ..Lanes::default() };
        let patience = Patience { connection: settings.connection_timeout, answer: settings.answer_timeout };
        let how = How { sending: settings.sending(), patience, reused: Arc::default() };
        Ok(Self { pool, lanes: Arc::new(lanes), how })
    }

    /// Changes how long to wait for a connection and for an answer.
    #[must_use]
    pub fn with_timeouts(mut self, connection: Duration, answer: Duration) -> Self {
        self.how.patience = Patience { connection, answer };
        self
    }

    /// Sends every statement whole instead of preparing it once a connection, as a pooler in transaction mode needs
    /// it.
    ///
    /// Still one round trip an operation. The server gives up on a batch when we do. A column whose type is not
    /// PostgreSQL's own (an `enum`, `citext`) makes the driver ask about the type once a connection, by name: when
    /// the pooler has another connection do the answering, the operation fails as
    /// [`Unavailable`](DriverError::Unavailable), and may have been done.
    ///
    /// For the caller's own pool. On connections of ours it is a setting:
    /// [`Settings::unnamed_statements`].
    #[must_use]
    pub fn with_unnamed_statements(mut self) -> Self {
        self.how.sending = Sending::Unnamed;
        self
    }

    /// The pool: the caller's own, or the one that [`connect`](Self::connect) made.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    fn lane(&self) -> Option<&Lane> {
        let lanes = &self.lanes.lanes;
        let next = self.lanes.next.fetch_add(1, Ordering::Relaxed);
        lanes.get(next.checked_rem(lanes.len())?)
    }

    async fn run_once(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        match self.lane().filter(|_| statement.access == Access::Read) {
            Some(lane) => {
                let _under_way = self.lanes.gatherings.set_out();
                lane.run(statement, params, &self.how).await
            }
            None => pool::run(&self.pool, statement, params, &self.how).await,
        }
    }
}

#[async_trait]
impl Driver for TokioPostgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        postgres::check(statement, params)?;
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

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        match self.together(statement) {
            Some(text) => Box::pin(self.look_up_together(statement, params, text)),
            None => self.run(statement, params),
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        for (statement, params) in batch {
            postgres::check(statement, params)?;
        }
        pool::run_all(&self.pool, batch, &self.how).await
    }
}
