//! A connection that many tasks read through at the same time.

use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::Mutex;
use tokio_postgres::{Client, Error};
use vestibule_sql::{DriverError, Row, Statement, Value};

use crate::by_text::ByText;
use crate::connector::Connector;
use crate::rooms::Job;
use crate::timers::Limit;
use crate::value::{Column, Out, rows_by_place, rows_in};
use crate::{How, Reused, Sending, error, unnamed};

/// One shared connection, made when it is first wanted and made again when it was lost.
#[derive(Debug)]
pub(crate) struct Lane {
    connector: Connector,
    link: RwLock<Option<Arc<Link>>>,
    /// Held by whoever connects; knows when the last attempt failed.
    connecting: Mutex<Option<Instant>>,
}

/// A connection and what is prepared on it.
struct Link {
    client: Client,
    prepared: ByText<tokio_postgres::Statement>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Lane {
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, link: RwLock::default(), connecting: Mutex::default() }
    }

    pub(crate) async fn run(
        &self,
        statement: &Statement,
        params: &[Value],
        how: &How,
    ) -> Result<Vec<Row>, DriverError> {
        if how.sending == Sending::Prepared {
            return self.run_prepared(Arc::clone(&statement.text), params.to_vec(), how).await;
        }
        let link = self.link(how).await?;
        let mut querying = Box::pin(unnamed::query(&link.client, statement, params));
        let limit = &mut Limit::new(how.patience.answer);
        let answer = how.reused.timers.within(limit, querying.as_mut()).await;
        self.settle(&link, answer, how)
    }

    /// Runs a statement that is prepared once on the connection.
    pub(crate) async fn run_prepared(
        &self,
        text: Arc<str>,
        params: Vec<Value>,
        how: &How,
    ) -> Result<Vec<Row>, DriverError> {
        let Reused { timers, on_lane, .. } = &*how.reused;
        let link = self.link(how).await?;
        let job = Prepared { link: Arc::clone(&link), text, params };
        let answer =
            timers.within(&mut Limit::new(how.patience.answer), pin!(on_lane.accommodate(job))).await;
        self.settle(&link, answer, how)
    }

    /// Runs the text that [`postgres::together`](vestibule_sql::postgres::together) made, for sets of keys of the same
    /// length, and returns the rows of each; `None` if the server cannot run such a thing.
    pub(crate) async fn run_together(
        &self,
        text: Arc<str>,
        sets: Vec<Vec<Value>>,
        how: &How,
    ) -> Result<Option<Vec<Vec<Row>>>, DriverError> {
        let Reused { timers, on_lane_together, .. } = &*how.reused;
        let link = self.link(how).await?;
        let job = Together { link: Arc::clone(&link), text, sets };
        let working = pin!(on_lane_together.accommodate(job));
        let answer = timers.within(&mut Limit::new(how.patience.answer), working).await;
        self.settle(&link, answer, how)
    }

    async fn link(&self, how: &How) -> Result<Arc<Link>, DriverError> {
        if let Some(link) = self.live() {
            return Ok(link);
        }
        // Boxed, so that the future of every read does not have room for a connection in the making.
        let mut connecting = Box::pin(self.connect());
        let limit = &mut Limit::new(how.patience.connection);
        let connected = how.reused.timers.within(limit, connecting.as_mut()).await;
        connected.ok_or_else(|| error::timed_out("a connection"))?
    }

    /// Gives the connection up if it was lost.
    fn settle<T>(
        &self,
        link: &Arc<Link>,
        answer: Option<Result<T, Error>>,
        how: &How,
    ) -> Result<T, DriverError> {
        let is_lost = match &answer {
            // Whatever holds this connection up, the next reads need not wait for it as well.
            None => true,
            Some(Err(failure)) => error::is_closed(failure),
            Some(Ok(_)) => false,
        };
        if is_lost {
            self.abandon(link);
        }
        let answer = answer.ok_or_else(|| error::timed_out("an answer"))?;
        answer.map_err(|error| error::map_sent(error, how.sending))
    }

    fn live(&self) -> Option<Arc<Link>> {
        let link = self.link.read().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().filter(|link| !link.client.is_closed()).cloned()
    }

    async fn connect(&self) -> Result<Arc<Link>, DriverError> {
        let asked = Instant::now();
        let mut failed = self.connecting.lock().await;
        if let Some(link) = self.live() {
            return Ok(link);
        }
        // Whoever waited for an attempt shares its failure, so that attempts do not queue up; whoever comes
        // later tries anew.
        if failed.is_some_and(|at| at >= asked) {
            let source = "the attempt to connect that this one waited for has failed".into();
            return Err(DriverError::Unavailable(source));
        }
        let (client, _) = match self.connector.open_for_reads().await {
            Ok(opened) => opened,
            Err(problem) => {
                *failed = Some(Instant::now());
                return Err(error::map(problem));
            }
        };
        *failed = None;
        let link = Arc::new(Link { client, prepared: ByText::default() });
        *self.link.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&link));
        Ok(link)
    }

    fn abandon(&self, slow: &Arc<Link>) {
        let mut link = self.link.write().unwrap_or_else(PoisonError::into_inner);
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, slow)) {
            *link = None;
        }
    }
}

/// A statement that is prepared once on the connection.
pub(crate) struct Prepared {
    link: Arc<Link>,
    text: Arc<str>,
    params: Vec<Value>,
}

impl Job for Prepared {
    type Outcome = Result<Vec<Row>, Error>;

    async fn run(self) -> Self::Outcome {
        let Self { link, text, params } = self;
        match link.query(&text, &params).await {
            Err(stale) if error::is_stale(&stale) => {
                link.prepared.remove(&text);
                link.query(&text, &params).await
            }
            result => result,
        }
    }
}

/// One statement for many sets of keys, prepared once on the connection.
pub(crate) struct Together {
    link: Arc<Link>,
    text: Arc<str>,
    sets: Vec<Vec<Value>>,
}

impl Job for Together {
    type Outcome = Result<Option<Vec<Vec<Row>>>, Error>;

    async fn run(self) -> Self::Outcome {
        let Self { link, text, sets } = self;
        match link.prepare(&text).await {
            Err(unknown) if error::is_beyond_it(&unknown) => return Ok(None),
            Err(failure) => return Err(failure),
            Ok(_) => {}
        }
        match link.query_together(&text, &sets).await {
            Err(stale) if error::is_stale(&stale) => {
                link.prepared.remove(&text);
                link.query_together(&text, &sets).await
            }
            result => result,
        }
    }
}

impl Link {
    async fn query_together(
        &self,
        text: &Arc<str>,
        sets: &[Vec<Value>],
    ) -> Result<Option<Vec<Vec<Row>>>, Error> {
        let prepared = self.prepare(text).await?;
        let columns = (0..prepared.params().len()).map(|at| Column { sets, at });
        rows_by_place(self.client.query_raw(&prepared, columns).await?, sets.len()).await
    }

    async fn query(&self, text: &Arc<str>, params: &[Value]) -> Result<Vec<Row>, Error> {
        let prepared = self.prepare(text).await?;
        rows_in(self.client.query_raw(&prepared, params.iter().map(Out)).await?).await
    }

    async fn prepare(&self, text: &Arc<str>) -> Result<tokio_postgres::Statement, Error> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        self.prepared.insert(text, statement.clone());
        Ok(statement)
    }
}
