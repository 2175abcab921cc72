//! What somebody who knows a database has to write: two methods.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use vestibule_core::BoxError;

use crate::{Dialect, Row, Statement, Value};

/// A statement that runs, as [`Driver::look_up`] returns it.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, DriverError>> + Send + 'a>>;

/// Runs statements on a database, on a pool or connection that belongs to the caller.
///
/// A driver owns no SQL: it passes the text through. It prepares by text and keeps the prepared statement, so
/// that each call costs one round trip. Parameters match [`Statement::params`]; the cells of a row come back as
/// the [`Value`] that the column's own type calls for.
#[async_trait]
pub trait Driver: fmt::Debug + Send + Sync + 'static {
    /// The dialect that statements must be compiled for.
    fn dialect(&self) -> Dialect;

    /// Runs one statement in a transaction of its own and returns all its rows. One round trip.
    ///
    /// A future that is dropped leaves the statement either done or not; it must not leave the connection in
    /// the middle of anything for its next user.
    ///
    /// # Errors
    ///
    /// [`DriverError`], by the database's error code.
    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError>;

    /// Runs one statement that reads a row or two by unique keys, which takes a database microseconds. It is
    /// [`run`](Self::run) unless the driver does something else about it, and what it answers is the same.
    ///
    /// A driver whose calls block may make this one on the async runtime's own thread, where any other must be made
    /// elsewhere; a driver with connections that many share may send several of these as one statement. A driver
    /// around another one passes it on.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        self.run(statement, params)
    }

    /// Runs several statements in order as one transaction, each seeing what was committed before it began
    /// (`READ COMMITTED`) or nothing else running at all (SQLite). One round trip where the protocol allows.
    ///
    /// The first error undoes all of it and is returned. Returns the rows of each statement.
    ///
    /// # Errors
    ///
    /// [`DriverError`], by the database's error code.
    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError>;
}

/// Why a statement failed, as far as the adapter does something different about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The database undid the transaction because of another one that ran at the same time: a deadlock or a
    /// serialization failure. Nothing was written; the adapter tries again.
    #[error("the transaction lost against another one")]
    Contention(#[source] BoxError),

    /// A foreign key points to nothing. Nothing was written.
    #[error("a foreign key is violated")]
    ForeignKeyViolated(#[source] BoxError),

    /// The database refused for good. Nothing was written.
    #[error("the database refused the statement")]
    Refused(#[source] BoxError),

    /// The database could not be reached, went away, or did not answer in time. A write may have happened.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),

    /// A key exists already. Nothing was written.
    #[error("a unique key is violated")]
    UniqueViolated {
        /// The table, without schema, as the database names it, if it says so.
        table: Option<Box<str>>,
        /// What the database said.
        source: BoxError,
    },
}

#[async_trait]
impl<D: Driver + ?Sized> Driver for std::sync::Arc<D> {
    fn dialect(&self) -> Dialect {
        (**self).dialect()
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        (**self).run(statement, params).await
    }

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        (**self).look_up(statement, params)
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        (**self).run_all(batch).await
    }
}
