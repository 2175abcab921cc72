//! The driver's errors.

use deadpool::managed::PoolError;
use tiberius::error::Error;
use vestibule_sql::{DriverError, sqlserver};

pub(crate) fn map(error: Error) -> DriverError {
    match error {
        Error::Server(said) => sqlserver::error(said.code(), said.class(), said.message()),
        // What cannot be decoded or encoded stays so.
        Error::Conversion(_) | Error::Encoding(_) | Error::Utf8 | Error::Utf16 | Error::ParseInt(_) => {
            DriverError::Refused(error.into())
        }
        other => DriverError::Unavailable(other.into()),
    }
}

pub(crate) fn map_pool(error: PoolError<Error>) -> DriverError {
    match error {
        PoolError::Backend(error) => map(error),
        other => DriverError::Unavailable(other.to_string().into()),
    }
}

/// Nobody answered in time.
pub(crate) fn timed_out(what: &str) -> DriverError {
    DriverError::Unavailable(format!("timed out waiting for {what}").into())
}

/// Whether the connection is as it was, so that the next request can use it.
pub(crate) fn is_the_servers(error: &Error) -> bool {
    // From class 20 on, the server ends the connection.
    matches!(error, Error::Server(said) if said.class() < 20)
}
