//! Cases where different things happen at once, and none may undo another.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::{
    AccountTokens, Adapter, AdapterError, Change, Extra, NewSession, SessionChanges, Timestamp, TouchPolicy,
    UserChanges,
};

use crate::Feature;
use crate::at_once::{MEETINGS, ROUNDS, TASKS, at_once};
use crate::values::{
    HOUR, account, authenticator, create_session_until, create_user, has, new_user, now, token, whole_user,
};

const POLICY: TouchPolicy = TouchPolicy {
    max_age: Duration::from_hours(10),
    update_age: Duration::from_hours(1),
};

/// Concurrent changes to different columns of a user all take effect.
pub async fn changes_to_different_columns_all_survive(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&whole_user(&**store), None).await.unwrap();
    for round in 0..MEETINGS {
        let verified = now(&**store).after(HOUR * u32::try_from(round).unwrap());
        let verified = has(Feature::EmailVerifiedTimes).then_some(verified);
        let changes = [
            UserChanges { name: Change::Set(Some(format!("name {round}"))), ..UserChanges::default() },
            UserChanges { email: Change::Set(Some(format!("{round}@example.com"))), ..UserChanges::default() },
            UserChanges { email_verified: Change::Set(verified), ..UserChanges::default() },
            UserChanges { image: Change::Set(Some(format!("/{round}.png"))), ..UserChanges::default() },
        ];

        let results = at_once(changes.len(), |number| {
            let (store, id, changes) = (Arc::clone(store), user.id.clone(), changes[number].clone());
            async move { store.update_user(&id, &changes).await }
        })
        .await;

        for result in results {
            result.unwrap().unwrap();
        }
        let found = store.user(&user.id).await.unwrap().unwrap();
        assert_eq!(found.name, Some(format!("name {round}")));
        assert_eq!(found.email, Some(format!("{round}@example.com")));
        assert_eq!(found.email_verified, verified);
        assert_eq!(found.image, Some(format!("/{round}.png")));
    }
}

/// Touching or updating a session while it is deleted never brings it back.
pub async fn a_deleted_session_is_not_revived(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for round in 0..MEETINGS {
        let secret = format!("session-{round}");
        create_session_until(&**store, &secret, &user, now.after(HOUR)).await;

        at_once(9, |number| {
            let (store, secret) = (Arc::clone(store), secret.as_str().into());
            async move {
                let changes = SessionChanges { expires: Change::Set(now.after(HOUR)), extra: Extra::new() };
                match number {
                    4 => drop(store.delete_session(&secret).await.unwrap().unwrap()),
                    6 => drop(store.update_session(&secret, &changes).await.unwrap()),
                    _ => drop(store.touch_session(&secret, now, &POLICY).await.unwrap()),
                }
            }
        })
        .await;

        assert_eq!(store.session_and_user(&secret.as_str().into()).await.unwrap(), None);
        assert_eq!(store.touch_session(&secret.as_str().into(), now, &POLICY).await.unwrap(), None);
        assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
    }
}

/// Signing out everywhere while sessions are touched leaves none.
pub async fn deleted_sessions_of_a_user_are_not_revived(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for _ in 0..MEETINGS {
        for number in 0..8 {
            create_session_until(&**store, &number.to_string(), &user, now.after(HOUR)).await;
        }

        at_once(9, |number| {
            let (store, id) = (Arc::clone(store), user.id.clone());
            async move {
                if number == 8 {
                    assert_eq!(store.delete_sessions_of_user(&id, None).await.unwrap(), 8);
                } else {
                    store.touch_session(&number.to_string().into(), now, &POLICY).await.unwrap();
                }
            }
        })
        .await;

        assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
    }
}

/// Many who touch one due session all get it, and all with the expiry that is stored.
pub async fn all_of_many_touch_a_session(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for round in 0..ROUNDS {
        let secret = format!("session-{round}");
        let before = now.after(HOUR);
        create_session_until(&**store, &secret, &user, before).await;

        let results = at_once(TASKS, |_| {
            let (store, secret) = (Arc::clone(store), secret.as_str().into());
            async move { store.touch_session(&secret, now, &POLICY).await }
        })
        .await;

        let extended = now.after(POLICY.max_age);
        let (stored, _) = store.session_and_user(&secret.as_str().into()).await.unwrap().unwrap();
        assert_eq!(stored.expires, extended);
        let mut extensions = 0;
        for touched in results {
            let touched = touched.unwrap().unwrap();
            assert_eq!(touched.session, stored);
            assert!([before, extended].contains(&touched.previous_expiry));
            extensions += usize::from(touched.previous_expiry == before);
        }
        assert!(extensions >= 1);
    }
}

/// Many who touch one expired session all get none, and it is gone.
pub async fn none_of_many_touches_an_expired_session(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for _ in 0..ROUNDS {
        create_session_until(&**store, "session", &user, now).await;

        let results = at_once(TASKS, |_| {
            let store = Arc::clone(store);
            async move { store.touch_session(&"session".into(), now, &POLICY).await }
        })
        .await;

        for touched in results {
            assert_eq!(touched.unwrap(), None);
        }
        assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), None);
    }
}

/// Whatever is created for a user while it is deleted goes with it or is refused.
pub async fn a_deleted_user_leaves_no_orphan(store: &Arc<dyn Adapter>) {
    let until = now(&**store).after(HOUR);
    for round in 0..MEETINGS {
        let user = create_user(&**store, &format!("{round}@example.com")).await;

        at_once(17, |number| {
            let (store, user) = (Arc::clone(store), user.clone());
            let key = format!("{round}-{number}");
            async move {
                let refused = |error| {
                    assert!(matches!(error, AdapterError::OwnerAbsent { .. }), "{error:?}");
                };
                match number {
                    8 => assert_eq!(store.delete_user(&user.id).await.unwrap().unwrap().id, user.id),
                    number if number % 2 == 0 => {
                        let session = NewSession::new(key, user.id.clone(), until);
                        store.create_session(&session).await.map_or_else(refused, drop);
                    }
                    _ => {
                        let linked = store.link_account(&user.id, &account("github", &key)).await;
                        linked.map_or_else(refused, drop);
                    }
                }
            }
        })
        .await;

        assert_eq!(store.user(&user.id).await.unwrap(), None);
        assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
        assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), []);
        for number in 0..17 {
            let key = format!("{round}-{number}");
            assert_eq!(store.delete_session(&key.as_str().into()).await.unwrap(), None);
            assert_eq!(store.account(&"github".into(), &key.as_str().into()).await.unwrap(), None);
        }
    }
}

/// An authenticator that is created for a user while it is deleted goes with it or is refused.
pub async fn a_deleted_user_leaves_no_authenticator(store: &Arc<dyn Adapter>) {
    for round in 0..MEETINGS {
        let user = create_user(&**store, &format!("{round}@example.com")).await;
        let id = move |number: usize| [u8::try_from(round).unwrap(), u8::try_from(number).unwrap()];

        at_once(9, |number| {
            let (store, user) = (Arc::clone(store), user.clone());
            async move {
                if number == 4 {
                    store.delete_user(&user.id).await.unwrap().unwrap();
                } else if let Err(error) = store.create_authenticator(&authenticator(&user, &id(number))).await {
                    assert!(matches!(error, AdapterError::OwnerAbsent { .. }), "{error:?}");
                }
            }
        })
        .await;

        assert_eq!(store.authenticators_of_user(&user.id).await.unwrap(), []);
        for number in 0..9 {
            let found = store.authenticator(&vestibule_core::CredentialId::new(id(number))).await.unwrap();
            assert_eq!(found, None);
        }
    }
}

/// An operation whose future is dropped is done whole or not at all, and leaves the store in working order.
pub async fn an_abandoned_operation_is_done_whole_or_not_at_all(store: &Arc<dyn Adapter>) {
    for round in 0..MEETINGS {
        let new = new_user(&format!("{round}@example.com"));
        let first = account("github", &round.to_string());
        let (key, id) = (first.provider.clone(), first.provider_account_id.clone());
        let create = || {
            let (store, new, first) = (Arc::clone(store), new.clone(), first.clone());
            async move { store.create_user(&new, Some(&first)).await }
        };

        let abandoned = tokio::spawn(create());
        for _ in 0..round.pow(3) {
            tokio::task::yield_now().await;
        }
        abandoned.abort();
        drop(abandoned.await);
        // Whatever is still on its way is over when the same has been tried again.
        if let Err(error) = create().await {
            assert!(matches!(error, AdapterError::Conflict { .. }), "{error:?}");
        }

        let user = store.user_by_email(&format!("{round}@example.com")).await.unwrap();
        assert!(user.is_some());
        assert_eq!(store.user_by_account(&key, &id).await.unwrap(), user);
    }
}

/// Many who sweep at once delete every expired row once and count it once.
pub async fn many_sweepers_count_every_row_once(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = create_user(&**store, "ada@example.com").await;
    for number in 0..90 {
        let key = number.to_string();
        create_session_until(&**store, &key, &user, now).await;
        let old = token("ada@example.com", &key, Timestamp::from_secs(1));
        store.create_verification_token(&old).await.unwrap();
    }

    let counts = at_once(16, |_| {
        let store = Arc::clone(store);
        async move {
            let (mut sessions, mut tokens) = (0, 0);
            loop {
                let deleted = store.delete_expired_sessions(now, 7).await.unwrap();
                sessions += deleted;
                if deleted == 0 {
                    break;
                }
            }
            loop {
                let deleted = store.delete_expired_tokens(now, 7).await.unwrap();
                tokens += deleted;
                if deleted == 0 {
                    break;
                }
            }
            (sessions, tokens)
        }
    })
    .await;

    let (sessions, tokens): (Vec<u64>, Vec<u64>) = counts.into_iter().unzip();
    assert_eq!((sessions.iter().sum(), tokens.iter().sum()), (90_u64, 90_u64));
    assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
    assert_eq!(store.delete_expired_tokens(now, 7).await.unwrap(), 0);
}

/// Tokens of one account that are written at once are never mixed.
pub async fn account_tokens_are_replaced_as_one(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    store.link_account(&user.id, &account("github", "1")).await.unwrap();

    at_once(TASKS, |number| {
        let store = Arc::clone(store);
        let tokens = AccountTokens {
            access_token: Some(number.to_string().into()),
            refresh_token: Some(number.to_string().into()),
            ..AccountTokens::default()
        };
        let changes =
            vestibule_core::AccountChanges { tokens: Change::Set(tokens), ..Default::default() };
        async move {
            store.update_account(&"github".into(), &"1".into(), &changes).await.unwrap().unwrap();
        }
    })
    .await;

    let tokens = store.account(&"github".into(), &"1".into()).await.unwrap().unwrap().tokens;
    assert!(tokens.access_token.is_some());
    assert_eq!(tokens.access_token, tokens.refresh_token);
}
