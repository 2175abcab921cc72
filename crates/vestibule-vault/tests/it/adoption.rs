//! Sessions from before: each counts once more, and is hashed from then on.

use std::sync::Arc;

use serde_json::json;
use vestibule_core::{Change, NewSession, SecretToken, Session, SessionChanges, Sessions, Users};
use vestibule_testkit::sql::Made;
use vestibule_vault::{HashedSessions, PlainSessions};

use crate::support::{self, HASH_OF_TOKEN, HOUR, NOW, POLICY};

fn token() -> SecretToken {
    "token".into()
}

#[tokio::test]
async fn a_plain_session_is_found_once_and_hashed_from_then_on() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let mut new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));
    new.extra = [("device".into(), json!("phone"))].into();
    let plain = set.memory.create_session(&new).await.unwrap();

    let (session, user) = set.store.session_and_user(&token()).await.unwrap().unwrap();

    assert_eq!(user, set.user);
    assert_eq!(Session { id: plain.id.clone(), ..session.clone() }, plain);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
    set.faulty.take_calls();
    assert_eq!(set.store.session_and_user(&token()).await.unwrap(), Some((session, user)));
    assert_eq!(set.faulty.take_calls(), ["session_and_user"]);
    assert_eq!(set.memory.session_and_user(&token()).await.unwrap(), None);
}

#[tokio::test]
async fn adoption_costs_five_round_trips_once() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;

    set.store.touch_session(&token(), NOW, &POLICY).await.unwrap().unwrap();

    let expected = ["touch_session", "update_session", "create_session", "delete_session", "touch_session"];
    assert_eq!(set.faulty.take_calls(), expected);
}

#[tokio::test]
async fn a_plain_session_is_extended_when_it_is_touched() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let plain = set.plain_until("token", NOW.after(HOUR)).await;

    let touched = set.store.touch_session(&token(), NOW, &POLICY).await.unwrap().unwrap();

    assert_eq!(touched.previous_expiry, plain.expires);
    assert_eq!(touched.session.expires, POLICY.expiry(NOW));
    assert_eq!(touched.session.token, token());
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn an_expired_plain_session_is_dropped_when_it_is_touched() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain_until("token", NOW).await;

    assert_eq!(set.store.touch_session(&token(), NOW, &POLICY).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn a_plain_session_is_updated_under_its_new_name() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let plain = set.plain("token").await;
    let changes = SessionChanges {
        expires: Change::Set(NOW.after(HOUR)),
        extra: [("device".into(), json!("phone"))].into(),
    };

    let updated = set.store.update_session(&token(), &changes).await.unwrap().unwrap();

    let expected = Session {
        id: updated.id.clone(),
        expires: NOW.after(HOUR),
        extra: [("device".into(), json!("phone"))].into(),
        ..plain
    };
    assert_eq!(updated, expected);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn a_plain_session_ends() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let plain = set.plain("token").await;

    assert_eq!(set.store.delete_session(&token()).await.unwrap(), Some(plain));
    assert_eq!(set.store.delete_session(&token()).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn a_plain_session_is_kept_while_all_others_end() {
    let set = support::sessions(PlainSessions::Adopted).await;
    for plain in ["token", "phone", "tablet"] {
        set.plain(plain).await;
    }
    set.store.session_and_user(&"tablet".into()).await.unwrap().unwrap();
    let new = NewSession::new("laptop", set.user.id.clone(), NOW);
    set.store.create_session(&new).await.unwrap();

    let ended = set.store.delete_sessions_of_user(&set.user.id, Some(&token())).await.unwrap();

    assert_eq!(ended, 3);
    assert_eq!(set.stored_tokens().await, ["token"]);
    assert!(set.store.session_and_user(&token()).await.unwrap().is_some());
}

#[tokio::test]
async fn plain_sessions_end_with_all_others() {
    let set = support::sessions(PlainSessions::Adopted).await;
    for plain in ["token", "phone"] {
        set.plain(plain).await;
    }

    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, None).await.unwrap(), 2);
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn once_migrated_plain_sessions_do_not_count() {
    let set = support::sessions(PlainSessions::Ignored).await;
    set.plain("token").await;
    let changes = SessionChanges { expires: Change::Set(NOW), ..SessionChanges::default() };

    assert_eq!(set.store.session_and_user(&token()).await.unwrap(), None);
    assert_eq!(set.store.touch_session(&token(), NOW, &POLICY).await.unwrap(), None);
    assert_eq!(set.store.update_session(&token(), &changes).await.unwrap(), None);
    assert_eq!(set.store.delete_session(&token()).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, ["token"]);
    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&token())).await.unwrap(), 1);
}

#[tokio::test]
async fn a_session_whose_user_is_deleted_meanwhile_is_not_adopted() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;
    let (memory, gone) = (set.memory.clone(), set.user.id.clone());
    set.faulty.meanwhile("create_session", move || async move {
        memory.delete_user(&gone).await.unwrap().unwrap();
    });

    assert_eq!(set.store.session_and_user(&token()).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

/// The published tables allow it. If the user's id is given again, the session must not come along.
#[tokio::test]
async fn a_plain_session_without_a_user_is_dropped() {
    let (driver, adapter, _folder) = support::sqlite(Made::Published).await;
    let insert = "INSERT INTO sessions (\"userId\", expires, \"sessionToken\") \
                  VALUES (7, '2100-01-01T00:00:00.000Z', 'token')";
    support::run(&driver, insert).await;
    let store = HashedSessions::new(Arc::new(adapter));

    assert_eq!(store.session_and_user(&token()).await.unwrap(), None);

    assert!(support::run(&driver, "SELECT * FROM sessions").await.is_empty());
}

#[tokio::test]
async fn all_sessions_of_a_user_are_hashed_at_once() {
    for plain in [PlainSessions::Adopted, PlainSessions::Ignored] {
        let set = support::sessions(plain).await;
        for token in ["token", "phone"] {
            set.plain(token).await;
        }
        let new = NewSession::new("tablet", set.user.id.clone(), NOW);
        set.store.create_session(&new).await.unwrap();

        assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 2);
        assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 0);

        assert!(set.stored_tokens().await.iter().all(|token| token.starts_with("sha256:")));
        let strict = set.store.clone().with_plain_sessions(PlainSessions::Ignored);
        for token in ["token", "phone", "tablet"] {
            assert!(strict.session_and_user(&token.into()).await.unwrap().is_some());
        }
    }
}
