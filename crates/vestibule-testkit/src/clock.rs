//! A clock that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use vestibule_core::{Clock, Timestamp};

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    millis: AtomicI64,
    moved: Notify,
}

impl TestClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Shown { millis: AtomicI64::new(now.as_millis()), moved: Notify::new() }))
    }

    /// Puts the clock to `now`, which may be earlier.
    pub fn set(&self, now: Timestamp) {
        self.0.millis.store(now.as_millis(), Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }

    /// Moves the clock on.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().after(duration));
    }

    /// Waits until somebody has moved the clock on to `at`.
    pub async fn until(&self, at: Timestamp) {
        loop {
            let moved = self.0.moved.notified();
            if self.now() >= at {
                return;
            }
            moved.await;
        }
    }
}

impl Default for TestClock {
    /// 2026-11-20T13:06:13.652Z.
    fn default() -> Self {
        Self::at(Timestamp::from_millis(1_795_179_973_652))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.millis.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_moved() {
        let clock = TestClock::at(Timestamp::from_secs(10));
        let same = clock.clone();

        clock.advance(Duration::from_millis(1500));

        assert_eq!(same.now(), Timestamp::from_millis(11_500));
        clock.set(Timestamp::from_secs(1));
        assert_eq!(same.now(), Timestamp::from_secs(1));
    }

    #[tokio::test]
    async fn whoever_waits_goes_on_when_the_clock_is_moved_far_enough() {
        let clock = TestClock::at(Timestamp::from_secs(10));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(Timestamp::from_secs(12)).await }
        });

        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());

        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
    }
}
