//! The one writer, on a thread of its own.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
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
type Answers = Vec<(Answer, oneshot::Sender<Answer>)>;

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
    /// Nobody else keeps the connection for longer than a look-up takes.
    pub(crate) fn start(connection: Arc<Mutex<Connection>>) -> Result<Self, rusqlite::Error> {
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
fn serve(connection: &Mutex<Connection>, queue: &Receiver<Job>) {
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
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails on closed connections only, and then so does what follows.
        drop(connection.busy_timeout(PATIENCE.saturating_sub(oldest).max(SHORTEST_WAIT)));
        let done = if jobs.len() == 1 {
            Ok(jobs.drain(..).map(|job| (alone(&connection, &job.work), job.reply)).collect())
        } else {
            together(&connection, std::mem::take(&mut jobs))
        };
        // Whoever is answered finds it free.
        drop(connection);
        match done {
            Ok(answers) => answers.into_iter().for_each(|(answer, reply)| drop(reply.send(answer))),
            Err(again) => jobs = again,
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
fn together(connection: &Connection, jobs: Vec<Job>) -> Result<Answers, Vec<Job>> {
    if let Err(failure) = connection.execute_batch("BEGIN IMMEDIATE") {
        if error::is_busy(&failure) {
            return Err(jobs);
        }
        let message = failure.to_string();
        let fail = |job: Job| (Err(DriverError::Unavailable(message.clone().into())), job.reply);
        return Ok(jobs.into_iter().map(fail).collect());
    }
    let mut answers: Answers = jobs
        .into_iter()
        .map(|job| {
            let done = savepoint(connection, &job.work);
            (done.map_err(error::map), job.reply)
        })
        .collect();
    let committed = connection.execute_batch("COMMIT");
    if committed.is_err() {
        roll_back(connection);
    }
    if let Err(failure) = committed {
        let message = failure.to_string();
        for (answer, _) in &mut answers {
            *answer = Err(DriverError::Unavailable(message.clone().into()));
        }
    }
    Ok(answers)
}

fn savepoint(connection: &Connection, work: &[Work]) -> Result<Vec<Vec<Row>>, rusqlite::Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute(())?;
    let done = run_all(connection, work);
    let end = if done.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end)?;
    done
}
