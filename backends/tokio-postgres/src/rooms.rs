//! Room for the large futures that operations need, used again and again.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::stock::Stock;

/// What is done in a room.
pub(crate) trait Job: Send + 'static {
    /// What comes of it.
    type Outcome: Send + 'static;

    /// Does it.
    fn run(self) -> impl Future<Output = Self::Outcome> + Send;
}

/// Places where jobs are done, each by a future that does one after the other.
///
/// The future that runs a statement is large, since it may have to connect or to prepare, and nearly always does
/// neither. Made anew for each operation it would have to be copied to where it stays, and would make what the
/// caller waits for so large that an allocator takes the slow path for it. Together that costs about as much as
/// all else that this crate adds to a read.
pub(crate) struct Rooms<J: Job> {
    idle: Stock<Room<J>>,
}

/// A worker and the table where it finds what to do. It works only while it is polled.
struct Room<J: Job> {
    table: Arc<Table<J>>,
    worker: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// The job that was put there, and what came of the last one.
struct Table<J: Job> {
    job: Mutex<Option<J>>,
    outcome: Mutex<Option<J::Outcome>>,
}

impl<J: Job> Default for Rooms<J> {
    fn default() -> Self {
        Self { idle: Stock::default() }
    }
}

impl<J: Job> fmt::Debug for Rooms<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

impl<J: Job> Rooms<J> {
    /// Does the job in a room that is idle, or else in a new one.
    ///
    /// If this is dropped before the job is done, so is the room with the job.
    pub(crate) async fn accommodate(&self, job: J) -> J::Outcome {
        let mut room = self.idle.take().unwrap_or_else(Room::new);
        *lock(&room.table.job) = Some(job);
        let outcome = poll_fn(|context| {
            // Never ready: when it is done with this job, it looks for the next.
            let _: Poll<()> = room.worker.as_mut().poll(context);
            lock(&room.table.outcome).take().map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        self.idle.put_back(room);
        outcome
    }
}

impl<J: Job> Room<J> {
    fn new() -> Self {
        let table = Arc::new(Table { job: Mutex::new(None), outcome: Mutex::new(None) });
        let worker = Box::pin(work(Arc::clone(&table)));
        Self { table, worker }
    }
}

async fn work<J: Job>(table: Arc<Table<J>>) {
    loop {
        // Nobody needs to be woken: whoever puts a job there polls as well.
        let job = poll_fn(|_| lock(&table.job).take().map_or(Poll::Pending, Poll::Ready)).await;
        let outcome = job.run().await;
        *lock(&table.outcome) = Some(outcome);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::future::{join_all, poll_immediate};
    use tokio::task::yield_now;

    use super::*;

    /// Adds one, in two steps; or never does anything, if there is no number.
    struct AddOne(Option<u32>, #[expect(dead_code, reason = "counted")] Arc<()>);

    impl Job for AddOne {
        type Outcome = u32;

        async fn run(self) -> u32 {
            let Some(number) = self.0 else { return pending().await };
            yield_now().await;
            number + 1
        }
    }

    #[tokio::test]
    async fn a_room_is_used_again() {
        let (rooms, used) = (Rooms::default(), Arc::new(()));

        let first = rooms.accommodate(AddOne(Some(1), Arc::clone(&used))).await;
        let second = rooms.accommodate(AddOne(Some(2), Arc::clone(&used))).await;

        assert_eq!([first, second], [2, 3]);
        assert_eq!((rooms.idle.len(), Arc::strong_count(&used)), (1, 1), "one room, which keeps nothing");
    }

    #[tokio::test]
    async fn jobs_at_the_same_time_do_not_meet() {
        let (rooms, used) = (Rooms::default(), Arc::new(()));

        let jobs = (0..8).map(|number| rooms.accommodate(AddOne(Some(number), Arc::clone(&used))));
        let outcomes = join_all(jobs).await;

        assert_eq!(outcomes, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_any_more_is_dropped() {
        let (rooms, used) = (Rooms::default(), Arc::new(()));
        rooms.accommodate(AddOne(Some(1), Arc::clone(&used))).await;

        let outcome = poll_immediate(Box::pin(rooms.accommodate(AddOne(None, Arc::clone(&used))))).await;

        assert_eq!((outcome, Arc::strong_count(&used), rooms.idle.len()), (None, 1, 0));
    }
}
