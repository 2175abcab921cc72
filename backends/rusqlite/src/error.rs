//! rusqlite's errors, and SQLite's codes inside them.

use rusqlite::{Error, ErrorCode};
use vestibule_sql::{DriverError, sqlite};

pub(crate) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(crate) fn map(error: Error) -> DriverError {
    let Error::SqliteFailure(failure, message) = &error else {
        return DriverError::Refused(error.into());
    };
    let (code, message) = (failure.extended_code, message.clone());
    sqlite::error(code, message.as_deref(), error.into())
}
