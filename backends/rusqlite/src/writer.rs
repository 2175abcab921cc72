//! The one writer, on a thread of its own.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;
use vestibule_sql::{DriverError, Row};

use crate::connection::{Work, roll_back, run_all, run_one, run_transaction};
use crate::{PATIENCE, error};

/// How many jobs share a transaction at the most.
const MOST_TOGETHER: usize = 64;
/// So that a turn with nearly no patience left does not spin.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

type Answer = Result<Vec<Vec<Row>>, DriverError>;

/// Statements that make one transaction, and who waits for it.
struct Job {
    work: Vec<Work>,
    asked: Instant,
    reply: oneshot::Sender<Answer>,
}

/// A handle to the writer's thread, which ends when the last handle is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> Result<Self, rusqlite::Error> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new().name("vestibule-sqlite".into());
        let started = thread.spawn(move || serve(&connection, &queue));
        started.map_err(|failure| rusqlite::Error::ToSqlConversionFailure(failure.into()))?;
        Ok(Self { jobs })
    }

    pub(crate) async fn run(&self, work: Vec<Work>) -> Answer {
        let (reply, answer) = oneshot::channel();
        let gone = || DriverError::Unavailable("the thread that writes to SQLite has ended".into());
        self.jobs.send(Job { work, asked: Instant::now(), reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Takes whatever waits, does it, and answers. Nobody waits longer than `PATIENCE`, in the queue and for another
/// process taken together.
fn serve(connection: &Connection, queue: &Receiver<Job>) {
    let mut jobs: Vec<Job> = Vec::new();
    loop {
        if jobs.is_empty() {
            let Ok(first) = queue.recv() else { return };
            jobs.push(first);
        }
        jobs.extend(queue.try_iter().take(MOST_TOGETHER.saturating_sub(jobs.len())));
        // Nobody waits for these any more, or has waited too long.
        jobs.retain(|job| !job.reply.is_closed());
        for job in jobs.extract_if(.., |job| job.asked.elapsed() >= PATIENCE) {
            drop(job.reply.send(Err(DriverError::Unavailable("the queue of writes is too long".into()))));
        }
        let Some(oldest) = jobs.iter().map(|job| job.asked.elapsed()).max() else { continue };
        // It fails on closed connections only, and then so does what follows.
        drop(connection.busy_timeout(PATIENCE.saturating_sub(oldest).max(SHORTEST_WAIT)));
        if jobs.len() == 1 {
            for job in jobs.drain(..) {
                drop(job.reply.send(alone(connection, &job.work)));
            }
        } else {
            jobs = together(connection, jobs);
        }
    }
}

fn alone(connection: &Connection, work: &[Work]) -> Answer {
    let done = match work {
        [(text, params)] => run_one(connection, text, params).map(|rows| vec![rows]),
        work => run_transaction(connection, work),
    };
    done.map_err(error::map)
}

/// Runs every job in a savepoint of one transaction, so that they share one `fsync` and a failure is its own.
/// Gives them back if another process was in the way for as long as the oldest of them can wait.
fn together(connection: &Connection, jobs: Vec<Job>) -> Vec<Job> {
    if let Err(failure) = connection.execute_batch("BEGIN IMMEDIATE") {
        if error::is_busy(&failure) {
            return jobs;
        }
        let message = failure.to_string();
        for job in jobs {
            drop(job.reply.send(Err(DriverError::Unavailable(message.clone().into()))));
        }
        return Vec::new();
    }
    let answers: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let done = savepoint(connection, &job.work);
            (job.reply, done.map_err(error::map))
        })
        .collect();
    let committed = connection.execute_batch("COMMIT");
    if committed.is_err() {
        roll_back(connection);
    }
    let failed = committed.err().map(|failure| failure.to_string());
    for (reply, answer) in answers {
        let answer = match &failed {
            None => answer,
            Some(message) => Err(DriverError::Unavailable(message.clone().into())),
        };
        drop(reply.send(answer));
    }
    Vec::new()
}

fn savepoint(connection: &Connection, work: &[Work]) -> Result<Vec<Vec<Row>>, rusqlite::Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute(())?;
    let done = run_all(connection, work);
    let end = if done.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end)?;
    done
}
