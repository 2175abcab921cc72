//! diesel's errors. It keeps PostgreSQL's codes to itself and passes on a kind and the message.

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::PoolError as Inner;
use diesel_async::pooled_connection::deadpool::PoolError;
use vestibule_sql::{DriverError, postgres};

pub(crate) fn map(error: Error) -> DriverError {
    match &error {
        Error::DatabaseError(kind, said) => {
            let table = said.table_name().map(Into::into);
            match code(kind, said.message()) {
                Some(code) => postgres::error(code, table, error.into()),
                None => DriverError::Refused(error.into()),
            }
        }
        Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => {
            DriverError::Unavailable(error.into())
        }
        _ => DriverError::Refused(error.into()),
    }
}

/// The SQLSTATE that the kind stands for, or else the one that PostgreSQL sends this message with.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "it may grow, and cannot be copied by promise")]
fn code(kind: &DatabaseErrorKind, message: &str) -> Option<&'static str> {
    Some(match kind {
        DatabaseErrorKind::UniqueViolation => "23505",
        DatabaseErrorKind::ForeignKeyViolation => "23503",
        DatabaseErrorKind::SerializationFailure => "40001",
        DatabaseErrorKind::ReadOnlyTransaction => "25006",
        // diesel's word for everything that happens to the connection.
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => "08006",
        _ => {
            let known = MESSAGES.iter().find(|(beginning, _)| message.starts_with(beginning));
            known.map(|(_, code)| *code)?
        }
    })
}

/// How the messages begin that mean contention or an outage.
const MESSAGES: [(&str, &str); 11] = [
    ("deadlock detected", "40P01"),
    ("canceling statement due to lock timeout", "55P03"),
    ("could not obtain lock on ", "55P03"),
    ("canceling statement due to ", "57014"),
    ("terminating connection due to ", "57P01"),
    ("the database system is ", "57P03"),
    ("sorry, too many clients already", "53300"),
    ("remaining connection slots are reserved", "53300"),
    ("too many connections for ", "53300"),
    ("out of ", "53200"),
    ("could not extend file ", "53100"),
];

pub(crate) fn map_pool(error: PoolError) -> DriverError {
    match error {
        PoolError::Backend(Inner::QueryError(error)) => map(error),
        other => DriverError::Unavailable(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: DatabaseErrorKind, message: &str) -> DriverError {
        map(Error::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn kinds_and_messages_tell_what_happened() {
        assert!(matches!(
            said(DatabaseErrorKind::UniqueViolation, "duplicate key value"),
            DriverError::UniqueViolated { .. }
        ));
        assert!(matches!(
            said(DatabaseErrorKind::SerializationFailure, "could not serialize"),
            DriverError::Contention(_)
        ));
        assert!(matches!(said(DatabaseErrorKind::Unknown, "deadlock detected"), DriverError::Contention(_)));
        for message in [
            "canceling statement due to statement timeout",
            "terminating connection due to administrator command",
        ] {
            assert!(
                matches!(said(DatabaseErrorKind::Unknown, message), DriverError::Unavailable(_)),
                "{message}"
            );
        }
        assert!(matches!(
            said(DatabaseErrorKind::Unknown, "relation \"users\" does not exist"),
            DriverError::Refused(_)
        ));
    }
}
