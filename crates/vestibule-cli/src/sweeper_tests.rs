use vestibule_core::{
    NewSession, NewUser, Sessions, Timestamp, TokenHash, Users, VerificationToken, VerificationTokens,
};
use vestibule_memory::Memory;
use vestibule_testkit::{SeededRandom, TestClock};

use super::*;

fn sweeper(store: &Memory, clock: &TestClock, batch: u32) -> Sweeper {
    Sweeper {
        store: Arc::new(store.clone()),
        clock: Arc::new(clock.clone()),
        random: Arc::new(SeededRandom::default()),
        batch,
    }
}

/// `count` sessions and tokens each that have expired, and one of each that has not.
async fn fill(store: &Memory, now: Timestamp, count: usize) {
    let user = store.create_user(&NewUser::default(), None).await.unwrap().id;
    for number in 0..=count {
        let expires = if number == count { now.after(TERM) } else { now.before(TERM) };
        let session = NewSession::new(format!("s{number}"), user.clone(), expires);
        store.create_session(&session).await.unwrap();
        let token = VerificationToken {
            identifier: "ada@example.com".into(),
            token: TokenHash::from(format!("t{number}")),
            expires,
        };
        store.create_verification_token(&token).await.unwrap();
    }
}

#[tokio::test]
async fn what_has_expired_goes_in_as_many_batches_as_it_takes() {
    let (store, clock) = (Memory::new(), TestClock::default());
    fill(&store, clock.now(), 7).await;

    let swept = sweeper(&store, &clock, 3).sweep(|| false).await.unwrap();

    assert_eq!(swept, Swept::Deleted { sessions: 7, tokens: 7 });
    assert!(store.session_and_user(&"s7".into()).await.unwrap().is_some());
    let token = store.consume_verification_token("ada@example.com", &"t7".into()).await.unwrap();
    assert!(token.is_some());
}

#[tokio::test]
async fn while_another_process_sweeps_nothing_is_done() {
    let (store, clock) = (Memory::new(), TestClock::default());
    fill(&store, clock.now(), 2).await;
    let now = clock.now();
    let lease = store.acquire_lease(LEASE, now, now.after(TERM)).await.unwrap().unwrap();

    assert_eq!(sweeper(&store, &clock, 10).sweep(|| false).await.unwrap(), Swept::Elsewhere);
    assert!(store.session_and_user(&"s0".into()).await.unwrap().is_some());

    store.release_lease(&lease).await.unwrap();
    let swept = sweeper(&store, &clock, 10).sweep(|| false).await.unwrap();
    assert_eq!(swept, Swept::Deleted { sessions: 2, tokens: 2 });
}

#[tokio::test]
async fn a_process_that_died_while_sweeping_is_succeeded_after_its_term() {
    let (store, clock) = (Memory::new(), TestClock::default());
    let now = clock.now();
    store.acquire_lease(LEASE, now, now.after(TERM)).await.unwrap().unwrap();
    let sweeper = sweeper(&store, &clock, 10);

    assert_eq!(sweeper.sweep(|| false).await.unwrap(), Swept::Elsewhere);
    clock.advance(TERM + Duration::from_millis(1));

    assert!(matches!(sweeper.sweep(|| false).await.unwrap(), Swept::Deleted { .. }));
}

#[tokio::test]
async fn the_lease_is_given_back_after_a_sweep() {
    let (store, clock) = (Memory::new(), TestClock::default());
    sweeper(&store, &clock, 10).sweep(|| false).await.unwrap();
    let now = clock.now();

    assert!(store.acquire_lease(LEASE, now, now.after(TERM)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_sweep_that_is_told_to_stop_ends_after_its_batch_and_gives_the_lease_back() {
    let (store, clock) = (Memory::new(), TestClock::default());
    fill(&store, clock.now(), 7).await;

    let swept = sweeper(&store, &clock, 3).sweep(|| true).await.unwrap();

    assert_eq!(swept, Swept::Deleted { sessions: 3, tokens: 3 });
    let now = clock.now();
    assert!(store.acquire_lease(LEASE, now, now.after(TERM)).await.unwrap().is_some());
}

#[test]
fn times_differ_and_stay_near_the_interval() {
    let sweeper = sweeper(&Memory::new(), &TestClock::default(), 1);
    let interval = Duration::from_mins(10);

    let waits: Vec<Duration> = (0..100).map(|_| sweeper.jittered(interval)).collect();

    assert!(waits.iter().all(|wait| (interval / 2..=interval * 3 / 2).contains(wait)));
    assert!(waits.iter().max().unwrap().saturating_sub(*waits.iter().min().unwrap()) > interval / 2);
}
