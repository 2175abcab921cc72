//! SQLite's errors, as far as they come through: a message, and a code that may say no more than the message.

use serde_json::Value as Json;
use vestibule_core::BoxError;
use vestibule_sql::{Access, DriverError};

/// An error that the database reports.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
struct Reported {
    code: String,
    message: String,
}

/// What passes, by the names that SQLite, libSQL's server and D1 have for it. `BLOCKED` is a database over its quota.
const PASSING_CODES: [&str; 13] = [
    "BLOCKED",
    "PROXY_ERROR",
    "SQLITE_ABORT",
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_INTERRUPT",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOMEM",
    "STREAM_EXPIRED",
    "TRANSACTION_BUSY",
    "TRANSACTION_TIMEOUT",
];

/// What D1 says when it is the server's fault (<https://developers.cloudflare.com/d1/observability/debug-d1/>).
const PASSING_WORDS: [&str; 9] = [
    "database is locked",
    "exceeded its cpu time limit",
    "exceeded its memory limit",
    "internal error",
    "network connection lost",
    "overloaded",
    "reset because",
    "storage caused object to be reset",
    "timeout",
];

/// The error of a statement that failed. Nothing of it was done, unless its answer was too large.
pub(crate) fn of_statement(code: &str, message: &str, access: Access) -> DriverError {
    let source = || BoxError::from(Reported { code: code.to_owned(), message: message.to_owned() });
    if let Some((_, columns)) = message.split_once("UNIQUE constraint failed: ") {
        let table = columns.split_once('.').map(|(table, _)| table.into());
        return DriverError::UniqueViolated { table, source: source() };
    }
    if message.contains("FOREIGN KEY constraint failed") {
        return DriverError::ForeignKeyViolated(source());
    }
    // Somebody else wrote between this transaction's first read and its first write.
    if code == "SQLITE_BUSY_SNAPSHOT" {
        return DriverError::Contention(source());
    }
    let said = message.to_ascii_lowercase();
    let passes = |name: &&str| code.starts_with(*name) || message.contains(*name);
    let too_large_after_a_write = code == "RESPONSE_TOO_LARGE" && access == Access::Write;
    if PASSING_CODES.iter().any(passes)
        || PASSING_WORDS.iter().any(|words| said.contains(words))
        || too_large_after_a_write
    {
        return DriverError::Unavailable(source());
    }
    DriverError::Refused(source())
}

/// An answer whose status is none of the good ones.
pub(crate) fn of_status(status: u16, body: &[u8]) -> DriverError {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    let message = ["message", "error", "msg"].into_iter().find_map(|name| body[name].as_str());
    let message = message.unwrap_or("no message").to_owned();
    let source = Reported { code: format!("status {status}"), message }.into();
    match status {
        // What was asked, or who asks, is wrong, and stays so.
        400 | 401 | 403 | 404 | 405 | 413 | 422 => DriverError::Refused(source),
        _ => DriverError::Unavailable(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(error: &DriverError) -> &'static str {
        match error {
            DriverError::Contention(_) => "contention",
            DriverError::ForeignKeyViolated(_) => "foreign key",
            DriverError::Refused(_) => "refused",
            DriverError::Unavailable(_) => "unavailable",
            DriverError::UniqueViolated { .. } => "unique",
            _ => "other",
        }
    }

    #[test]
    fn an_error_is_told_by_its_message_and_its_code() {
        for (code, message, expected) in [
            ("SQLITE_CONSTRAINT", "SQLite error: UNIQUE constraint failed: users.email", "unique"),
            ("7500", "UNIQUE constraint failed: users.email: SQLITE_CONSTRAINT", "unique"),
            ("SQLITE_CONSTRAINT", "SQLite error: FOREIGN KEY constraint failed", "foreign key"),
            ("7500", "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT", "foreign key"),
            ("SQLITE_CONSTRAINT", "SQLite error: NOT NULL constraint failed: users.id", "refused"),
            ("SQLITE_BUSY", "SQLite error: database is locked", "unavailable"),
            ("SQLITE_BUSY_SNAPSHOT", "SQLite error: database is locked", "contention"),
            ("TRANSACTION_TIMEOUT", "Transaction timed out", "unavailable"),
            ("BLOCKED", "Operation was blocked", "unavailable"),
            ("7500", "D1 DB is overloaded. Too many requests queued.", "unavailable"),
            ("7500", "no such table: users: SQLITE_ERROR", "refused"),
            ("SQL_PARSE_ERROR", "SQL string could not be parsed", "refused"),
        ] {
            let error = of_statement(code, message, Access::Write);

            assert_eq!(kind(&error), expected, "{code}: {message}");
            if let DriverError::UniqueViolated { table, .. } = error {
                assert_eq!(table.as_deref(), Some("users"));
            }
        }
        let too_large = |access| kind(&of_statement("RESPONSE_TOO_LARGE", "too large", access));
        assert_eq!((too_large(Access::Read), too_large(Access::Write)), ("refused", "unavailable"));
    }

    #[test]
    fn a_status_is_an_outage_unless_it_stays() {
        for (status, expected) in
            [(400, "refused"), (401, "refused"), (404, "refused"), (429, "unavailable"), (502, "unavailable")]
        {
            assert_eq!(kind(&of_status(status, b"<html>")), expected, "{status}");
        }
    }
}
