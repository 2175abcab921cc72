//! SQL Server through [`tiberius`]: on a pool, which may be the application's, or on a single client.
//!
//! [`Tiberius::connect`] makes a [`deadpool`] pool from [`Settings`]; [`Tiberius::new`] takes one that the
//! application has made with our [`Manager`]; [`Tiberius::single`] takes a client however it was connected.
//!
//! One statement is one request (`sp_executesql`). Several statements are one request too: a text that begins a
//! transaction, runs them, and commits. If a request is given up, or its future is dropped, its connection is
//! closed, and the server undoes what was not committed.
//!
//! tiberius reports every error of the server by `tracing`, at level `ERROR` and with the text that the server
//! sends, which may repeat values. Where the log is read by many, turn its target `tiberius` off.

mod connect;
mod error;
mod link;
mod settings;
mod value;
mod wire;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
pub use connect::{Connection, Manager};
pub use deadpool;
use deadpool::managed::{Object, Pool};
use futures_util::future::poll_immediate;
use futures_util::io::{AsyncRead, AsyncWrite};
pub use settings::{Settings, SettingsError, Tls};
pub use tiberius;
use tiberius::Client;
use tokio::sync::Mutex;
use tokio::time::timeout;
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value, sqlserver};
pub use wire::Wire;

use crate::link::{Link, Request};

/// Runs statements on SQL Server. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Tiberius {
    connections: Connections,
    patience: Patience,
}

impl fmt::Debug for Tiberius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiberius").field("patience", &self.patience).finish_non_exhaustive()
    }
}

#[derive(Clone)]
enum Connections {
    Pool(Pool<Manager>),
    /// Nothing, once the connection is lost.
    Single(Arc<Mutex<Option<Box<dyn Link>>>>),
}

/// How long to wait before the database counts as unavailable.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For a connection.
    connection: Duration,
    /// For an answer.
    answer: Duration,
}

impl Tiberius {
    /// Runs everything on a pool of the caller's.
    ///
    /// Waits 2 s for a connection and 5 s for an answer, after which the operation fails and the connection is
    /// taken out of the pool; see [`with_timeouts`](Self::with_timeouts). It starts no task and keeps no
    /// connection.
    pub fn new(pool: Pool<Manager>) -> Self {
        Self { connections: Connections::Pool(pool), patience: Patience::default() }
    }

    /// Runs everything on one client, one request after the other.
    ///
    /// The client must not be inside a transaction, and have the options of an ODBC connection, which tiberius
    /// asks for. A request that is given up, or whose future is dropped, loses the connection: from then on
    /// everything is [`Unavailable`](DriverError::Unavailable).
    pub fn single<S>(client: Client<S>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let link: Box<dyn Link> = Box::new(client);
        let connections = Connections::Single(Arc::new(Mutex::new(Some(link))));
        Self { connections, patience: Patience::default() }
    }

    /// Makes a pool that connects on demand: this succeeds while the database is down.
    ///
    /// Must be called inside a tokio runtime. Starts a task that closes connections that have been idle for long.
    ///
    /// # Errors
    ///
    /// If the settings make no sense, or a file of certificates cannot be read.
    pub fn connect(settings: &Settings) -> Result<Self, SettingsError> {
        let pool = Pool::builder(Manager::new(settings.clone())?).max_size(settings.max);
        let pool = pool.build().map_err(|error| SettingsError::Pool(error.to_string()))?;
        let (weak, idle) = (pool.weak(), settings.idle_timeout);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval((idle / 2).max(Duration::from_millis(100)));
            loop {
                ticks.tick().await;
                let Some(pool) = weak.upgrade() else { return };
                pool.retain(|_, metrics| metrics.last_used() < idle);
            }
        });
        Ok(Self::new(pool).with_timeouts(settings.connection_timeout, settings.answer_timeout))
    }

    /// Changes how long to wait for a connection and for an answer.
    #[must_use]
    pub fn with_timeouts(mut self, connection: Duration, answer: Duration) -> Self {
        self.patience = Patience { connection, answer };
        self
    }

    /// The pool, if there is one: the caller's own, or the one that [`connect`](Self::connect) made.
    pub fn pool(&self) -> Option<&Pool<Manager>> {
        match &self.connections {
            Connections::Pool(pool) => Some(pool),
            Connections::Single(_) => None,
        }
    }

    async fn ask(&self, request: &Request<'_>) -> Result<Vec<Vec<Row>>, DriverError> {
        match &self.connections {
            Connections::Pool(pool) => {
                let mut lent = self.lend(pool).await?;
                let connection = &mut *lent;
                // Stays so if this future is dropped, and the pool will not take the connection back.
                connection.is_midway = true;
                let (answer, is_lost) = self.answered(&mut connection.client, request).await;
                connection.is_midway = is_lost;
                if is_lost {
                    drop(Object::take(lent));
                }
                answer
            }
            Connections::Single(client) => {
                let waiting = timeout(self.patience.connection, client.lock()).await;
                let mut place = waiting.map_err(|_| error::timed_out("a connection"))?;
                // Taken out, so that a future that is dropped takes the connection with it.
                let mut link = place
                    .take()
                    .ok_or_else(|| DriverError::Unavailable("the only connection was lost".into()))?;
                let (answer, is_lost) = self.answered(&mut *link, request).await;
                if !is_lost {
                    *place = Some(link);
                }
                answer
            }
        }
    }

    async fn lend(&self, pool: &Pool<Manager>) -> Result<Object<Manager>, DriverError> {
        // If a connection is free, as it is most of the time, no timer is made at all.
        let mut getting = pin!(pool.get());
        let lent = match poll_immediate(&mut getting).await {
            Some(lent) => lent,
            None => timeout(self.patience.connection, getting)
                .await
                .map_err(|_| error::timed_out("a connection"))?,
        };
        lent.map_err(error::map_pool)
    }

    /// Waits for the answer, and tells whether the connection is lost with it.
    async fn answered(
        &self,
        link: &mut dyn Link,
        request: &Request<'_>,
    ) -> (Result<Vec<Vec<Row>>, DriverError>, bool) {
        match timeout(self.patience.answer, link.ask(request)).await {
            Err(_) => (Err(error::timed_out("an answer")), true),
            Ok(Ok(answer)) => (answer, false),
            Ok(Err(problem)) => {
                let is_lost = !error::is_the_servers(&problem);
                (Err(error::map(problem)), is_lost)
            }
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self { connection: Duration::from_secs(2), answer: Duration::from_secs(5) }
    }
}

#[async_trait]
impl Driver for Tiberius {
    fn dialect(&self) -> Dialect {
        Dialect::SqlServer
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        sqlserver::check(statement, params)?;
        let answers = self.ask(&Request::one(statement, params)).await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        for (statement, params) in batch {
            sqlserver::check(statement, params)?;
        }
        self.ask(&Request::all(batch)).await
    }
}
