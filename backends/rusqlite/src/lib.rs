//! SQLite through [`rusqlite`]: a file, `:memory:`, or the caller's own connections.
//!
//! A file has one writer, on a thread of its own, and several readers. A write waits for the disk there and never
//! on the async runtime; writes that wait at the same time share one transaction, and so one `fsync`. A read takes
//! a few microseconds and runs inline; where it would have to wait for a lock it goes to the writer instead.
//! What the readers see is committed, and never older than the last write that was answered.
//!
//! It cannot be shared over a network file system. Several processes on one machine can use one file.

mod connection;
mod error;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use async_trait::async_trait;
pub use rusqlite;
use rusqlite::{Connection, OpenFlags};
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value};

use crate::connection::run_one;
use crate::writer::Writer;

/// How long a write waits for another process, and for the writes before it, until it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections read a file.
const READERS: usize = 4;

/// Runs statements on SQLite. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct Rusqlite {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
}

/// Where the data is.
#[derive(Debug)]
enum Place {
    /// In memory: nothing ever waits for a disk or another process.
    Memory(Mutex<Connection>),
    /// In a file.
    File { writer: Writer, readers: Box<[Mutex<Connection>]>, next: AtomicUsize },
}

impl Rusqlite {
    /// Opens a file, and creates it, for the owner's eyes only, if it is not there. `:memory:` is
    /// [`in_memory`](Self::in_memory).
    ///
    /// Sets write-ahead logging, full synchronization, foreign keys, and a busy timeout of 5 s.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or is no SQLite database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, rusqlite::Error> {
        let path = path.as_ref();
        // Both names would give each connection a database of its own.
        match path.to_str() {
            Some(":memory:") => return Self::in_memory(),
            Some("") => return Err(rusqlite::Error::InvalidPath(path.to_owned())),
            _ => connection::create_private(path),
        }
        // A path is a path, even if it begins with `file:`.
        let flags = OpenFlags::default() - OpenFlags::SQLITE_OPEN_URI;
        let open = || Connection::open_with_flags(path, flags);
        let writer = open()?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        let readers = (0..READERS).map(|_| open()).collect::<Result<Vec<_>, _>>()?;
        Self::with_connections(writer, readers)
    }

    /// Opens a file that is there, only to look at it: nothing in it is changed, its journal mode included.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it is no SQLite database.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::with_connections(Connection::open_with_flags(path, flags)?, [])
    }

    /// A database that lives in memory as long as this value and its clones.
    ///
    /// # Errors
    ///
    /// If SQLite cannot make one.
    pub fn in_memory() -> Result<Self, rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        connection::prepare(&connection)?;
        Ok(Self { inner: Arc::new(Inner { place: Place::Memory(Mutex::new(connection)) }) })
    }

    /// Uses the caller's own connections to one database file, which should be in WAL mode.
    ///
    /// `readers` may be empty; then the writer reads as well. On each connection foreign keys are switched on and
    /// the busy timeout is set; readers are made read-only and map up to 1 GiB
    /// of the file into memory.
    ///
    /// # Errors
    ///
    /// If a connection refuses its settings or no thread can be started.
    pub fn with_connections(
        writer: Connection,
        readers: impl IntoIterator<Item = Connection>,
    ) -> Result<Self, rusqlite::Error> {
        connection::prepare(&writer)?;
        let readers = readers.into_iter().map(|reader| {
            connection::prepare_reader(&reader)?;
            Ok(Mutex::new(reader))
        });
        let readers = readers.collect::<Result<Box<[_]>, rusqlite::Error>>()?;
        let place = Place::File { writer: Writer::start(writer)?, readers, next: AtomicUsize::new(0) };
        Ok(Self { inner: Arc::new(Inner { place }) })
    }
}

/// Runs `work` on a reader that is free, or waits the few microseconds until one is.
fn with_reader<T>(
    readers: &[Mutex<Connection>],
    next: &AtomicUsize,
    work: impl FnOnce(&Connection) -> T,
) -> T {
    let start = next.fetch_add(1, Ordering::Relaxed);
    for step in 0..readers.len() {
        match readers[(start + step) % readers.len()].try_lock() {
            Ok(reader) => return work(&reader),
            Err(TryLockError::Poisoned(reader)) => return work(&reader.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    work(&readers[start % readers.len()].lock().unwrap_or_else(PoisonError::into_inner))
}

#[async_trait]
impl Driver for Rusqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        match &self.inner.place {
            Place::Memory(connection) => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                run_one(&connection, &statement.text, params).map_err(error::map)
            }
            Place::File { writer, readers, next } => {
                if statement.access == Access::Read && !readers.is_empty() {
                    let result =
                        with_reader(readers, next, |reader| run_one(reader, &statement.text, params));
                    match result {
                        Err(failure) if error::is_busy(&failure) => {}
                        result => return result.map_err(error::map),
                    }
                }
                let mut results = writer.run(vec![(Arc::clone(&statement.text), params.to_vec())]).await?;
                Ok(results.pop().unwrap_or_default())
            }
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let work: Vec<_> =
            batch.iter().map(|(statement, params)| (Arc::clone(&statement.text), params.to_vec())).collect();
        match &self.inner.place {
            Place::Memory(connection) => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                connection::run_transaction(&connection, &work).map_err(error::map)
            }
            Place::File { writer, .. } => writer.run(work).await,
        }
    }
}
