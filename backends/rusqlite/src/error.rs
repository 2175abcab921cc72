//! SQLite's result codes (<https://www.sqlite.org/rescode.html>).

use rusqlite::ffi::{
    SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID,
    SQLITE_CONSTRAINT_UNIQUE,
};
use rusqlite::{Error, ErrorCode};
use vestibule_sql::DriverError;

pub(crate) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(crate) fn map(error: Error) -> DriverError {
    let Error::SqliteFailure(failure, message) = &error else {
        return DriverError::Refused(error.into());
    };
    match failure.extended_code {
        SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => {
            DriverError::UniqueViolated { table: message.as_deref().and_then(table), source: error.into() }
        }
        SQLITE_CONSTRAINT_FOREIGNKEY => DriverError::ForeignKeyViolated(error.into()),
        _ => match failure.code {
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted => DriverError::Unavailable(error.into()),
            _ => DriverError::Refused(error.into()),
        },
    }
}

/// The table in `UNIQUE constraint failed: users.email`.
fn table(message: &str) -> Option<Box<str>> {
    let (_, columns) = message.split_once("failed: ")?;
    let (table, _) = columns.split_once('.')?;
    Some(table.into())
}
