//! Cases where many do the same at once, and one may succeed.

use std::sync::Arc;

use vestibule_core::{
    Adapter, AdapterError, Change, Entity, NewSession, Timestamp, UserChanges,
};

use crate::Feature;
use crate::at_once::{ROUNDS, TASKS, at_once};
use crate::values::{
    HOUR, account, as_listed, authenticator, conflict, create_session_until, create_user, has, listed,
    new_user, now, token,
};

/// The one success among conflicts over `entity`; fails if there is any other number of them.
#[track_caller]
pub(crate) fn the_winner<T: std::fmt::Debug>(results: Vec<Result<T, AdapterError>>, entity: Entity) -> T {
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
            let store = Arc::clone(store);
            let mut new = new_user(&email);
            if has(Feature::UserDetails) {
                new.name = Some(number.to_string());
            }
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
            let (new, account) = (new_user(&email(number)), account("github", &id));
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
        assert_eq!(listed(&**store, &user.id).await, [as_listed(winner)]);
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
