//! Counting in the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_core::{AdapterError, Clock, Timestamp};
use vestibule_engine::{Admission, Limit, LimitKey, Permit, RateLimiter, StoreRateLimiter};
use vestibule_memory::Memory;
use vestibule_testkit::{Fault, FaultyAdapter, SeededRandom, TestClock};

const TWO: Limit = Limit::new(2, Duration::from_hours(1));

fn limiter(store: &FaultyAdapter) -> StoreRateLimiter {
    StoreRateLimiter::new(Arc::new(store.clone()), Arc::new(SeededRandom::default()))
}

fn store() -> FaultyAdapter {
    FaultyAdapter::new(Arc::new(Memory::new()))
}

fn now() -> Timestamp {
    TestClock::default().now()
}

async fn admit(limiter: &StoreRateLimiter, key: &str, now: Timestamp) -> Result<Permit, Duration> {
    match limiter.admit(&LimitKey::new(key), TWO, now).await.unwrap() {
        Admission::Granted(permit) => Ok(permit),
        Admission::Refused { retry_after } => Err(retry_after),
    }
}

#[tokio::test]
async fn a_key_has_room_for_so_many_until_its_window_ends() {
    let (store, now) = (store(), now());
    let limiter = limiter(&store);
    admit(&limiter, "a", now).await.unwrap();
    admit(&limiter, "a", now).await.unwrap();

    let wait = admit(&limiter, "a", now).await.unwrap_err();

    assert!(wait > Duration::ZERO && wait <= TWO.window());
    admit(&limiter, "b", now).await.unwrap();
    let end = now.after(wait);
    let last = admit(&limiter, "a", end.before(Duration::from_millis(1))).await;
    assert_eq!(last.unwrap_err(), Duration::from_millis(1));
    admit(&limiter, "a", end).await.unwrap();
    admit(&limiter, "a", end).await.unwrap();
    assert_eq!(admit(&limiter, "a", end).await.unwrap_err(), TWO.window());
}

#[tokio::test]
async fn what_is_given_back_is_there_again() {
    let (store, now) = (store(), now());
    let limiter = limiter(&store);
    let first = admit(&limiter, "a", now).await.unwrap();
    admit(&limiter, "a", now).await.unwrap();
    admit(&limiter, "a", now).await.unwrap_err();

    limiter.give_back(first.clone()).await.unwrap();
    limiter.give_back(first).await.unwrap();

    admit(&limiter, "a", now).await.unwrap();
    admit(&limiter, "a", now).await.unwrap_err();
}

#[tokio::test]
async fn a_process_that_saw_it_full_asks_again_after_a_second() {
    let (store, now) = (store(), now());
    let (one, other) = (limiter(&store), limiter(&store));
    let permit = admit(&one, "a", now).await.unwrap();
    admit(&one, "a", now).await.unwrap();
    admit(&other, "a", now).await.unwrap_err();
    one.give_back(permit).await.unwrap();
    store.take_calls();

    admit(&other, "a", now.after(Duration::from_millis(999))).await.unwrap_err();
    assert_eq!(store.take_calls(), [""; 0]);
    admit(&other, "a", now.after(Duration::from_secs(1))).await.unwrap();
}

#[tokio::test]
async fn what_is_no_permit_of_its_own_gives_nothing_back() {
    let (store, now) = (store(), now());
    let limiter = limiter(&store);
    admit(&limiter, "a", now).await.unwrap();
    admit(&limiter, "a", now).await.unwrap();

    for text in ["", "x", "x y", "a"] {
        limiter.give_back(Permit::new(text)).await.unwrap();
    }

    admit(&limiter, "a", now.after(Duration::from_secs(2))).await.unwrap_err();
}

#[tokio::test]
async fn of_many_at_once_as_many_are_admitted_as_there_is_room_for() {
    for _ in 0..10 {
        let (store, now) = (store(), now());
        let limiters = [Arc::new(limiter(&store)), Arc::new(limiter(&store))];
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let limiter = Arc::clone(&limiters[number % 2]);
            tasks.spawn(async move { admit(&limiter, "a", now).await.is_ok() });
        }

        assert_eq!(tasks.join_all().await.into_iter().filter(|admitted| *admitted).count(), 2);
    }
}

#[tokio::test]
async fn an_outage_is_an_error_and_neither_answer() {
    let (store, now) = (store(), now());
    let limiter = limiter(&store);
    let permit = admit(&limiter, "a", now).await.unwrap();
    store.fail(Fault::Unavailable);

    let key = LimitKey::new("a");
    assert!(matches!(limiter.admit(&key, TWO, now).await, Err(AdapterError::Unavailable(_))));
    assert!(matches!(limiter.give_back(permit).await, Err(AdapterError::Unavailable(_))));
}
