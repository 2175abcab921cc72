//! Cases on users who are created together with their first session.

use std::sync::Arc;

use vestibule_core::{Adapter, Entity, FirstSession, NewUser, Session, User};

use crate::at_once::{MEETINGS, ROUNDS, TASKS, at_once};
use crate::extra::{user_with, values};
use crate::races::the_winner;
use crate::values::{
    HOUR, account, conflict, create_session, create_user, new_user, now, stored_account, whole_account, whole_user,
};

/// A session that ends in an hour.
fn first(store: &dyn Adapter, token: &str) -> FirstSession {
    FirstSession::new(token, now(store).after(HOUR))
}

/// Signs somebody up without an account.
async fn sign_up(store: &dyn Adapter, new: &NewUser, token: &str) -> (User, Session) {
    store.sign_up(new, None, &first(store, token)).await.unwrap()
}

/// User and session are returned as they are stored, and belong together.
pub async fn a_user_is_signed_up_with_its_session(store: &Arc<dyn Adapter>) {
    let other = create_user(&**store, "bob@example.com").await;
    let (user, session) = sign_up(&**store, &new_user("ada@example.com"), "ada").await;

    assert_ne!(user.id, other.id);
    let expected = Session {
        id: session.id.clone(),
        token: "ada".into(),
        user_id: user.id.clone(),
        expires: now(&**store).after(HOUR),
        extra: session.extra.clone(),
    };
    assert_eq!(session, expected);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(store.session_and_user(&"ada".into()).await.unwrap(), Some((session, user.clone())));
    assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
    assert_eq!(store.session_and_user(&"ada".into()).await.unwrap(), None);
}

/// The first account belongs to the same user.
pub async fn a_user_is_signed_up_with_account_and_session(store: &Arc<dyn Adapter>) {
    // Rows that count their ids are at different numbers.
    let bob = store.create_user(&new_user("bob@example.com"), Some(&account("github", "1"))).await.unwrap();
    create_session(&**store, "bob-1", &bob).await;
    create_session(&**store, "bob-2", &bob).await;
    let (new, new_account) = (whole_user(&**store), whole_account());

    let signed_up = store.sign_up(&new, Some(&new_account), &first(&**store, "ada")).await;

    let (user, session) = signed_up.unwrap();
    assert_eq!((&user.name, &user.email, &user.image), (&new.name, &new.email, &new.image));
    assert_eq!(user.email_verified, new.email_verified);
    let accounts = store.accounts_of_user(&user.id).await.unwrap();
    assert_eq!(accounts, [stored_account(&new_account, &user, &accounts[0])]);
    assert_eq!(store.user_by_account(&"google".into(), &"117".into()).await.unwrap(), Some(user.clone()));
    assert_eq!(store.session_and_user(&"ada".into()).await.unwrap(), Some((session, user)));
}

/// If the address is taken, neither account nor session is left behind.
pub async fn nobody_is_signed_up_with_a_taken_email_address(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;

    let session = first(&**store, "session");
    let again = store.sign_up(&new_user("ada@example.com"), Some(&whole_account()), &session).await;

    assert_eq!(conflict(again), Entity::User);
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), None);
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), None);
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), []);
}

/// If the account is linked already, neither user nor session is left behind.
pub async fn nobody_is_signed_up_with_a_linked_account(store: &Arc<dyn Adapter>) {
    let ada = store.create_user(&new_user("ada@example.com"), Some(&whole_account())).await.unwrap();

    let session = first(&**store, "session");
    let bob = store.sign_up(&new_user("bob@example.com"), Some(&whole_account()), &session).await;

    assert_eq!(conflict(bob), Entity::Account);
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), None);
    assert_eq!(store.user_by_account(&"google".into(), &"117".into()).await.unwrap(), Some(ada));
}

/// If the token is taken, neither user nor account is left behind, and the session is still whose it was.
pub async fn nobody_is_signed_up_with_a_taken_token(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "session", &ada).await;

    let again = first(&**store, "session");
    let alone = store.sign_up(&new_user("bob@example.com"), None, &again).await;
    let bob = store.sign_up(&new_user("bob@example.com"), Some(&whole_account()), &again).await;

    assert_eq!(conflict(alone), Entity::Session);
    assert_eq!(conflict(bob), Entity::Session);
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), None);
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), Some((session, ada)));
}

/// Columns of the application's own are written in all three tables, and those not given have their defaults.
pub async fn extra_columns_of_a_sign_up_travel(store: &Arc<dyn Adapter>) {
    let new = user_with(values(), "ada@example.com");
    let mut new_account = whole_account();
    new_account.extra = values();
    let given = FirstSession { extra: values(), ..first(&**store, "ada") };

    let (user, session) = store.sign_up(&new, Some(&new_account), &given).await.unwrap();
    let (bare, bare_session) = sign_up(&**store, &new_user("bob@example.com"), "bob").await;

    assert_eq!((&user.extra, &session.extra), (&values(), &values()));
    let account = store.account(&"google".into(), &"117".into()).await.unwrap().unwrap();
    assert_eq!(account.extra, values());
    assert_eq!(store.session_and_user(&"ada".into()).await.unwrap(), Some((session, user)));
    assert_eq!(bare.extra, bare_session.extra);
    assert_eq!(store.session_and_user(&"bob".into()).await.unwrap(), Some((bare_session, bare)));
}

/// Of many who sign up with one account, exactly one does, and nothing of the others is left.
pub async fn one_of_many_signs_up_with_an_account(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let id = round.to_string();
        let name = |number: usize| format!("{round}-{number}@example.com");

        let results = at_once(TASKS, |number| {
            let (store, account) = (Arc::clone(store), account("github", &id));
            let (new, session) = (new_user(&name(number)), first(&*store, &name(number)));
            async move { store.sign_up(&new, Some(&account), &session).await }
        })
        .await;

        let (user, session) = the_winner(results, Entity::Account);
        for number in 0..TASKS {
            let is_it = user.email == Some(name(number));
            let found = store.user_by_email(&name(number)).await.unwrap();
            assert_eq!(found, is_it.then(|| user.clone()));
            let found = store.session_and_user(&name(number).as_str().into()).await.unwrap();
            assert_eq!(found, is_it.then(|| (session.clone(), user.clone())));
        }
        let owner = store.user_by_account(&"github".into(), &id.as_str().into()).await.unwrap();
        assert_eq!(owner, Some(user));
    }
}

/// Of many who sign up with one token, exactly one does, and nothing of the others is left.
pub async fn one_of_many_signs_up_with_a_token(store: &Arc<dyn Adapter>) {
    for round in 0..ROUNDS {
        let token = round.to_string();
        let name = |number: usize| format!("{round}-{number}@example.com");

        let results = at_once(TASKS, |number| {
            let store = Arc::clone(store);
            let (new, session) = (new_user(&name(number)), first(&*store, &token));
            async move { store.sign_up(&new, None, &session).await }
        })
        .await;

        let (user, session) = the_winner(results, Entity::Session);
        for number in 0..TASKS {
            let found = store.user_by_email(&name(number)).await.unwrap();
            assert_eq!(found, (user.email == Some(name(number))).then(|| user.clone()));
        }
        let found = store.session_and_user(&token.as_str().into()).await.unwrap();
        assert_eq!(found, Some((session, user)));
    }
}

/// A sign-up that nobody waits for any more leaves user, account and session, or none of them.
pub async fn an_abandoned_sign_up_is_done_whole_or_not_at_all(store: &Arc<dyn Adapter>) {
    for round in 0..MEETINGS {
        let name = format!("{round}@example.com");
        let (new, account) = (new_user(&name), account("github", &round.to_string()));
        let session = first(&**store, &name);
        let begin = || {
            let (store, new, account) = (Arc::clone(store), new.clone(), account.clone());
            let session = session.clone();
            async move { store.sign_up(&new, Some(&account), &session).await }
        };

        let abandoned = tokio::spawn(begin());
        for _ in 0..round.pow(3) {
            tokio::task::yield_now().await;
        }
        abandoned.abort();
        drop(abandoned.await);
        // Whatever is still on its way is over when the same has been tried again.
        if let Err(error) = begin().await {
            assert_eq!(conflict::<()>(Err(error)), Entity::User);
        }

        let user = store.user_by_email(&name).await.unwrap().unwrap();
        let owner = store.user_by_account(&account.provider, &account.provider_account_id).await.unwrap();
        assert_eq!(owner, Some(user.clone()));
        let found = store.session_and_user(&session.token).await.unwrap();
        assert_eq!(found.map(|(_, user)| user), Some(user));
    }
}
