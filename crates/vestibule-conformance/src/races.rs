//! Cases on what happens at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use vestibule_core::{
    AccountTokens, Adapter, AdapterError, Change, Entity, Extra, NewSession, NewUser, SessionChanges,
    Timestamp, TouchPolicy, UserChanges,
};

use crate::values::{
    HOUR, account, authenticator, conflict, create_session_until, create_user, now, token, whole_user,
};

/// How many tasks do the same thing.
const TASKS: usize = 64;

/// How often they do it.
const ROUNDS: usize = 4;

/// How often two different things meet: more often, since they need not overlap every time.
const MEETINGS: usize = 24;

/// Runs `count` tasks, all let go at once, and returns what they did, in order.
async fn at_once<F, R>(count: usize, task: impl Fn(usize) -> F) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (Arc::clone(&barrier), task(number));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// The one success among conflicts over `entity`; fails if there is any other number of them.
#[track_caller]
fn the_winner<T: std::fmt::Debug>(results: Vec<Result<T, AdapterError>>, entity: Entity) -> T {
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    for result in lost {
        assert_eq!(conflict(result), entity);
    }
    only(won.into_iter().flatten().collect())
}

/// The only element; fails if there is any other number of them.
#[track_caller]
fn only<T: std::fmt::Debug>(mut winners: Vec<T>) -> T {
    assert_eq!(winners.len(), 1, "there must be exactly one winner: {winners:?}");
    winners.remove(0)
}

/// The only one that got something; an error is a failure.
#[track_caller]
fn only_some<T: std::fmt::Debug>(results: Vec<Result<Option<T>, AdapterError>>) -> T {
    only(results.into_iter().filter_map(Result::unwrap).collect())
}

/// How many were told yes; an error is a failure.
#[track_caller]
fn count_true(results: Vec<Result<bool, AdapterError>>) -> usize {
    results.into_iter().map(Result::unwrap).filter(|yes| *yes).count()
}

/// Of many who consume one token, alive or expired, exactly one gets it, and it is gone.
pub async fn one_of_many_consumes_a_token(store: &Arc<dyn Adapter>) {
    let alive = now(&**store).after(HOUR);
    for (round, expires) in [alive, Timestamp::from_secs(1)].into_iter().cycle().take(2 * ROUNDS).enumerate() {
        let new = token("ada@example.com", &format!("hash-{round}"), expires);
        store.create_verification_token(&new).await.unwrap();

        let results = at_once(TASKS, |_| {
            let (store, hash) = (Arc::clone(store), new.token.clone());
            async move { store.consume_verification_token("ada@example.com", &hash).await }
        })
        .await;

        assert_eq!(only_some(results), new);
        assert_eq!(store.consume_verification_token("ada@example.com", &new.token).await.unwrap(), None);
    }
}

/// Of many who create one token, exactly one does.
pub async fn one_of_many_creates_a_token(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let new = token("ada@example.com", &format!("hash-{round}"), now(&**store));

        let results = at_once(TASKS, |_| {
            let (store, new) = (Arc::clone(store), new.clone());
            async move { store.create_verification_token(&new).await }
        })
        .await;

        the_winner(results, Entity::VerificationToken);
        assert_eq!(
            store.consume_verification_token(&new.identifier, &new.token).await.unwrap(),
            Some(new.clone())
        );
        assert_eq!(store.consume_verification_token(&new.identifier, &new.token).await.unwrap(), None);
    }
}

/// Of many who create a user with one address, exactly one does.
pub async fn one_of_many_takes_an_email_address(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let email = format!("ada-{round}@example.com");

        let results = at_once(TASKS, |number| {
            let (store, email) = (Arc::clone(store), email.clone());
            let new = NewUser { name: Some(number.to_string()), ..NewUser::with_email(email) };
            async move { store.create_user(&new, None).await }
        })
        .await;

        let winner = the_winner(results, Entity::User);
        assert_eq!(store.user_by_email(&email).await.unwrap(), Some(winner.clone()));
        store.delete_user(&winner.id).await.unwrap();
        assert_eq!(store.user_by_email(&email).await.unwrap(), None, "there was a second row");
    }
}

/// Of many who change their address to the same one, exactly one does.
pub async fn one_of_many_changes_to_an_email_address(store: &Arc<dyn Adapter>) {
    let mut users = Vec::new();
    for number in 0..16 {
        users.push(create_user(&**store, &format!("{number}@example.com")).await);
    }
    for round in 0..ROUNDS {
        let email = format!("ada-{round}@example.com");

        let results = at_once(users.len(), |number| {
            let (store, id) = (Arc::clone(store), users[number].id.clone());
            let changes =
                UserChanges { email: Change::Set(Some(email.clone())), ..UserChanges::default() };
            async move { store.update_user(&id, &changes).await }
        })
        .await;

        let winner = the_winner(results, Entity::User).unwrap();
        assert_eq!(store.user_by_email(&email).await.unwrap(), Some(winner));
    }
}

/// Of many who create different users with one account, exactly one does, and no user is left without one.
pub async fn one_of_many_users_gets_the_account(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let id = round.to_string();
        let email = |number: usize| format!("{round}-{number}@example.com");

        let results = at_once(TASKS, |number| {
            let store = Arc::clone(store);
            let (new, account) = (NewUser::with_email(email(number)), account("github", &id));
            async move { store.create_user(&new, Some(&account)).await }
        })
        .await;

        let winner = the_winner(results, Entity::Account);
        assert_eq!(
            store.user_by_account(&"github".into(), &id.as_str().into()).await.unwrap(),
            Some(winner.clone())
        );
        for number in 0..TASKS {
            let found = store.user_by_email(&email(number)).await.unwrap();
            let expected = (winner.email == Some(email(number))).then(|| winner.clone());
            assert_eq!(found, expected);
        }
    }
}

/// Of many who link one account to different users, exactly one does.
pub async fn one_of_many_links_an_account(store: &Arc<dyn Adapter>) {
    let mut users = Vec::new();
    for number in 0..TASKS {
        users.push(create_user(&**store, &format!("{number}@example.com")).await);
    }
    for round in 0..ROUNDS {
        let id = round.to_string();

        let results = at_once(TASKS, |number| {
            let (store, user_id) = (Arc::clone(store), users[number].id.clone());
            let account = account("github", &id);
            async move { store.link_account(&user_id, &account).await }
        })
        .await;

        let winner = the_winner(results, Entity::Account);
        let key = (winner.provider.clone(), winner.provider_account_id.clone());
        assert_eq!(store.account(&key.0, &key.1).await.unwrap(), Some(winner.clone()));
        assert_eq!(store.unlink_account(&key.0, &key.1).await.unwrap(), Some(winner));
        assert_eq!(store.account(&key.0, &key.1).await.unwrap(), None, "there was a second row");
    }
}

/// Of many who create a session with one token, exactly one does.
pub async fn one_of_many_takes_a_session_token(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    for round in 0..ROUNDS {
        let new = NewSession::new(round.to_string(), user.id.clone(), now(&**store));

        let results = at_once(TASKS, |_| {
            let (store, new) = (Arc::clone(store), new.clone());
            async move { store.create_session(&new).await }
        })
        .await;

        let winner = the_winner(results, Entity::Session);
        assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), [winner]);
        store.delete_session(&new.token).await.unwrap();
    }
}

/// Of many who delete one thing, exactly one is told what it was.
pub async fn one_of_many_deletes(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let user = create_user(&**store, &format!("{round}@example.com")).await;
        let linked = store.link_account(&user.id, &account("github", "1")).await.unwrap();
        let session = create_session_until(&**store, "session", &user, now(&**store)).await;

        let unlinked = at_once(TASKS, |_| {
            let store = Arc::clone(store);
            async move { store.unlink_account(&"github".into(), &"1".into()).await }
        })
        .await;
        let ended = at_once(TASKS, |_| {
            let store = Arc::clone(store);
            async move { store.delete_session(&"session".into()).await }
        })
        .await;
        let deleted = at_once(TASKS, |_| {
            let (store, id) = (Arc::clone(store), user.id.clone());
            async move { store.delete_user(&id).await }
        })
        .await;

        assert_eq!(only_some(unlinked), linked);
        assert_eq!(only_some(ended), session);
        assert_eq!(only_some(deleted), user);
    }
}

/// Concurrent changes to different columns of a user all take effect.
pub async fn changes_to_different_columns_all_survive(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&whole_user(&**store), None).await.unwrap();
    for round in 0..MEETINGS {
        let verified = now(&**store).after(HOUR * u32::try_from(round).unwrap());
        let changes = [
            UserChanges { name: Change::Set(Some(format!("name {round}"))), ..UserChanges::default() },
            UserChanges { email: Change::Set(Some(format!("{round}@example.com"))), ..UserChanges::default() },
            UserChanges { email_verified: Change::Set(Some(verified)), ..UserChanges::default() },
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
        assert_eq!(found.email_verified, Some(verified));
        assert_eq!(found.image, Some(format!("/{round}.png")));
    }
}

const POLICY: TouchPolicy = TouchPolicy {
    max_age: Duration::from_hours(10),
    update_age: Duration::from_hours(1),
};

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

/// Of many who take one lease, free or expired, exactly one gets it.
pub async fn one_of_many_takes_a_lease(store: &Arc<dyn Adapter>) {
    let mut at = now(&**store);
    for _ in 0..ROUNDS {
        let until = at.after(HOUR);

        let results = at_once(TASKS, |_| {
            let store = Arc::clone(store);
            async move { store.acquire_lease("sweep", at, until).await }
        })
        .await;

        assert_eq!(only_some(results).expires, until);
        at = until;
    }
}

/// Of many who give one lease back, exactly one does.
pub async fn one_of_many_releases_a_lease(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    for _ in 0..ROUNDS {
        let lease = store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().unwrap();

        let results = at_once(TASKS, |_| {
            let (store, lease) = (Arc::clone(store), lease.clone());
            async move { store.release_lease(&lease).await }
        })
        .await;

        assert_eq!(count_true(results), 1);
    }
}

/// Of many who register one credential, exactly one does.
pub async fn one_of_many_registers_a_credential(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    for round in 0..ROUNDS {
        let new = authenticator(&user, &[u8::try_from(round).unwrap()]);

        let results = at_once(TASKS, |_| {
            let (store, new) = (Arc::clone(store), new.clone());
            async move { store.create_authenticator(&new).await }
        })
        .await;

        the_winner(results, Entity::Authenticator);
        assert_eq!(store.delete_authenticator(&new.credential_id).await.unwrap(), Some(new.clone()));
        assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), None, "there was a second row");
    }
}

/// Of many who advance a counter from one value, exactly one does.
pub async fn one_of_many_advances_a_counter(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = authenticator(&user, &[1]);
    store.create_authenticator(&new).await.unwrap();
    for round in 0..u32::try_from(ROUNDS).unwrap() {
        let from = new.counter + round;

        let results = at_once(TASKS, |_| {
            let (store, id) = (Arc::clone(store), new.credential_id.clone());
            async move { store.advance_counter(&id, from, from + 1).await }
        })
        .await;

        assert_eq!(count_true(results), 1);
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
