//! Session tokens: what stands in the store, and what signs nobody in.

use vestibule_core::{
    Adapter, AdapterError, Change, FirstSession, NewSession, NewUser, SecretToken, SessionChanges, Sessions,
};
use vestibule_vault::PlainSessions;

use crate::support::{self, HASH_OF_TOKEN, HOUR, NOW, POLICY};

fn expires_later() -> SessionChanges {
    SessionChanges { expires: Change::Set(NOW.after(HOUR * 20)), ..SessionChanges::default() }
}

#[tokio::test]
async fn the_store_holds_the_hash_and_the_caller_gets_the_token() {
    for plain in [PlainSessions::Adopted, PlainSessions::Ignored] {
        let set = support::sessions(plain).await;
        let token = SecretToken::from("token");
        let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));

        let created = set.store.create_session(&new).await.unwrap();

        assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
        assert_eq!(created.token, token);
        let (found, _) = set.store.session_and_user(&token).await.unwrap().unwrap();
        assert_eq!(found, created);
        let touched = set.store.touch_session(&token, NOW, &POLICY).await.unwrap().unwrap();
        assert_eq!(touched.session.token, token);
        let updated = set.store.update_session(&token, &expires_later()).await.unwrap().unwrap();
        assert_eq!(updated.token, token);
        assert_eq!(set.store.delete_session(&token).await.unwrap().unwrap().token, token);
        assert_eq!(set.stored_tokens().await, [""; 0]);
    }
}

/// The name that the store has for a session, told to be a token.
#[tokio::test]
async fn a_hash_used_as_a_token_is_nobodys_without_a_look_into_the_store() {
    for plain in [PlainSessions::Adopted, PlainSessions::Ignored] {
        let set = support::sessions(plain).await;
        let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));
        set.store.create_session(&new).await.unwrap();
        set.faulty.take_calls();

        for hash in
            [HASH_OF_TOKEN.to_owned(), HASH_OF_TOKEN.to_uppercase(), "sha256:".into(), "sha256:x".into()]
        {
            let hash = SecretToken::from(hash);
            assert_eq!(set.store.session_and_user(&hash).await.unwrap(), None);
            assert_eq!(set.store.touch_session(&hash, NOW, &POLICY).await.unwrap(), None);
            assert_eq!(set.store.update_session(&hash, &expires_later()).await.unwrap(), None);
            assert_eq!(set.store.update_session(&hash, &SessionChanges::default()).await.unwrap(), None);
            assert_eq!(set.store.delete_session(&hash).await.unwrap(), None);
            let new = NewSession::new(hash, set.user.id.clone(), NOW);
            let created = set.store.create_session(&new).await;
            assert!(matches!(created, Err(AdapterError::Refused { operation: "create_session", .. })));
            let first = FirstSession { token: new.token, expires: NOW, extra: new.extra };
            let signed_up = set.store.sign_up(&NewUser::default(), None, &first).await;
            assert!(matches!(signed_up, Err(AdapterError::Refused { operation: "sign_up", .. })));
        }

        assert_eq!(set.faulty.take_calls(), [""; 0]);
        assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
    }
}

/// The hash of a hash is no way in either, nor is what a row would be called that was hashed twice.
#[tokio::test]
async fn a_bare_hash_is_a_token_like_any_other() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));
    set.store.create_session(&new).await.unwrap();

    let digits = SecretToken::from(&HASH_OF_TOKEN["sha256:".len()..]);

    assert_eq!(set.store.session_and_user(&digits).await.unwrap(), None);
    assert_eq!(set.store.delete_session(&digits).await.unwrap(), None);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn a_hash_keeps_no_session() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));
    set.store.create_session(&new).await.unwrap();

    let hash = SecretToken::from(HASH_OF_TOKEN);

    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&hash)).await.unwrap(), 1);
}

#[tokio::test]
async fn once_migrated_every_operation_is_one_round_trip() {
    let set = support::sessions(PlainSessions::Ignored).await;
    let (token, unknown) = ("token".into(), "unknown".into());
    let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR));

    set.store.create_session(&new).await.unwrap();
    let first = FirstSession::new("first", NOW.after(HOUR));
    set.store.sign_up(&NewUser::default(), None, &first).await.unwrap();
    set.store.session_and_user(&token).await.unwrap().unwrap();
    set.store.session_and_user(&unknown).await.unwrap();
    let touched = set.store.touch_session(&token, NOW, &POLICY).await.unwrap().unwrap();
    assert_ne!(touched.previous_expiry, touched.session.expires);
    set.store.touch_session(&unknown, NOW, &POLICY).await.unwrap();
    set.store.update_session(&token, &expires_later()).await.unwrap().unwrap();
    set.store.update_session(&unknown, &expires_later()).await.unwrap();
    let listed = set.store.sessions_of_user(&set.user.id).await.unwrap();
    set.store.delete_sessions_of_user(&set.user.id, Some(&token)).await.unwrap();
    set.store.delete_session(&listed[0].token).await.unwrap().unwrap();
    set.store.delete_session(&token).await.unwrap();

    let expected = [
        "create_session",
        "sign_up",
        "session_and_user",
        "session_and_user",
        "touch_session",
        "touch_session",
        "update_session",
        "update_session",
        "sessions_of_user",
        "delete_sessions_of_user",
        "delete_session",
        "delete_session",
    ];
    assert_eq!(set.faulty.take_calls(), expected);
}

/// What the documentation says that it costs to look for plain rows.
#[tokio::test]
async fn while_migrating_a_hashed_session_is_found_in_one_round_trip() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let (token, unknown) = ("token".into(), "unknown".into());
    let new = NewSession::new("token", set.user.id.clone(), NOW.after(HOUR * 10));
    set.store.create_session(&new).await.unwrap();
    set.faulty.take_calls();

    set.store.session_and_user(&token).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["session_and_user"]);
    set.store.touch_session(&token, NOW, &POLICY).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["touch_session"]);
    set.store.update_session(&token, &SessionChanges::default()).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["update_session"]);

    set.store.session_and_user(&unknown).await.unwrap();
    assert_eq!(set.faulty.take_calls(), ["session_and_user", "update_session", "session_and_user"]);
    set.store.touch_session(&token, NOW.after(HOUR), &POLICY).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["touch_session", "update_session"]);
    set.store.update_session(&token, &expires_later()).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["update_session", "update_session"]);
    set.store.delete_sessions_of_user(&set.user.id, Some(&token)).await.unwrap();
    assert_eq!(set.faulty.take_calls(), ["sessions_of_user", "delete_sessions_of_user"]);
    set.store.delete_session(&token).await.unwrap().unwrap();
    assert_eq!(set.faulty.take_calls(), ["delete_session", "delete_session"]);
}

#[tokio::test]
async fn an_outage_is_an_outage_and_never_nobody() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;
    let token = "token".into();

    for calls in 0..5 {
        set.faulty.fail_after(calls, vestibule_testkit::Fault::Unavailable);
        let found = set.store.session_and_user(&"unknown".into()).await;
        assert!(matches!(found, Err(AdapterError::Unavailable(_))) || calls >= 3, "{calls}: {found:?}");
    }
    set.faulty.fail(vestibule_testkit::Fault::Unavailable);
    assert!(matches!(set.store.touch_session(&token, NOW, &POLICY).await, Err(AdapterError::Unavailable(_))));
    assert!(matches!(set.store.delete_session(&token).await, Err(AdapterError::Unavailable(_))));
}

#[tokio::test]
async fn nothing_prints_a_token_or_a_hash() {
    let set = support::sessions(PlainSessions::Adopted).await;
    let new = NewSession::new("hunter2", set.user.id.clone(), NOW.after(HOUR));
    set.store.create_session(&new).await.unwrap();

    let listed = set.store.sessions_of_user(&set.user.id).await.unwrap();
    let printed = format!("{:?} {listed:?}", set.store);

    for secret in ["hunter2", "sha256:", "listed:"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
