//! sqlx's errors, and the server's numbers inside them.

use sqlx::Error;
use sqlx::mysql::MySqlDatabaseError;
use vestibule_sql::{DriverError, mysql};

pub(crate) fn map(error: Error) -> DriverError {
    match error {
        Error::Database(said) => match said.try_downcast_ref::<MySqlDatabaseError>() {
            Some(said) => mysql::error(said.number(), said.message()),
            None => DriverError::Refused("the server said what is not understood".into()),
        },
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => DriverError::Unavailable(error.into()),
        _ => DriverError::Refused(error.into()),
    }
}

/// Whether the server said so, in which case the connection lives on.
pub(crate) fn is_said(error: &Error) -> bool {
    matches!(error, Error::Database(_))
}

/// Whether the server forgot a statement that was prepared; nothing was done.
pub(crate) fn is_stale(error: &Error) -> bool {
    let said = error.as_database_error().and_then(|said| said.try_downcast_ref::<MySqlDatabaseError>());
    said.is_some_and(|said| mysql::is_stale(said.number()))
}
