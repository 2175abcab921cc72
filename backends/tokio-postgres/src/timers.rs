//! Giving up after a while, with timers that are used again.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::stock::Stock;

/// The timers of all operations.
///
/// Nearly every operation is answered long before its time is up, and registering a timer with the runtime each
/// time, and removing it again, costs more than what an operation needs one for. So a timer stays registered when
/// an operation is done with it, and the next one moves it on only if it goes off before its own time is up.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    idle: Stock<Timer>,
}

/// A timer, and the runtime that it belongs to.
struct Timer {
    runtime: Id,
    sleep: Pin<Box<Sleep>>,
}

/// For how long to wait, in one go or in several. The time runs from when there is something to wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    span: Duration,
    began: Option<Instant>,
}

impl Limit {
    pub(crate) fn new(span: Duration) -> Self {
        Self { span, began: None }
    }

    /// When the time is up; `None` if that is too far away to be said.
    fn deadline(&mut self) -> Option<Instant> {
        self.began.get_or_insert_with(Instant::now).checked_add(self.span)
    }
}

impl Timers {
    /// Waits for `work` within the limit; `None` if there was no outcome by then.
    ///
    /// What has an outcome at once needs neither clock nor timer.
    pub(crate) async fn within<W: Future>(
        &self,
        limit: &mut Limit,
        mut work: Pin<&mut W>,
    ) -> Option<W::Output> {
        let mut lent = Lent { timers: self, timer: None };
        poll_fn(|context| {
            if let Poll::Ready(outcome) = work.as_mut().poll(context) {
                return Poll::Ready(Some(outcome));
            }
            let Some(deadline) = limit.deadline() else { return Poll::Pending };
            let timer = lent.timer.get_or_insert_with(|| self.take(deadline));
            timer.poll(deadline, context).map(|()| None)
        })
        .await
    }

    fn take(&self, deadline: Instant) -> Timer {
        let runtime = Handle::current().id();
        // Timers of a runtime that has ended never go off.
        let Some(mut timer) = self.idle.take().filter(|timer| timer.runtime == runtime) else {
            return Timer { runtime, sleep: Box::pin(sleep_until(deadline)) };
        };
        if timer.sleep.deadline() > deadline {
            timer.sleep.as_mut().reset(deadline);
        }
        timer
    }
}

impl Timer {
    fn poll(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.sleep.as_mut().poll(context));
            if self.sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            // That was the time of an earlier operation.
            self.sleep.as_mut().reset(deadline);
        }
    }
}

/// A timer that is put back by whoever is done with it, in whatever way.
struct Lent<'a> {
    timers: &'a Timers,
    timer: Option<Timer>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            self.timers.idle.put_back(timer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;

    use futures_util::future::join_all;
    use tokio::runtime::Builder;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::stock::MOST;

    const FIVE: Duration = Duration::from_secs(5);
    const MINUTE: Duration = Duration::from_mins(1);

    /// Waits for what takes `work`; tells whether it was done, and when.
    async fn wait(timers: &Timers, limit: Duration, work: Duration) -> (bool, Duration) {
        let begun = Instant::now();
        let outcome = timers.within(&mut Limit::new(limit), pin!(sleep(work))).await;
        (outcome.is_some(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_is_given_up_when_the_time_is_up() {
        let (timers, begun) = (Timers::default(), Instant::now());

        let outcome = timers.within(&mut Limit::new(FIVE), pin!(pending::<()>())).await;

        assert_eq!((outcome, begun.elapsed()), (None, FIVE));
    }

    #[tokio::test(start_paused = true)]
    async fn two_waits_share_one_limit() {
        let (timers, begun, mut limit) = (Timers::default(), Instant::now(), Limit::new(FIVE));

        let first = timers.within(&mut limit, pin!(sleep(FIVE / 2))).await;
        let second = timers.within(&mut limit, pin!(sleep(MINUTE))).await;

        assert_eq!((first, second, begun.elapsed()), (Some(()), None, FIVE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_was_used_before_does_not_go_off_early() {
        let timers = Timers::default();

        let first = wait(&timers, FIVE, FIVE / 2).await;
        let second = wait(&timers, FIVE, MINUTE).await;
        let third = wait(&timers, FIVE, FIVE / 2).await;

        assert_eq!([first, second, third], [(true, FIVE / 2), (false, FIVE), (true, FIVE / 2)]);
        assert_eq!(timers.idle.len(), 1, "all used one timer");
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_was_used_before_does_not_go_off_late() {
        let timers = Timers::default();
        wait(&timers, MINUTE, FIVE).await;

        let outcome = wait(&timers, FIVE, MINUTE).await;

        assert_eq!(outcome, (false, FIVE));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_there_at_once_takes_no_timer() {
        let timers = Timers::default();

        let outcome = timers.within(&mut Limit::new(Duration::ZERO), pin!(ready(1))).await;

        assert_eq!((outcome, timers.idle.len()), (Some(1), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_beyond_all_time_is_none() {
        let outcome = wait(&Timers::default(), Duration::MAX, FIVE).await;

        assert_eq!(outcome, (true, FIVE));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_stops_waiting_leaves_the_timer_to_others() {
        let timers = Timers::default();

        let stopped = timeout(Duration::from_secs(1), wait(&timers, FIVE, FIVE)).await;

        assert_eq!((stopped.is_err(), timers.idle.len()), (true, 1));
        assert_eq!(wait(&timers, FIVE, MINUTE).await, (false, FIVE));
    }

    #[test]
    fn a_timer_of_a_runtime_that_has_ended_is_not_used() {
        let timers = Timers::default();

        let outcomes = [(), ()].map(|()| {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(wait(&timers, FIVE, MINUTE))
        });

        assert_eq!(outcomes, [(false, FIVE); 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_crowd_not_all_timers_stay() {
        let timers = Timers::default();

        join_all((0..MOST * 2).map(|_| wait(&timers, FIVE, FIVE / 2))).await;

        assert_eq!(timers.idle.len(), MOST);
    }
}
