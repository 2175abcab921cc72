//! sqlx's errors, and PostgreSQL's codes inside them.

use sqlx::Error;
use vestibule_sql::{DriverError, postgres};

pub(crate) fn map(error: Error) -> DriverError {
    match &error {
        Error::Database(database) => {
            let code = database.code().unwrap_or_default().into_owned();
            let table = database.table().map(Into::into);
            postgres::error(&code, table, error.into())
        }
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
