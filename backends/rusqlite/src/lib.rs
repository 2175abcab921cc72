//! SQLite through [`rusqlite`]: a file, `:memory:`, or the caller's own connections.
//!
//! A file has one writer, on a thread of its own, and several readers. What runs where:
//!
//! | what | where |
//! |---|---|
//! | a look-up by a unique key that is there | where it is asked for, on the async runtime: it takes a few microseconds |
//! | any other read: a list, a look-up on a table without the key, the catalogue | on one of the readers' threads |
//! | a read that a lock is in the way of | on the writer's thread, which waits |
//! | a write, and a batch | on the writer's thread |
//!
//! So the runtime never waits for an `fsync`, a lock, a scan, or another call that has the connection: a look-up that finds
//! no reader free goes to their threads. From a cold file a look-up may wait until the disk has answered. Which keys are there
//! [`SqlAdapter::inspect`](vestibule_sql::SqlAdapter::inspect) finds out; without it nothing counts as a look-up.
//!
//! Writes that wait at the same time share one transaction, and so one `fsync`. What the readers see is committed, and
//! never older than the last write that was answered. In memory there is one connection, which the writer's thread has, and
//! on which look-ups run when it is free.
//!
//! It cannot be shared over a network file system. Several processes on one machine can use one file.

mod connection;
mod error;
mod readers;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
pub use rusqlite;
use rusqlite::{Connection, OpenFlags};
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Running, Statement, Value};

use crate::connection::run_one;
use crate::readers::Readers;
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
    /// In memory, on the writer's own connection.
    Memory { writer: Writer, connection: Arc<Mutex<Connection>> },
    /// In a file. Without readers the writer reads.
    File { writer: Writer, readers: Option<Readers> },
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
    /// If SQLite cannot make one or no thread can be started.
    pub fn in_memory() -> Result<Self, rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        connection::prepare(&connection)?;
        let connection = Arc::new(Mutex::new(connection));
        let place = Place::Memory { writer: Writer::start(Arc::clone(&connection))?, connection };
        Ok(Self { inner: Arc::new(Inner { place }) })
    }

    /// Uses the caller's own connections to one database file, which should be in WAL mode.
    ///
    /// `readers` may be empty; then the writer reads as well, and nothing runs on the async runtime. Of several, one
    /// is left to look-ups. On each connection foreign keys are switched on and
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
        let readers: Vec<_> = readers.into_iter().collect();
        readers.iter().try_for_each(connection::prepare_reader)?;
        let readers = if readers.is_empty() { None } else { Some(Readers::start(readers)?) };
        let place = Place::File { writer: Writer::start(Arc::new(Mutex::new(writer)))?, readers };
        Ok(Self { inner: Arc::new(Inner { place }) })
    }
}

impl Place {
    fn writer(&self) -> &Writer {
        match self {
            Self::Memory { writer, .. } | Self::File { writer, .. } => writer,
        }
    }

    /// Looks something up here and now. `None` if that would mean to wait for anybody.
    fn at_once(&self, text: &str, params: &[Value]) -> Option<Result<Vec<Row>, DriverError>> {
        let look_up = |connection: &Connection| run_one(connection, text, params);
        let done = match self {
            Self::Memory { connection, .. } => readers::free(connection).map(|free| look_up(&free)),
            Self::File { readers, .. } => readers.as_ref()?.at_once(look_up),
        };
        match done? {
            Err(failure) if error::is_busy(&failure) => None,
            done => Some(done.map_err(error::map)),
        }
    }
}

#[async_trait]
impl Driver for Rusqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let place = &self.inner.place;
        let work = || (Arc::clone(&statement.text), params.to_vec());
        if let (Access::Read, Place::File { readers: Some(readers), .. }) = (statement.access, place)
            && let Some(rows) = readers.run(work()).await?
        {
            return Ok(rows);
        }
        let mut results = place.writer().run(vec![work()]).await?;
        Ok(results.pop().unwrap_or_default())
    }

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        Box::pin(async move {
            match self.inner.place.at_once(&statement.text, params) {
                Some(done) => done,
                None => self.run(statement, params).await,
            }
        })
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let work = batch.iter().map(|(statement, params)| (Arc::clone(&statement.text), params.to_vec()));
        self.inner.place.writer().run(work.collect()).await
    }
}
