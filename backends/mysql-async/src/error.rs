//! The driver's errors, and the server's numbers inside them.

use std::error::Error as StdError;

use mysql_async::{DriverError as Inner, Error, IoError};
use vestibule_sql::{DriverError, mysql};

pub(crate) fn map(error: Error) -> DriverError {
    match error {
        Error::Server(said) => mysql::error(said.code, &said.message),
        // Printed here, as some of them hold what came over the wire.
        Error::Driver(
            problem @ (Inner::ConnectionClosed
            | Inner::PoolDisconnected
            | Inner::PacketOutOfOrder
            | Inner::UnexpectedPacket { .. }
            | Inner::BadCompressedPacketHeader),
        ) => DriverError::Unavailable(problem.to_string().into()),
        Error::Driver(problem) => DriverError::Refused(problem.to_string().into()),
        Error::Io(problem) => DriverError::Unavailable(problem.into()),
        Error::Other(problem) => DriverError::Unavailable(problem),
        Error::Url(problem) => DriverError::Refused(problem.into()),
    }
}

/// Nobody answered in time.
pub(crate) fn timed_out(what: &str) -> DriverError {
    DriverError::Unavailable(format!("timed out waiting for {what}").into())
}

/// Whether the connection was closed before the answer came.
pub(crate) fn is_closed(source: &(dyn StdError + Send + Sync + 'static)) -> bool {
    source.is::<IoError>()
}

/// Whether the server forgot a statement that was prepared; nothing was done.
pub(crate) fn is_stale(error: &Error) -> bool {
    matches!(error, Error::Server(said) if mysql::is_stale(said.code))
}
