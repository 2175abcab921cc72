//! Cases on verification tokens.

use std::sync::Arc;

use vestibule_core::{Adapter, Entity, Timestamp};

use crate::values::{HOUR, conflict, far, kept, near_and_far, now, tick, token};

/// A token is spent by its first use, and comes back whole.
pub async fn a_token_is_consumed_once(store: &Arc<dyn Adapter>) {
    let new = token("ada@example.com", "hash", now(&**store));
    store.create_verification_token(&new).await.unwrap();

    let first = store.consume_verification_token("ada@example.com", &new.token).await.unwrap();
    let second = store.consume_verification_token("ada@example.com", &new.token).await.unwrap();

    assert_eq!(first, Some(new));
    assert_eq!(second, None);
}

/// An expired token is returned and gone like any other; the caller judges.
pub async fn an_expired_token_is_consumed_too(store: &Arc<dyn Adapter>) {
    let new = token("ada@example.com", "hash", Timestamp::from_secs(1));
    store.create_verification_token(&new).await.unwrap();

    let first = store.consume_verification_token("ada@example.com", &new.token).await.unwrap();
    let second = store.consume_verification_token("ada@example.com", &new.token).await.unwrap();

    assert_eq!(first, Some(new));
    assert_eq!(second, None);
}

/// A token's expiry keeps its precision, however far it is.
pub async fn a_token_expiry_keeps_its_precision(store: &Arc<dyn Adapter>) {
    for at in near_and_far() {
        let new = token("ada@example.com", &at.as_millis().to_string(), at);
        store.create_verification_token(&new).await.unwrap();

        let consumed = store.consume_verification_token("ada@example.com", &new.token).await.unwrap();

        assert_eq!(consumed.unwrap().expires, kept(&**store, at));
    }
}

/// A wrong identifier, or a wrong token, in whatever case, gets nothing and leaves the token alone.
pub async fn a_token_is_bound_to_its_exact_identifier(store: &Arc<dyn Adapter>) {
    let new = token("ada@example.com", "abcdef", now(&**store));
    store.create_verification_token(&new).await.unwrap();

    for (identifier, wrong) in [
        ("bob@example.com", "abcdef"),
        ("Ada@example.com", "abcdef"),
        ("ada@example.com ", "abcdef"),
        ("", "abcdef"),
        ("%", "abcdef"),
        ("ada@example.com", "ABCDEF"),
        ("ada@example.com", "abcdef "),
        ("ada@example.com", "abcde"),
        ("ada@example.com", "abcde_"),
        ("ada@example.com", "%"),
        ("ada@example.com", ""),
    ] {
        let consumed = store.consume_verification_token(identifier, &wrong.into()).await.unwrap();
        assert_eq!(consumed, None, "{identifier:?} {wrong:?}");
    }

    let consumed = store.consume_verification_token("ada@example.com", &"abcdef".into()).await.unwrap();
    assert_eq!(consumed, Some(new));
}

/// One identifier may have several tokens, and one token several identifiers; each is spent alone.
pub async fn tokens_are_independent(store: &Arc<dyn Adapter>) {
    let tokens = [
        token("ada@example.com", "one", now(&**store)),
        token("ada@example.com", "two", now(&**store).after(HOUR)),
        token("bob@example.com", "one", Timestamp::from_secs(1)),
    ];
    for new in &tokens {
        store.create_verification_token(new).await.unwrap();
    }

    for new in tokens {
        let consumed = store.consume_verification_token(&new.identifier, &new.token).await.unwrap();
        assert_eq!(consumed, Some(new));
    }
}

/// The same token for the same identifier is refused; the first stays as it is. Once spent it may return.
pub async fn a_token_exists_once(store: &Arc<dyn Adapter>) {
    let first = token("ada@example.com", "hash", now(&**store));
    let second = token("ada@example.com", "hash", far());
    store.create_verification_token(&first).await.unwrap();

    assert_eq!(conflict(store.create_verification_token(&second).await), Entity::VerificationToken);

    let consumed = store.consume_verification_token("ada@example.com", &first.token).await.unwrap();
    assert_eq!(consumed, Some(first.clone()));
    store.create_verification_token(&first).await.unwrap();
}

/// Tokens that have expired at the given time are deleted; one that expires at that very time has not.
pub async fn expired_tokens_are_deleted(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let old = token("ada@example.com", "old", Timestamp::from_secs(1));
    let before = token("ada@example.com", "before", now.before(tick(&**store)));
    let edge = token("ada@example.com", "edge", now);
    let live = token("ada@example.com", "live", now.after(tick(&**store)));
    for new in [&old, &before, &edge, &live] {
        store.create_verification_token(new).await.unwrap();
    }

    assert_eq!(store.delete_expired_tokens(now, 100).await.unwrap(), 2);
    assert_eq!(store.delete_expired_tokens(now, 100).await.unwrap(), 0);

    for (new, left) in [(old, false), (before, false), (edge, true), (live, true)] {
        let consumed = store.consume_verification_token(&new.identifier, &new.token).await.unwrap();
        assert_eq!(consumed, left.then_some(new));
    }
}

/// No more than `limit` tokens are deleted; fewer means that none is left.
pub async fn the_limit_bounds_deleted_tokens(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    for (at, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let identifier = if at < 3 { "ada@example.com" } else { "bob@example.com" };
        let new = token(identifier, name, Timestamp::from_secs(1));
        store.create_verification_token(&new).await.unwrap();
    }

    assert_eq!(store.delete_expired_tokens(now, 0).await.unwrap(), 0);
    assert_eq!(store.delete_expired_tokens(now, 2).await.unwrap(), 2);
    assert_eq!(store.delete_expired_tokens(now, 2).await.unwrap(), 2);
    assert_eq!(store.delete_expired_tokens(now, u32::MAX).await.unwrap(), 1);
    assert_eq!(store.delete_expired_tokens(now, 2).await.unwrap(), 0);
}
