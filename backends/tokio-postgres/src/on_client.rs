//! Statements on a [`Client`] that somebody else's pool has lent: what a driver for such a pool needs.
//!
//! Nothing is prepared, since a client that goes back to a stranger's pool has no place to note what is: the text goes
//! along every time, with the types of its parameters. So each call is one round trip, the first on a connection too,
//! and behind a pooler in transaction mode as well.
//!
//! A client that kept us waiting, or whose connection was lost, must serve nobody else. Pools ask
//! [`Client::is_closed`] before they take one back, so it is closed here, whatever the pool is.

use std::future::Future;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio_postgres::{Client, Config, Error, NoTls};
use vestibule_sql::{DriverError, Row, Statement, Value, postgres};

use crate::pool::{Reply, send_all};
use crate::{Patience, Sending, error, unnamed};

/// Runs a statement.
///
/// If this future is dropped, the statement may have been done or not, and the client is fit for the next one.
///
/// # Errors
///
/// As the methods of [`Driver`](vestibule_sql::Driver) have them. After `limit` it is
/// [`DriverError::Unavailable`], and the client is closed.
pub async fn run(
    client: &mut Client,
    statement: &Statement,
    params: &[Value],
    limit: Duration,
) -> Result<Vec<Row>, DriverError> {
    postgres::check(statement, params)?;
    let outcome = within(limit, unnamed::query(client, statement, params)).await;
    settled(client, outcome).await
}

/// Runs a batch as one transaction, which the server gives up on after `limit` as well.
///
/// If this future is dropped, all of it may have been done, or nothing: the client is not left inside a transaction.
///
/// # Errors
///
/// As [`run`]; nothing was written then, unless it is [`DriverError::Unavailable`].
pub async fn run_all(
    client: &mut Client,
    batch: &[(&Statement, &[Value])],
    limit: Duration,
) -> Result<Vec<Vec<Row>>, DriverError> {
    for (statement, params) in batch {
        postgres::check(statement, params)?;
    }
    let begin = unnamed::begin(Patience { connection: limit, answer: limit });
    let reached: &Client = client;
    let queries = batch
        .iter()
        .map(|(statement, params)| -> Reply<'_> { Box::pin(unnamed::query(reached, statement, params)) });
    let outcome = within(limit, send_all(reached, &begin, queries)).await;
    settled(client, outcome).await
}

/// The error of a pool that could not lend a client within a time.
pub fn none_in_time() -> DriverError {
    error::timed_out("a connection")
}

/// Whether the operation failed because its connection was closed before the answer came, so that what only reads can
/// go to another.
pub fn was_closed(failure: &DriverError) -> bool {
    matches!(failure, DriverError::Unavailable(source) if error::is_closed(&**source))
}

/// `None` if there was no answer in time.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Option<Result<T, Error>> {
    tokio::time::timeout(limit, work).await.ok()
}

async fn settled<T>(client: &mut Client, outcome: Option<Result<T, Error>>) -> Result<T, DriverError> {
    match outcome {
        None => {
            close(client).await;
            Err(error::timed_out("an answer"))
        }
        Some(result) => {
            if result.as_ref().is_err_and(|failure| error::is_closed(failure)) {
                close(client).await;
            }
            result.map_err(|failure| error::map_sent(failure, Sending::Unnamed))
        }
    }
}

/// Hangs up. A client is closed by dropping it, so one takes its place that is closed from the start.
async fn close(client: &mut Client) {
    /// What a server says that lets everybody in and is ready.
    const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
    let (here, mut there) = tokio::io::duplex(256);
    // Neither waits: there is room for both, and all that is read is there.
    if there.write_all(WELCOME).await.is_ok()
        && let Ok((closed, connection)) = Config::new().user("nobody").connect_raw(here, NoTls).await
    {
        drop(connection);
        *client = closed;
    }
}
