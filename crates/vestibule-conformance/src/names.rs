//! A case on a schema where every table and every column has another name.

use std::slice;
use std::sync::Arc;

use vestibule_core::{
    AccountChanges, Adapter, Change, Entity, NewAccount, NewSession, NewUser, SessionChanges, TouchPolicy,
    UserChanges,
};

use crate::extra::{defaults, values};
use crate::values::{
    HOUR, as_listed, authenticator, conflict, far, listed, now, token, whole_account, whole_tokens, whole_user,
};

/// Every operation does its work, reads and writes every column, and names what is in the way.
pub async fn every_operation_works_under_other_names(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let new = NewUser { extra: values(), ..whole_user(&**store) };
    let new_account = NewAccount { extra: values(), ..whole_account() };

    // Users.
    let user = store.create_user(&new, Some(&new_account)).await.unwrap();
    assert_eq!((&user.name, &user.email, &user.extra), (&new.name, &new.email, &values()));
    assert_eq!(conflict(store.create_user(&whole_user(&**store), None).await), Entity::User);
    assert_eq!(conflict(store.create_user(&NewUser::default(), Some(&new_account)).await), Entity::Account);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some(user.clone()));
    let key = (&new_account.provider, &new_account.provider_account_id);
    assert_eq!(store.user_by_account(key.0, key.1).await.unwrap(), Some(user.clone()));
    let changes = UserChanges {
        name: Change::Set(None),
        email: Change::Set(Some("king@example.com".into())),
        email_verified: Change::Set(Some(now)),
        image: Change::Set(None),
        extra: defaults(),
    };
    let user = store.update_user(&user.id, &changes).await.unwrap().unwrap();
    assert_eq!((&user.name, user.email.as_deref()), (&None, Some("king@example.com")));
    assert_eq!(user.extra, defaults());

    // Accounts.
    let account = store.account(key.0, key.1).await.unwrap().unwrap();
    assert_eq!((&account.tokens, &account.extra), (&whole_tokens(), &values()));
    let changes = AccountChanges { tokens: Change::Set(vestibule_core::AccountTokens::default()), extra: defaults() };
    let account = store.update_account(key.0, key.1, &changes).await.unwrap().unwrap();
    assert_eq!(account.extra, defaults());
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), slice::from_ref(&account));
    assert_eq!(conflict(store.link_account(&user.id, &new_account).await), Entity::Account);
    assert_eq!(store.unlink_account(key.0, key.1).await.unwrap(), Some(account));
    store.link_account(&user.id, &new_account).await.unwrap();

    // Sessions.
    let new_session =
        NewSession { extra: values(), ..NewSession::new("session", user.id.clone(), now.after(HOUR)) };
    let session = store.create_session(&new_session).await.unwrap();
    assert_eq!(conflict(store.create_session(&new_session).await), Entity::Session);
    assert_eq!(store.session_and_user(&session.token).await.unwrap(), Some((session.clone(), user.clone())));
    let touched = store.touch_session(&session.token, now, &TouchPolicy::default()).await.unwrap().unwrap();
    assert_eq!(touched.session.expires, TouchPolicy::default().expiry(now));
    let changes = SessionChanges { expires: Change::Set(now), extra: defaults() };
    let session = store.update_session(&session.token, &changes).await.unwrap().unwrap();
    assert_eq!((session.expires, &session.extra), (now, &defaults()));
    assert_eq!(listed(&**store, &user.id).await, [as_listed(session.clone())]);
    assert_eq!(store.delete_session(&session.token).await.unwrap(), Some(session));
    store.create_session(&new_session).await.unwrap();
    assert_eq!(store.delete_sessions_of_user(&user.id, None).await.unwrap(), 1);
    store.create_session(&new_session).await.unwrap();
    assert_eq!(store.delete_expired_sessions(far(), 10).await.unwrap(), 1);
    store.create_session(&new_session).await.unwrap();

    // Tokens and leases.
    let new_token = token("ada@example.com", "hash", now);
    store.create_verification_token(&new_token).await.unwrap();
    assert_eq!(conflict(store.create_verification_token(&new_token).await), Entity::VerificationToken);
    let consumed = store.consume_verification_token("ada@example.com", &new_token.token).await.unwrap();
    assert_eq!(consumed, Some(new_token));
    let lease = store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().unwrap();
    assert_eq!(store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap(), None);
    assert!(store.release_lease(&lease).await.unwrap());
    store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().unwrap();
    assert_eq!(store.delete_expired_tokens(far(), 10).await.unwrap(), 1);

    // Authenticators.
    if store.capabilities().authenticators {
        let new = authenticator(&user, &[1]);
        store.create_authenticator(&new).await.unwrap();
        assert_eq!(conflict(store.create_authenticator(&new).await), Entity::Authenticator);
        assert!(store.advance_counter(&new.credential_id, 7, 8).await.unwrap());
        let advanced = vestibule_core::Authenticator { counter: 8, ..new };
        assert_eq!(store.authenticator(&advanced.credential_id).await.unwrap(), Some(advanced.clone()));
        assert_eq!(store.authenticators_of_user(&user.id).await.unwrap(), slice::from_ref(&advanced));
        assert_eq!(store.delete_authenticator(&advanced.credential_id).await.unwrap(), Some(advanced.clone()));
        store.create_authenticator(&advanced).await.unwrap();
    }

    // The end of it all.
    assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
    assert_eq!(store.account(key.0, key.1).await.unwrap(), None);
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), None);
}
