//! sqlx's errors, and SQLite's codes inside them.

use sqlx::Error;
use vestibule_sql::{DriverError, sqlite};

pub(crate) fn map(error: Error) -> DriverError {
    match &error {
        Error::Database(said) => {
            let code = said.code().and_then(|code| code.parse().ok()).unwrap_or_default();
            let message = said.message().to_owned();
            sqlite::error(code, Some(&message), error.into())
        }
        Error::Io(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => DriverError::Unavailable(error.into()),
        _ => DriverError::Refused(error.into()),
    }
}
