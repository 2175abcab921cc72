//! What a list shows of a session, and what that is good for.

use std::sync::Arc;

use vestibule_core::{Change, NewSession, NewUser, SecretToken, Session, SessionChanges, Sessions, Users};
use vestibule_vault::{HashedSessions, Key, PlainSessions};

use crate::support::{self, HASH_OF_TOKEN, HOUR, NOW, POLICY, Set};

async fn with_sessions(plain: PlainSessions) -> Set<HashedSessions> {
    let set = support::sessions(plain).await;
    for (token, hours) in [("token", 3), ("phone", 2), ("tablet", 1)] {
        let new = NewSession::new(token, set.user.id.clone(), NOW.after(HOUR * hours));
        set.store.create_session(&new).await.unwrap();
    }
    set
}

async fn list(set: &Set<HashedSessions>) -> Vec<Session> {
    set.store.sessions_of_user(&set.user.id).await.unwrap()
}

#[tokio::test]
async fn a_list_shows_neither_tokens_nor_hashes() {
    let set = with_sessions(PlainSessions::Adopted).await;
    set.plain("plain").await;

    let listed = list(&set).await;

    assert_eq!(listed.len(), 4);
    let stored = set.stored_tokens().await;
    for session in listed {
        assert!(session.token.expose().starts_with("listed:"));
        assert!(!stored.contains(&session.token.expose().to_owned()));
    }
}

#[tokio::test]
async fn the_session_of_a_request_is_found_in_the_list() {
    let set = with_sessions(PlainSessions::Adopted).await;
    set.plain_until("plain", NOW.after(HOUR * 4)).await;
    let listed = list(&set).await;

    for (at, token) in ["plain", "token", "phone", "tablet"].into_iter().enumerate() {
        let (session, _) = set.store.session_and_user(&token.into()).await.unwrap().unwrap();
        assert_eq!(set.store.listed(&session), listed[at].token);
        assert_eq!(set.store.listed(&listed[at]), listed[at].token);
    }
    assert_eq!(list(&set).await.len(), 4);
}

#[tokio::test]
async fn a_listed_session_is_ended_or_kept_and_no_other() {
    for plain in [PlainSessions::Adopted, PlainSessions::Ignored] {
        let set = with_sessions(plain).await;
        let listed = list(&set).await;

        let ended = set.store.delete_session(&listed[1].token).await.unwrap();

        assert_eq!(ended.as_ref(), Some(&listed[1]));
        assert_eq!(set.store.delete_session(&listed[1].token).await.unwrap(), None);
        assert_eq!(set.store.session_and_user(&"phone".into()).await.unwrap(), None);
        assert_eq!(list(&set).await, [listed[0].clone(), listed[2].clone()]);

        let keep = Some(&listed[2].token);
        assert_eq!(set.store.delete_sessions_of_user(&set.user.id, keep).await.unwrap(), 1);
        assert_eq!(list(&set).await, [listed[2].clone()]);
    }
}

#[tokio::test]
async fn what_a_list_shows_signs_nobody_in() {
    let set = with_sessions(PlainSessions::Adopted).await;
    let listed = list(&set).await.remove(0).token;
    let changes = SessionChanges { expires: Change::Set(NOW), ..SessionChanges::default() };
    set.faulty.take_calls();

    assert_eq!(set.store.session_and_user(&listed).await.unwrap(), None);
    assert_eq!(set.store.touch_session(&listed, NOW, &POLICY).await.unwrap(), None);
    assert_eq!(set.store.update_session(&listed, &changes).await.unwrap(), None);
    let new = NewSession::new(listed.clone(), set.user.id.clone(), NOW);
    assert!(set.store.create_session(&new).await.is_err());

    assert_eq!(set.faulty.take_calls(), [""; 0]);
    assert!(set.store.session_and_user(&"token".into()).await.unwrap().is_some());
}

/// Whoever reads the database knows hashes and user ids, and not the key.
#[tokio::test]
async fn what_a_list_shows_cannot_be_made_from_what_stands_in_the_database() {
    let set = with_sessions(PlainSessions::Adopted).await;
    let forger = HashedSessions::new(Arc::new(set.memory.clone()));
    let digits = &HASH_OF_TOKEN["sha256:".len()..];
    let theirs = forger.sessions_of_user(&set.user.id).await.unwrap().remove(0).token;
    set.faulty.take_calls();

    for forged in [theirs, format!("listed:{digits}").into(), format!("listed:{digits}..MQ").into()] {
        assert_eq!(set.store.delete_session(&forged).await.unwrap(), None);
    }

    assert_eq!(set.faulty.take_calls(), [""; 0]);
    assert_eq!(list(&set).await.len(), 3);
}

#[tokio::test]
async fn what_a_list_shows_is_good_wherever_the_key_is() {
    let set = with_sessions(PlainSessions::Adopted).await;
    let key = Key::from_secret("a secret of 32 or more random characters").unwrap();
    let inner = Arc::new(set.memory.clone());
    let here = HashedSessions::new(inner.clone()).with_list_key(&key);
    let there = HashedSessions::new(inner).with_list_key(&key);

    let shown = here.sessions_of_user(&set.user.id).await.unwrap().remove(0);

    assert_eq!(there.delete_session(&shown.token).await.unwrap(), Some(shown));
}

#[tokio::test]
async fn a_plain_session_is_ended_from_a_list() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;
    set.plain_until("phone", NOW.after(HOUR)).await;
    let listed = list(&set).await;

    let ended = set.store.delete_session(&listed[0].token).await.unwrap();

    assert_eq!(ended.as_ref(), Some(&listed[0]));
    assert_eq!(set.stored_tokens().await, ["phone"]);
    assert_eq!(set.store.session_and_user(&"token".into()).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_is_adopted_after_it_was_listed_is_ended_too() {
    let set = support::sessions(PlainSessions::Adopted).await;
    set.plain("token").await;
    let listed = list(&set).await.remove(0);

    set.store.session_and_user(&"token".into()).await.unwrap().unwrap();

    assert!(set.store.delete_session(&listed.token).await.unwrap().is_some());
    assert_eq!(set.stored_tokens().await, [""; 0]);
}

#[tokio::test]
async fn plain_sessions_that_do_not_count_are_not_listed() {
    let set = with_sessions(PlainSessions::Ignored).await;
    set.plain("plain").await;

    assert_eq!(list(&set).await.len(), 3);
}

/// Rows that nothing here wrote.
#[tokio::test]
async fn rows_under_texts_that_no_token_can_be_are_not_listed_and_can_be_deleted() {
    let set = with_sessions(PlainSessions::Adopted).await;
    for odd in ["sha256:odd", "listed:odd", "SHA256:odd"] {
        set.plain(odd).await;
    }

    assert_eq!(list(&set).await.len(), 3);
    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 0);
    let token = SecretToken::from("token");
    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&token)).await.unwrap(), 5);
    assert_eq!(set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn a_list_is_of_one_user() {
    let set = with_sessions(PlainSessions::Adopted).await;
    let bob = set.memory.create_user(&NewUser::with_email("bob@example.com"), None).await.unwrap();
    let new = NewSession::new("bob", bob.id.clone(), NOW);
    set.store.create_session(&new).await.unwrap();

    let listed = set.store.sessions_of_user(&bob.id).await.unwrap();

    assert_eq!(listed.len(), 1);
    assert_eq!(set.store.delete_sessions_of_user(&set.user.id, Some(&listed[0].token)).await.unwrap(), 3);
    assert_eq!(set.store.sessions_of_user(&bob.id).await.unwrap(), listed);
}
