//! Cases on sessions.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::{
    Adapter, Change, Entity, Extra, NewSession, Session, SessionChanges, Timestamp, TouchPolicy, Touched,
};

use crate::values::{
    HOUR, as_listed, conflict, create_session, create_session_until, create_user, far, kept, listed,
    near_and_far, now, owner_absent, tick, unknown_id,
};

/// Sessions live for ten hours and are extended once an hour has passed.
const POLICY: TouchPolicy = TouchPolicy {
    max_age: Duration::from_hours(10),
    update_age: Duration::from_hours(1),
};

/// A created session is returned as it is stored, and found with its user.
pub async fn a_created_session_is_returned_whole(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = NewSession::new("session", user.id.clone(), now(&**store));

    let session = store.create_session(&new).await.unwrap();

    let expected = Session {
        id: session.id.clone(),
        token: new.token.clone(),
        user_id: user.id.clone(),
        expires: new.expires,
        extra: Extra::new(),
    };
    assert_eq!(session, expected);
    assert_eq!(store.session_and_user(&new.token).await.unwrap(), Some((expected.clone(), user.clone())));
    assert_eq!(listed(&**store, &user.id).await, [as_listed(expected)]);
}

/// A session's expiry keeps its precision, however far it is.
pub async fn a_session_expiry_keeps_its_precision(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    for at in near_and_far() {
        let token = at.as_millis().to_string();

        let session = create_session_until(&**store, &token, &user, at).await;

        assert_eq!(session.expires, kept(&**store, at));
        let found = store.session_and_user(&token.into()).await.unwrap();
        assert_eq!(found, Some((session, user.clone())));
    }
}

/// A session token is taken once, whoever tries again; the session stays as it is.
pub async fn a_session_token_is_taken_once(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let session = create_session(&**store, "session", &ada).await;

    for user in [&ada, &bob] {
        let again = NewSession::new("session", user.id.clone(), far());
        assert_eq!(conflict(store.create_session(&again).await), Entity::Session);
    }

    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), Some((session, ada)));
    assert_eq!(store.sessions_of_user(&bob.id).await.unwrap(), []);
}

/// A session needs a user.
pub async fn a_session_without_a_user_is_refused(store: &Arc<dyn Adapter>) {
    let nobody = unknown_id(&**store);
    let new = NewSession::new("session", nobody.clone(), now(&**store));

    let created = store.create_session(&new).await;

    assert_eq!(owner_absent(created), Entity::Session);
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), None);
    assert_eq!(store.delete_session(&"session".into()).await.unwrap(), None);
    assert_eq!(store.sessions_of_user(&nobody).await.unwrap(), []);
}

/// A look-up does not judge: a session long expired is found.
pub async fn an_expired_session_is_found(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session_until(&**store, "session", &user, Timestamp::from_secs(1)).await;

    let found = store.session_and_user(&"session".into()).await.unwrap();

    assert_eq!(found, Some((session, user)));
}

/// An unknown session is none, and no operation creates it.
pub async fn an_unknown_session_is_none(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let token = "session".into();
    let changes = SessionChanges {
        expires: Change::Set(far()),
        extra: Extra::new(),
    };

    assert_eq!(store.session_and_user(&token).await.unwrap(), None);
    assert_eq!(store.touch_session(&token, now(&**store), &POLICY).await.unwrap(), None);
    assert_eq!(store.update_session(&token, &changes).await.unwrap(), None);
    assert_eq!(store.update_session(&token, &SessionChanges::default()).await.unwrap(), None);
    assert_eq!(store.delete_session(&token).await.unwrap(), None);
    assert_eq!(store.session_and_user(&token).await.unwrap(), None);
    assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
    assert_eq!(store.sessions_of_user(&unknown_id(&**store)).await.unwrap(), []);
}

/// Session tokens are compared to the letter.
pub async fn session_tokens_are_compared_exactly(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "abcDEF", &user).await;

    for wrong in ["abcdef", "ABCDEF", "abcDEF ", " abcDEF", "abcDE", "abcDE_", "%", ""] {
        let token = wrong.into();
        assert_eq!(store.session_and_user(&token).await.unwrap(), None, "{wrong:?}");
        assert_eq!(store.touch_session(&token, now(&**store), &POLICY).await.unwrap(), None, "{wrong:?}");
        assert_eq!(store.delete_session(&token).await.unwrap(), None, "{wrong:?}");
    }
    assert_eq!(store.session_and_user(&"abcDEF".into()).await.unwrap(), Some((session, user)));
}

/// A live session that is not due is returned and stays as it is.
pub async fn a_touch_before_it_is_due_changes_nothing(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    let expires = POLICY.due_until(now).after(tick(&**store));
    let session = create_session_until(&**store, "session", &user, expires).await;

    let touched = store.touch_session(&session.token, now, &POLICY).await.unwrap();

    let expected = Touched {
        session: session.clone(),
        user: user.clone(),
        previous_expiry: expires,
    };
    assert_eq!(touched, Some(expected));
    assert_eq!(store.session_and_user(&session.token).await.unwrap(), Some((session, user)));
}

/// A live session is extended from the very millisecond at which it is due.
pub async fn a_due_session_is_extended(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    let expires = POLICY.due_until(now);
    let session = create_session_until(&**store, "session", &user, expires).await;
    let other = create_session_until(&**store, "other", &user, expires).await;

    let touched = store.touch_session(&session.token, now, &POLICY).await.unwrap();

    let extended = Session {
        expires: now.after(POLICY.max_age),
        ..session
    };
    let expected = Touched {
        session: extended.clone(),
        user: user.clone(),
        previous_expiry: expires,
    };
    assert_eq!(touched, Some(expected));
    assert_eq!(
        store.session_and_user(&extended.token).await.unwrap(),
        Some((extended, user.clone()))
    );
    assert_eq!(store.session_and_user(&other.token).await.unwrap(), Some((other, user)));
}

/// The new expiry is told as it is kept, also where fractions of a second are not.
pub async fn an_extension_is_told_as_it_is_kept(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session_until(&**store, "session", &user, POLICY.due_until(now)).await;

    let touched = store.touch_session(&session.token, now.after(Duration::from_millis(456)), &POLICY).await;

    let touched = touched.unwrap().unwrap();
    assert_eq!(touched.previous_expiry, session.expires);
    let kept = kept(&**store, now.after(Duration::from_millis(456)).after(POLICY.max_age));
    assert_eq!(touched.session, Session { expires: kept, ..session });
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), Some((touched.session, user)));
}

/// A session that lasts longer than the policy's age is not made shorter.
pub async fn a_touch_never_shortens_a_session(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    let always = TouchPolicy {
        max_age: POLICY.max_age,
        update_age: Duration::ZERO,
    };
    let longer = now.after(POLICY.max_age).after(tick(&**store));
    let session = create_session_until(&**store, "session", &user, longer).await;

    let touched = store.touch_session(&session.token, now, &always).await.unwrap();

    assert_eq!(touched.unwrap().session, session);
    assert_eq!(store.session_and_user(&session.token).await.unwrap(), Some((session, user)));
}

/// In its last millisecond a session is alive.
pub async fn a_session_lives_until_just_before_its_expiry(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    let expires = now.after(tick(&**store));
    let session = create_session_until(&**store, "session", &user, expires).await;

    let touched = store.touch_session(&session.token, now, &POLICY).await.unwrap().unwrap();

    assert_eq!((touched.previous_expiry, touched.user), (expires, user));
    assert_eq!(touched.session.expires, now.after(POLICY.max_age));
}

/// At its expiry a session has expired: touching it yields none and drops it, and only it.
pub async fn a_touch_drops_an_expired_session(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    create_session_until(&**store, "edge", &user, now).await;
    create_session_until(&**store, "old", &user, Timestamp::from_secs(1)).await;
    let other = create_session_until(&**store, "other", &user, Timestamp::from_secs(2)).await;

    assert_eq!(store.touch_session(&"edge".into(), now, &POLICY).await.unwrap(), None);
    assert_eq!(store.touch_session(&"old".into(), now, &POLICY).await.unwrap(), None);

    assert_eq!(store.session_and_user(&"edge".into()).await.unwrap(), None);
    assert_eq!(store.session_and_user(&"old".into()).await.unwrap(), None);
    assert_eq!(listed(&**store, &user.id).await, [as_listed(other)]);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
}

/// An update sets the expiry and nothing else.
pub async fn a_session_update_changes_only_what_is_set(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "session", &user).await;
    let other = create_session(&**store, "other", &user).await;
    let changes = SessionChanges {
        expires: Change::Set(far()),
        extra: Extra::new(),
    };

    let updated = store.update_session(&session.token, &changes).await.unwrap();

    let expected = Session {
        expires: kept(&**store, far()),
        ..session
    };
    assert_eq!(updated, Some(expected.clone()));
    assert_eq!(store.session_and_user(&expected.token).await.unwrap(), Some((expected, user.clone())));
    assert_eq!(store.session_and_user(&other.token).await.unwrap(), Some((other, user)));
}

/// With nothing set an update of a session is a look-up.
pub async fn an_empty_session_update_only_reads(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "session", &user).await;

    let updated = store.update_session(&session.token, &SessionChanges::default()).await.unwrap();

    assert_eq!(updated, Some(session));
}

/// A deleted session is returned as it was, and is gone; its token is free.
pub async fn a_session_is_deleted_once(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "session", &user).await;
    let other = create_session(&**store, "other", &user).await;

    assert_eq!(store.delete_session(&session.token).await.unwrap(), Some(session.clone()));
    assert_eq!(store.delete_session(&session.token).await.unwrap(), None);
    assert_eq!(store.session_and_user(&session.token).await.unwrap(), None);
    assert_eq!(listed(&**store, &user.id).await, [as_listed(other)]);
    create_session(&**store, "session", &user).await;
}

/// A user's sessions are listed, the longest first, expired ones too, and nobody else's.
pub async fn sessions_are_listed_longest_first(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let middle = create_session_until(&**store, "middle", &ada, now).await;
    let expired = create_session_until(&**store, "expired", &ada, Timestamp::from_secs(1)).await;
    let longest = create_session_until(&**store, "longest", &ada, now.after(HOUR)).await;
    create_session(&**store, "bob", &bob).await;

    let sessions = listed(&**store, &ada.id).await;

    assert_eq!(sessions, [longest, middle, expired].map(as_listed));
}

/// A listed session is deleted, or kept, by the token that the list shows, and no other is.
pub async fn a_listed_session_is_deleted_by_its_token(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let longer = create_session_until(&**store, "longer", &ada, now.after(HOUR)).await;
    let shorter = create_session_until(&**store, "shorter", &ada, now).await;
    let bobs = create_session(&**store, "bob", &bob).await;
    let tokens: Vec<_> =
        store.sessions_of_user(&ada.id).await.unwrap().into_iter().map(|session| session.token).collect();

    let deleted = store.delete_session(&tokens[1]).await.unwrap().unwrap();

    assert_eq!(deleted, Session { token: tokens[1].clone(), ..shorter });
    assert_eq!(store.delete_session(&tokens[1]).await.unwrap(), None);
    assert_eq!(store.session_and_user(&"shorter".into()).await.unwrap(), None);
    assert_eq!(listed(&**store, &ada.id).await, [as_listed(longer)]);
    assert_eq!(store.delete_sessions_of_user(&ada.id, Some(&tokens[0])).await.unwrap(), 0);
    assert_eq!(listed(&**store, &bob.id).await, [as_listed(bobs)]);
}

/// All sessions of one user are deleted and counted.
pub async fn all_sessions_of_a_user_are_deleted(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    for token in ["a", "b", "c"] {
        create_session(&**store, token, &ada).await;
    }
    let bobs = create_session(&**store, "bob", &bob).await;

    assert_eq!(store.delete_sessions_of_user(&ada.id, None).await.unwrap(), 3);
    assert_eq!(store.delete_sessions_of_user(&ada.id, None).await.unwrap(), 0);
    assert_eq!(store.delete_sessions_of_user(&unknown_id(&**store), None).await.unwrap(), 0);
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), []);
    assert_eq!(listed(&**store, &bob.id).await, [as_listed(bobs)]);
}

/// All sessions of one user but one are deleted and counted.
pub async fn all_sessions_but_one_are_deleted(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    for token in ["a", "b"] {
        create_session(&**store, token, &ada).await;
    }
    let kept = create_session(&**store, "c", &ada).await;
    let bobs = create_session(&**store, "bob", &bob).await;

    assert_eq!(store.delete_sessions_of_user(&ada.id, Some(&kept.token)).await.unwrap(), 2);
    assert_eq!(listed(&**store, &ada.id).await, [as_listed(kept)]);
    assert_eq!(store.delete_sessions_of_user(&ada.id, Some(&bobs.token)).await.unwrap(), 1);
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), []);
    assert_eq!(listed(&**store, &bob.id).await, [as_listed(bobs)]);
}

/// Sessions that have expired at the given time are deleted, those that last a tick longer are not.
pub async fn expired_sessions_are_deleted(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    create_session_until(&**store, "old", &user, Timestamp::from_secs(1)).await;
    create_session_until(&**store, "before", &user, now.before(tick(&**store))).await;
    create_session_until(&**store, "edge", &user, now).await;
    let live = create_session_until(&**store, "live", &user, now.after(tick(&**store))).await;

    assert_eq!(store.delete_expired_sessions(now, 100).await.unwrap(), 3);
    assert_eq!(store.delete_expired_sessions(now, 100).await.unwrap(), 0);
    assert_eq!(listed(&**store, &user.id).await, [as_listed(live)]);
}

/// No more than `limit` sessions are deleted; fewer means that none is left.
pub async fn the_limit_bounds_deleted_sessions(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for token in ["a", "b", "c", "d", "e"] {
        create_session_until(&**store, token, &user, now).await;
    }
    let live = create_session(&**store, "live", &user).await;

    assert_eq!(store.delete_expired_sessions(now, 0).await.unwrap(), 0);
    assert_eq!(store.delete_expired_sessions(now, 2).await.unwrap(), 2);
    assert_eq!(store.sessions_of_user(&user.id).await.unwrap().len(), 4);
    assert_eq!(store.delete_expired_sessions(now, 2).await.unwrap(), 2);
    assert_eq!(store.delete_expired_sessions(now, u32::MAX).await.unwrap(), 1);
    assert_eq!(listed(&**store, &user.id).await, [as_listed(live)]);
}
