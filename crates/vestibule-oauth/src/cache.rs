//! What was fetched and is kept for a while.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vestibule_core::{Clock, Timestamp};

use crate::OAuthError;

/// How long a failure is kept, so that all who waited for one fetch learn how it ended, and a provider that is down is
/// not asked by everybody at once.
const FAILURE_LASTS: Duration = Duration::from_secs(2);

/// Keeps the last value of each key for as long as each reader wants. No two fetches of a key run at once.
///
/// At most `limit` keys are kept; the one that was not asked for the longest goes first.
pub(crate) struct Cache<T> {
    slots: Mutex<HashMap<Box<str>, Arc<Slot<T>>>>,
    limit: usize,
    turn: AtomicU64,
}

struct Slot<T> {
    last: Mutex<Last<T>>,
    /// Held while fetching.
    flight: futures_util::lock::Mutex<()>,
    used: AtomicU64,
}

struct Last<T> {
    value: Option<(Timestamp, Arc<T>)>,
    failure: Option<(Timestamp, OAuthError)>,
}

impl<T> Cache<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { slots: Mutex::default(), limit, turn: AtomicU64::new(0) }
    }

    /// The value of a key if it is younger than `lasts`, else what `fetch` brings.
    ///
    /// A fetch that fails leaves the old value where it is, for readers who are content with it.
    pub(crate) async fn get<F>(
        &self,
        key: &str,
        lasts: Duration,
        clock: &dyn Clock,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<T>, OAuthError>
    where
        F: Future<Output = Result<T, OAuthError>> + Send,
    {
        let slot = self.slot(key);
        if let Some(known) = slot.known(lasts, clock.now()) {
            return known;
        }
        let _flight = slot.flight.lock().await;
        // Whoever was before us in the queue may have fetched it.
        if let Some(known) = slot.known(lasts, clock.now()) {
            return known;
        }
        let fetched = fetch().await.map(Arc::new);
        let mut last = lock(&slot.last);
        match &fetched {
            Ok(value) => *last = Last { value: Some((clock.now(), Arc::clone(value))), failure: None },
            Err(error) => last.failure = Some((clock.now(), error.clone())),
        }
        fetched
    }

    fn slot(&self, key: &str) -> Arc<Slot<T>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(key) {
            slot.used.store(turn, Ordering::Relaxed);
            return Arc::clone(slot);
        }
        if slots.len() >= self.limit {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                slots.remove(&oldest);
            }
        }
        let last = Mutex::new(Last { value: None, failure: None });
        let slot =
            Arc::new(Slot { last, flight: futures_util::lock::Mutex::new(()), used: AtomicU64::new(turn) });
        slots.insert(key.into(), Arc::clone(&slot));
        slot
    }
}

impl<T> Slot<T> {
    fn known(&self, lasts: Duration, now: Timestamp) -> Option<Result<Arc<T>, OAuthError>> {
        let last = lock(&self.last);
        match (&last.value, &last.failure) {
            (Some((at, value)), _) if is_younger(*at, lasts, now) => Some(Ok(Arc::clone(value))),
            (_, Some((at, error))) if is_younger(*at, FAILURE_LASTS, now) => Some(Err(error.clone())),
            _ => None,
        }
    }
}

/// A time in the future, after the clock was put back, is not young: else it could stay for ever.
fn is_younger(at: Timestamp, lasts: Duration, now: Timestamp) -> bool {
    at <= now && now < at.after(lasts)
}

/// Nothing is left half-done under these locks, so a thread that panicked elsewhere does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Barrier;
    use vestibule_testkit::TestClock;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    async fn get(cache: &Cache<u32>, key: &str, clock: &TestClock, value: u32) -> u32 {
        *cache.get(key, HOUR, clock, || async move { Ok(value) }).await.unwrap()
    }

    #[tokio::test]
    async fn a_value_stays_for_its_time_and_not_longer() {
        let (cache, clock) = (Cache::new(8), TestClock::default());

        assert_eq!(get(&cache, "a", &clock, 1).await, 1);
        clock.advance(HOUR.checked_sub(Duration::from_millis(1)).unwrap());
        assert_eq!(get(&cache, "a", &clock, 2).await, 1);
        clock.advance(Duration::from_millis(1));
        assert_eq!(get(&cache, "a", &clock, 3).await, 3);
    }

    #[tokio::test]
    async fn a_clock_that_was_put_back_does_not_make_a_value_stay_for_ever() {
        let (cache, clock) = (Cache::new(8), TestClock::default());
        get(&cache, "a", &clock, 1).await;

        clock.set(clock.now().before(HOUR));

        assert_eq!(get(&cache, "a", &clock, 2).await, 2);
    }

    #[tokio::test]
    async fn a_failure_is_kept_for_a_moment_and_does_not_cost_the_old_value() {
        let (cache, clock) = (Cache::new(8), TestClock::default());
        get(&cache, "a", &clock, 1).await;
        clock.advance(Duration::from_mins(1));

        let failing =
            cache.get("a", Duration::from_secs(30), &clock, || async { Err(OAuthError::CodeMissing) });
        assert!(failing.await.is_err());
        let again = cache.get("a", Duration::from_secs(30), &clock, || async { Ok(2) });
        assert!(again.await.is_err());
        assert_eq!(get(&cache, "a", &clock, 3).await, 1);
        clock.advance(FAILURE_LASTS);
        let later = cache.get("a", Duration::from_secs(30), &clock, || async { Ok(4) });
        assert_eq!(*later.await.unwrap(), 4);
    }

    #[tokio::test]
    async fn the_key_that_was_not_asked_for_the_longest_goes_first() {
        let (cache, clock) = (Cache::new(2), TestClock::default());
        get(&cache, "a", &clock, 1).await;
        get(&cache, "b", &clock, 1).await;
        get(&cache, "a", &clock, 2).await;

        get(&cache, "c", &clock, 1).await;

        assert_eq!(lock(&cache.slots).len(), 2);
        assert_eq!(get(&cache, "a", &clock, 2).await, 1);
        assert_eq!(get(&cache, "b", &clock, 2).await, 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_at_once_fetch_once() {
        const TASKS: usize = 32;
        let (cache, fetches) = (Arc::new(Cache::new(8)), Arc::new(AtomicUsize::new(0)));
        let barrier = Arc::new(Barrier::new(TASKS));

        let tasks = (0..TASKS).map(|_| {
            let (cache, fetches, barrier) = (Arc::clone(&cache), Arc::clone(&fetches), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                let fetch = || async {
                    fetches.fetch_add(1, Ordering::SeqCst);
                    for _ in 0..8 {
                        tokio::task::yield_now().await;
                    }
                    Ok(1)
                };
                *cache.get("a", HOUR, &TestClock::default(), fetch).await.unwrap()
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap(), 1);
        }

        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_fetch_that_was_dropped_leaves_the_way_free() {
        let (cache, clock) = (Cache::new(8), TestClock::default());

        let never = cache.get("a", HOUR, &clock, std::future::pending);
        tokio::select! { biased; _ = never => unreachable!(), () = std::future::ready(()) => {} }

        assert_eq!(get(&cache, "a", &clock, 1).await, 1);
    }
}
