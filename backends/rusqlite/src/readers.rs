//! The connections that read a file: for look-ups where they are asked for, for anything longer on threads of their own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;
use vestibule_sql::{DriverError, Row};

use crate::connection::{Work, run_one};
use crate::{PATIENCE, error};

/// The rows; `None` if there is a lock in the way, which a reader does not wait for.
type Answer = Result<Option<Vec<Row>>, DriverError>;

/// One statement, and who waits for it.
struct Job {
    work: Work,
    asked: Instant,
    reply: oneshot::Sender<Answer>,
}

/// A handle to the readers, whose threads end when it is dropped.
#[derive(Debug)]
pub(crate) struct Readers {
    connections: Arc<[Mutex<Connection>]>,
    next: AtomicUsize,
    jobs: Sender<Job>,
}

impl Readers {
    /// Takes the connections; there must be one. Of several, one is left to look-ups alone.
    pub(crate) fn start(connections: Vec<Connection>) -> Result<Self, rusqlite::Error> {
        let connections: Arc<[_]> = connections.into_iter().map(Mutex::new).collect();
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for at in 0..connections.len().saturating_sub(1).max(1) {
            let (connections, queue) = (Arc::clone(&connections), Arc::clone(&queue));
            let thread = std::thread::Builder::new().name("vestibule-sqlite-read".into());
            let started = thread.spawn(move || serve(&connections[at], &queue));
            started.map_err(|failure| rusqlite::Error::ToSqlConversionFailure(failure.into()))?;
        }
        Ok(Self { connections, next: AtomicUsize::new(0), jobs })
    }

    /// Runs `look_up` here and now on a connection that is free; `None` if none is.
    pub(crate) fn at_once<T>(&self, look_up: impl FnOnce(&Connection) -> T) -> Option<T> {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.connections.len();
        let mut each = (0..count).map(|step| &self.connections[(start + step) % count]);
        each.find_map(free).map(|connection| look_up(&connection))
    }

    /// Runs a statement on another thread, when its turn comes.
    pub(crate) async fn run(&self, work: Work) -> Answer {
        let (reply, answer) = oneshot::channel();
        let gone = || DriverError::Unavailable("the threads that read from SQLite have ended".into());
        self.jobs.send(Job { work, asked: Instant::now(), reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// The connection, if nobody uses it.
pub(crate) fn free(connection: &Mutex<Connection>) -> Option<MutexGuard<'_, Connection>> {
    match connection.try_lock() {
        Ok(connection) => Some(connection),
        Err(TryLockError::Poisoned(connection)) => Some(connection.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Takes one statement after another, together with the other threads. Nobody waits longer than `PATIENCE` for a turn.
fn serve(connection: &Mutex<Connection>, queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { work: (text, params), asked, reply }) = next else { return };
        if reply.is_closed() {
            continue;
        }
        if asked.elapsed() >= PATIENCE {
            drop(reply.send(Err(DriverError::Unavailable("the queue of reads is too long".into()))));
            continue;
        }
        // A look-up may have it, for microseconds.
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match run_one(&connection, &text, &params) {
            Err(failure) if error::is_busy(&failure) => Ok(None),
            done => done.map(Some).map_err(error::map),
        };
        drop(connection);
        drop(reply.send(answer));
    }
}
