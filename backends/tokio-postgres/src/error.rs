//! The driver's errors.

use std::error::Error as StdError;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use vestibule_sql::{DriverError, postgres};

use crate::Sending;

pub(crate) fn map(error: Error) -> DriverError {
    let Some(database) = error.as_db_error() else {
        // Encoding and decoding fail for good; all else is the connection.
        let is_ours = error.to_string().starts_with("error serializing")
            || error.to_string().starts_with("error deserializing");
        return if is_ours {
            DriverError::Refused(error.into())
        } else {
            DriverError::Unavailable(error.into())
        };
    };
    let (code, table) = (database.code().code().to_owned(), database.table().map(Into::into));
    postgres::error(&code, table, error.into())
}

/// The error of a statement that was sent in one of the two ways.
pub(crate) fn map_sent(error: Error, sending: Sending) -> DriverError {
    let forgotten = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT];
    match sending {
        _ if !error.code().is_some_and(|code| forgotten.contains(code)) => map(error),
        // What was sent was prepared again before this is asked.
        Sending::Prepared => DriverError::Refused(Forgotten(error).into()),
        // In answer to a question of tokio-postgres about the types of what a statement returned.
        Sending::Unnamed => DriverError::Unavailable(error.into()),
    }
}

/// The connection does not have a statement that was prepared on it, or has it from somebody else.
#[derive(Debug, thiserror::Error)]
#[error("prepared statements do not last; behind a pooler in transaction mode set pgbouncer=true")]
struct Forgotten(#[source] Error);

pub(crate) fn map_pool(error: PoolError) -> DriverError {
    match error {
        PoolError::Backend(error) => map(error),
        other => DriverError::Unavailable(other.into()),
    }
}

/// Nobody answered in time.
pub(crate) fn timed_out(what: &str) -> DriverError {
    DriverError::Unavailable(format!("timed out waiting for {what}").into())
}

/// Whether the connection was closed before the answer came.
pub(crate) fn is_closed(source: &(dyn StdError + Send + Sync + 'static)) -> bool {
    source.downcast_ref::<Error>().is_some_and(|error| {
        let going = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
        error.is_closed() || error.code().is_some_and(|code| going.contains(code)) || has_io(error)
    })
}

fn has_io(error: &Error) -> bool {
    StdError::source(error).is_some_and(<dyn StdError>::is::<std::io::Error>)
}

/// Whether a prepared statement went stale: the server forgot it, or a column changed its type.
pub(crate) fn is_stale(error: &Error) -> bool {
    let stale = [SqlState::FEATURE_NOT_SUPPORTED, SqlState::INVALID_SQL_STATEMENT_NAME];
    error.code().is_some_and(|code| stale.contains(code))
}

/// Whether the server cannot make sense of a statement, though it can of what that is made of: neither a table nor the
/// right to it is missing, which may change.
pub(crate) fn is_beyond_it(error: &Error) -> bool {
    let passing = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INSUFFICIENT_PRIVILEGE];
    error.code().is_some_and(|code| {
        !passing.contains(code) && ["0A", "42", "XX"].iter().any(|class| code.code().starts_with(class))
    })
}

/// Whether this is an outage of which the database itself said nothing, other than a connection that was closed: it
/// cannot be reached, or does not answer.
pub(crate) fn is_silence(source: &(dyn StdError + Send + Sync + 'static)) -> bool {
    let said = source.downcast_ref::<Error>().is_some_and(|error| error.as_db_error().is_some());
    !said && !is_closed(source)
}
