//! Cases on users: creating, finding and deleting them.

use std::sync::Arc;

use vestibule_core::{Adapter, Entity, Extra, NewUser, User};

use crate::Feature;
use crate::values::{account, anybody, authenticator, conflict, create_session, create_user, has, kept, near_and_far, new_user, now, stored_account, unknown_id, whole_account, whole_user};

/// The store answers a ping.
pub async fn the_store_gives_a_sign_of_life(store: &Arc<dyn Adapter>) {
    store.ping().await.unwrap();
}

/// A created user is returned as it is stored, and found by id and by address.
pub async fn a_created_user_is_returned_whole(store: &Arc<dyn Adapter>) {
    let new = whole_user(&**store);

    let user = store.create_user(&new, None).await.unwrap();

    let expected = User {
        id: user.id.clone(),
        name: new.name,
        email: new.email,
        email_verified: new.email_verified,
        image: new.image,
        extra: Extra::new(),
    };
    assert!(!user.id.as_str().is_empty());
    assert_eq!(user, expected);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some(expected));
}

/// What was not given stays null, and any number of users may have no address.
pub async fn users_may_have_nothing_but_an_id(store: &Arc<dyn Adapter>) {
    let first = store.create_user(&NewUser::default(), None).await.unwrap();
    let second = store.create_user(&NewUser::default(), None).await.unwrap();

    let expected = User {
        id: second.id.clone(),
        name: None,
        email: None,
        email_verified: None,
        image: None,
        extra: Extra::new(),
    };
    assert_ne!(first.id, second.id);
    assert_eq!(second, expected);
    assert_eq!(store.user(&second.id).await.unwrap(), Some(expected));
}

/// An empty text is a text.
pub async fn an_empty_text_is_not_null(store: &Arc<dyn Adapter>) {
    let new = NewUser {
        name: Some(String::new()),
        image: Some(String::new()),
        ..anybody("ada@example.com")
    };

    let id = store.create_user(&new, None).await.unwrap().id;

    let user = store.user(&id).await.unwrap().unwrap();
    assert_eq!((user.name, user.image), (Some(String::new()), Some(String::new())));
}

/// Text of any script is stored as it is, neither normalized nor cut.
pub async fn unicode_travels_unchanged(store: &Arc<dyn Adapter>) {
    for (number, name) in [
        "Zoë",
        "Zoe\u{308}",
        "عادة",
        "山田 太郎",
        "👩🏽\u{200d}🚀",
        "a\u{feff}b",
        " spaces ",
        "tab\tline\nend",
        "'quoted' \"twice\" \\",
        "%_?$1:x",
    ]
    .into_iter()
    .enumerate()
    {
        let new = NewUser { name: Some(name.into()), ..anybody(&format!("{number}@example.com")) };

        let id = store.create_user(&new, None).await.unwrap().id;

        assert_eq!(store.user(&id).await.unwrap().unwrap().name.as_deref(), Some(name));
    }
}

/// Points in time come back to the millisecond, or to the second if the store says so, however far they are.
pub async fn email_verified_keeps_its_precision(store: &Arc<dyn Adapter>) {
    for at in near_and_far() {
        let new = NewUser { email_verified: Some(at), ..anybody(&format!("{}@example.com", at.as_millis())) };

        let user = store.create_user(&new, None).await.unwrap();

        assert_eq!(user.email_verified.map(|found| kept(&**store, found)), Some(kept(&**store, at)));
        assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
    }
}

/// Nobody is found where nobody is.
pub async fn an_unknown_user_is_none(store: &Arc<dyn Adapter>) {
    create_user(&**store, "ada@example.com").await;
    let nobody = unknown_id(&**store);

    assert_eq!(store.user(&nobody).await.unwrap(), None);
    if has(Feature::EmailAddresses) {
        assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    }
    if has(Feature::Accounts) {
        assert_eq!(store.user_by_account(&"github".into(), &"1".into()).await.unwrap(), None);
    }
    assert_eq!(store.delete_user(&nobody).await.unwrap(), None);
}

/// An address belongs to one user; the second is refused and nothing is written.
pub async fn an_email_address_is_taken_once(store: &Arc<dyn Adapter>) {
    let first = store.create_user(&whole_user(&**store), None).await.unwrap();

    let second = store.create_user(&new_user("ada@example.com"), None).await;

    assert_eq!(conflict(second), Entity::User);
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some(first));
}

/// Addresses are compared to the letter; nothing in them is a pattern.
pub async fn email_addresses_are_compared_exactly(store: &Arc<dyn Adapter>) {
    let lower = create_user(&**store, "ada@example.com").await;
    let upper = if has(Feature::CaseSensitiveKeys) {
        Some(create_user(&**store, "Ada@example.com").await)
    } else {
        None
    };

    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some(lower));
    assert_eq!(store.user_by_email("Ada@example.com").await.unwrap(), upper);
    for other in [
        "ADA@EXAMPLE.COM",
        "ada@example.com ",
        " ada@example.com",
        "ada@example.co_",
        "%",
        "ada@%",
        "",
        "ádá@example.com",
    ] {
        assert_eq!(store.user_by_email(other).await.unwrap(), None, "{other:?}");
    }
}

/// A user is found by each of its accounts.
pub async fn a_user_is_found_by_account(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    create_user(&**store, "bob@example.com").await;
    store.link_account(&ada.id, &account("github", "1")).await.unwrap();
    store.link_account(&ada.id, &account("google", "2")).await.unwrap();

    for (provider, id) in [("github", "1"), ("google", "2")] {
        let found = store.user_by_account(&provider.into(), &id.into()).await.unwrap();
        assert_eq!(found, Some(ada.clone()));
    }
    for (provider, id) in [("github", "2"), ("google", "1"), ("GitHub", "1")] {
        assert_eq!(store.user_by_account(&provider.into(), &id.into()).await.unwrap(), None);
    }
}

/// A user and its first account are created together.
pub async fn a_user_is_created_with_its_account(store: &Arc<dyn Adapter>) {
    let new = whole_account();

    let user = store.create_user(&whole_user(&**store), Some(&new)).await.unwrap();

    let accounts = store.accounts_of_user(&user.id).await.unwrap();
    assert_eq!(accounts, [stored_account(&new, &user, &accounts[0])]);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(store.user_by_account(&"google".into(), &"117".into()).await.unwrap(), Some(user));
}

/// If the account is linked already, no user is left behind.
pub async fn no_user_is_created_with_a_linked_account(store: &Arc<dyn Adapter>) {
    let ada = store.create_user(&new_user("ada@example.com"), Some(&whole_account())).await.unwrap();

    let bob = store.create_user(&new_user("bob@example.com"), Some(&whole_account())).await;

    assert_eq!(conflict(bob), Entity::Account);
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.user_by_account(&"google".into(), &"117".into()).await.unwrap(), Some(ada));
}

/// If the address is taken, no account is left behind.
pub async fn no_account_is_created_with_a_taken_email_address(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;

    let again = store.create_user(&new_user("ada@example.com"), Some(&whole_account())).await;

    assert_eq!(conflict(again), Entity::User);
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), None);
    assert_eq!(store.accounts_of_user(&ada.id).await.unwrap(), []);
}

/// A user goes with everything it has; what others have stays.
pub async fn a_deleted_user_takes_everything_along(store: &Arc<dyn Adapter>) {
    let new = whole_user(&**store);
    let ada = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();
    store.link_account(&ada.id, &account("google", "2")).await.unwrap();
    create_session(&**store, "ada-1", &ada).await;
    create_session(&**store, "ada-2", &ada).await;
    let bob = store
        .create_user(&new_user("bob@example.com"), Some(&account("github", "3")))
        .await
        .unwrap();
    let bobs_session = create_session(&**store, "bob-1", &bob).await;

    let deleted = store.delete_user(&ada.id).await.unwrap();

    assert_eq!(deleted, Some(ada.clone()));
    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), None);
    for (provider, id) in [("github", "1"), ("google", "2")] {
        assert_eq!(store.account(&provider.into(), &id.into()).await.unwrap(), None);
        assert_eq!(store.user_by_account(&provider.into(), &id.into()).await.unwrap(), None);
    }
    assert_eq!(store.accounts_of_user(&ada.id).await.unwrap(), []);
    for token in ["ada-1", "ada-2"] {
        assert_eq!(store.session_and_user(&token.into()).await.unwrap(), None);
        assert_eq!(store.delete_session(&token.into()).await.unwrap(), None);
    }
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), []);
    assert_eq!(
        store.session_and_user(&"bob-1".into()).await.unwrap(),
        Some((bobs_session, bob.clone()))
    );
    assert_eq!(store.user_by_account(&"github".into(), &"3".into()).await.unwrap(), Some(bob));
}

/// A user goes with its sessions; those of others stay.
pub async fn a_deleted_user_takes_its_sessions_along(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    create_session(&**store, "ada-1", &ada).await;
    create_session(&**store, "ada-2", &ada).await;
    let bobs = create_session(&**store, "bob-1", &bob).await;

    let deleted = store.delete_user(&ada.id).await.unwrap();

    assert_eq!(deleted, Some(ada.clone()));
    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    for token in ["ada-1", "ada-2"] {
        assert_eq!(store.session_and_user(&token.into()).await.unwrap(), None);
        assert_eq!(store.delete_session(&token.into()).await.unwrap(), None);
    }
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), []);
    assert_eq!(store.session_and_user(&"bob-1".into()).await.unwrap(), Some((bobs, bob)));
}

/// A user goes with its authenticators; those of others stay.
pub async fn a_deleted_user_takes_its_authenticators_along(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let (adas, bobs) = (authenticator(&ada, &[1]), authenticator(&bob, &[2]));
    store.create_authenticator(&adas).await.unwrap();
    store.create_authenticator(&bobs).await.unwrap();

    store.delete_user(&ada.id).await.unwrap();

    assert_eq!(store.authenticator(&adas.credential_id).await.unwrap(), None);
    assert_eq!(store.authenticators_of_user(&ada.id).await.unwrap(), []);
    assert_eq!(store.authenticator(&bobs.credential_id).await.unwrap(), Some(bobs));
}

/// A user is deleted once; its address, account and session token are free afterwards.
pub async fn what_a_deleted_user_had_is_free(store: &Arc<dyn Adapter>) {
    let new = new_user("ada@example.com");
    let first = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();
    create_session(&**store, "session", &first).await;
    store.delete_user(&first.id).await.unwrap();

    assert_eq!(store.delete_user(&first.id).await.unwrap(), None);
    let second = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();
    let session = create_session(&**store, "session", &second).await;

    assert_eq!(session.expires, now(&**store).after(crate::values::HOUR));
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), Some((session, second)));
}
