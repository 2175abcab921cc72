//! A connection that many tasks read through at the same time.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};
use vestibule_sql::{DriverError, Row, Statement, Value};

use crate::connector::Connector;
use crate::value::{Out, rows_in};
use crate::{Patience, Sending, error, unnamed};

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
    /// By the address of the text, which the entry keeps alive, so that no other text can have it.
    prepared: RwLock<HashMap<usize, (Arc<str>, tokio_postgres::Statement)>>,
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
        (sending, patience): (Sending, Patience),
    ) -> Result<Vec<Row>, DriverError> {
        let link = if let Some(link) = self.live() {
            link
        } else {
            // Boxed, so that the future of every read does not have room for a connection in the making.
            let connected = timeout(patience.connection, Box::pin(self.connect())).await;
            connected.map_err(|_| error::timed_out("a connection"))??
        };
        let answer = {
            let querying = pin!(link.query(statement, params, sending));
            timeout(patience.answer, querying).await
        };
        let is_lost = match &answer {
            // Whatever holds this connection up, the next reads need not wait for it as well.
            Err(_) => true,
            Ok(Err(failure)) => error::is_closed(failure),
            Ok(Ok(_)) => false,
        };
        if is_lost {
            self.abandon(&link);
        }
        let answer = answer.map_err(|_| error::timed_out("an answer"))?;
        answer.map_err(|error| error::map_sent(error, sending))
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
        let (client, _) = match self.connector.open().await {
            Ok(opened) => opened,
            Err(problem) => {
                *failed = Some(Instant::now());
                return Err(error::map(problem));
            }
        };
        *failed = None;
        let link = Arc::new(Link { client, prepared: RwLock::default() });
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

impl Link {
    async fn query(
        &self,
        statement: &Statement,
        params: &[Value],
        sending: Sending,
    ) -> Result<Vec<Row>, Error> {
        if sending == Sending::Unnamed {
            return unnamed::query(&self.client, statement, params).await;
        }
        match self.query_once(statement, params).await {
            Err(stale) if error::is_stale(&stale) => {
                self.prepared
                    .write()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&address(&statement.text));
                self.query_once(statement, params).await
            }
            result => result,
        }
    }

    async fn query_once(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, Error> {
        let prepared = self.prepare(&statement.text).await?;
        let params: Vec<Out<'_>> = params.iter().map(Out).collect();
        let params: Vec<_> = params.iter().map(|param| param as _).collect();
        rows_in(&self.client.query(&prepared, &params).await?)
    }

    fn known(&self, text: &Arc<str>) -> Option<tokio_postgres::Statement> {
        let known = self.prepared.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&address(text)).map(|(_, statement)| statement.clone())
    }

    async fn prepare(&self, text: &Arc<str>) -> Result<tokio_postgres::Statement, Error> {
        if let Some(statement) = self.known(text) {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        let mut known = self.prepared.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(address(text), (Arc::clone(text), statement.clone()));
        Ok(statement)
    }
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}
