//! A process that dies between two steps, or whose caller goes away.

use std::task::{Context, Waker};

use vestibule_core::{AdapterError, Change, SessionChanges, Sessions, TouchPolicy};
use vestibule_testkit::Fault;
use vestibule_vault::{HashedSessions, PlainSessions};

use crate::support::{self, HASH_OF_TOKEN, HOUR, NOW, POLICY, Set};

/// How many calls an adoption makes.
const CALLS: usize = 5;

/// A plain session whose adoption died between the two steps.
async fn left_over() -> Set<HashedSessions> {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;
    set.faulty.fail_after(3, Fault::Unavailable);
    let found = set.store.session_and_user(&"token".into()).await;
    assert!(matches!(found, Err(AdapterError::Unavailable(_))), "{found:?}");
    set.faulty.recover();
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN, "token"]);
    set
}

#[tokio::test]
async fn a_crash_at_any_step_signs_nobody_out() {
    for calls in 0..CALLS {
        let set = support::sessions(PlainSessions::Adopted).await;
        let plain = set.plain("token").await;
        set.faulty.fail_after(calls, Fault::Unavailable);

        let broken_off = set.store.touch_session(&"token".into(), NOW, &POLICY).await;

        assert!(matches!(broken_off, Err(AdapterError::Unavailable(_))), "{calls}: {broken_off:?}");
        set.faulty.recover();
        let (session, user) = set.store.session_and_user(&"token".into()).await.unwrap().unwrap();
        assert_eq!((session.expires, user), (plain.expires, set.user.clone()));
        assert!(set.stored_tokens().await.contains(&HASH_OF_TOKEN.to_owned()));
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_at_any_step_signs_nobody_out() {
    // Before each call to the store another task may run once.
    for polls in 1..=CALLS {
        let set = support::sessions(PlainSessions::Adopted).await;
        set.plain("token").await;
        let token = "token".into();
        let mut abandoned = set.store.touch_session(&token, NOW, &POLICY);
        for _ in 0..polls {
            assert!(abandoned.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        drop(abandoned);

        assert!(set.store.session_and_user(&token).await.unwrap().is_some(), "{polls}");
        assert!(set.store.delete_session(&token).await.unwrap().is_some());
        assert_eq!(set.stored_tokens().await, [""; 0]);
    }
}

#[tokio::test]
async fn what_a_crash_left_over_goes_when_the_session_is_extended_again() {
    let set = left_over().await;
    let (first, second) = (NOW.after(HOUR), NOW.after(HOUR * 2));

    set.store.touch_session(&"token".into(), first, &POLICY).await.unwrap().unwrap();
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN, "token"]);

    set.store.touch_session(&"token".into(), second, &POLICY).await.unwrap().unwrap();
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
    assert!(set.store.session_and_user(&"token".into()).await.unwrap().is_some());
}

/// Where every request extends, somebody may still be between the two steps of an adoption.
#[tokio::test]
async fn what_looks_left_over_stays_for_some_minutes() {
    let set = left_over().await;
    let always = TouchPolicy { update_age: std::time::Duration::ZERO, ..POLICY };

    for seconds in [1, 2, 3, 4] {
        let now = NOW.after(std::time::Duration::from_secs(seconds));
        set.store.touch_session(&"token".into(), now, &always).await.unwrap().unwrap();
        assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN, "token"]);
    }
    set.store.touch_session(&"token".into(), NOW.after(HOUR), &always).await.unwrap().unwrap();
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn what_a_crash_left_over_ends_with_its_session() {
    let set = left_over().await;
    assert!(set.store.delete_session(&"token".into()).await.unwrap().is_some());
    assert_eq!(set.stored_tokens().await, [""; 0]);

    let set = left_over().await;
    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&"other".into())).await.unwrap(), 2);
    assert_eq!(set.stored_tokens().await, [""; 0]);

    let set = left_over().await;
    let listed = set.store.sessions_of_user(&set.user.id).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(set.store.delete_session(&listed[0].token).await.unwrap().is_some());
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn what_a_crash_left_over_is_kept_and_ended_as_the_one_session_that_it_is() {
    let set = left_over().await;
    set.plain("phone").await;

    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&"token".into())).await.unwrap(), 1);
    assert!(set.store.session_and_user(&"token".into()).await.unwrap().is_some());
    assert_eq!(set.store.session_and_user(&"phone".into()).await.unwrap(), None);

    let set = left_over().await;
    set.plain("phone").await;
    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&"phone".into())).await.unwrap(), 1);
    assert_eq!(set.stored_tokens().await, ["phone"]);
}

#[tokio::test]
async fn what_a_crash_left_over_does_not_outlast_its_session() {
    let set = left_over().await;
    let changes = SessionChanges { expires: Change::Set(NOW), ..SessionChanges::default() };

    set.store.update_session(&"token".into(), &changes).await.unwrap().unwrap();

    assert_eq!(set.store.touch_session(&"token".into(), NOW, &POLICY).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn what_a_crash_left_over_goes_with_a_migration_once_nobody_adopts_any_more() {
    let set = left_over().await;

    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 0);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN, "token"]);

    let strict = set.store.clone().with_plain_sessions(PlainSessions::Ignored);
    assert_eq!(strict.migrate_user(&set.user.id).await.unwrap(), 0);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn a_migration_that_was_broken_off_begins_anew() {
    for calls in 0..5 {
        let set = support::sessions(PlainSessions::Adopted).await;
        for token in ["token", "phone"] {
            set.plain(token).await;
        }
        set.faulty.fail_after(calls, Fault::Unavailable);
        assert!(set.store.migrate_user(&set.user.id).await.is_err());
        set.faulty.recover();

        set.store.migrate_user(&set.user.id).await.unwrap();

        for token in ["token", "phone"] {
            assert!(set.store.session_and_user(&token.into()).await.unwrap().is_some(), "{calls}");
        }
    }
}
