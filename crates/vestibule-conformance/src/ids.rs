//! Cases on the kinds of user ids.

use std::sync::Arc;

use vestibule_core::{Adapter, Change, Entity, NewSession, NewUser, UserChanges, UserId};

use crate::Feature;
use crate::values::{
    account, anybody, conflict, create_session, create_user, has, new_user, now, owner_absent, unknown_id, unless_refused,
};

/// Serial ids are canonical decimal numbers, and the database makes them whatever the caller says.
pub async fn serial_ids_are_made_by_the_database(store: &Arc<dyn Adapter>) {
    let new = NewUser {
        id: Some("77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a11".into()),
        ..new_user("ada@example.com")
    };

    let first = store.create_user(&new, None).await.unwrap();
    let second = create_user(&**store, "bob@example.com").await;

    for user in [first, second] {
        let number: u64 = user.id.as_str().parse().unwrap();
        assert_eq!(user.id.as_str(), number.to_string());
        assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
        assert_eq!(create_session(&**store, user.id.as_str(), &user).await.user_id, user.id);
    }
}

/// What is not a canonical decimal number, or is too large for the column, names nobody.
pub async fn a_malformed_serial_id_names_nobody(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let id = ada.id.as_str();
    let disguises =
        [format!("+{id}"), format!("0{id}"), format!(" {id}"), format!("{id} "), format!("{id}.0"), format!("{id}e0")];

    for malformed in disguises {
        names_nobody(&**store, &malformed).await;
    }
    for malformed in [
        "",
        "-1",
        "0",
        "abc",
        "1abc",
        "0x1",
        "1;",
        "2147483648",
        "9223372036854775808",
        "99999999999999999999",
        "-9223372036854775809",
        "NaN",
        "١",
        "77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a11",
    ] {
        names_nobody(&**store, malformed).await;
    }
    assert_eq!(store.user(&ada.id).await.unwrap(), Some(ada));
    // A store that refuses such integers outright may say so.
    if has(Feature::WideIntegers) {
        names_nobody(&**store, "9223372036854775807").await;
    }
}

/// UUIDs come back as canonical lower-case text; the caller's is used if it gives one.
pub async fn a_given_uuid_is_used(store: &Arc<dyn Adapter>) {
    let id = UserId::from("77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a11");
    let new = NewUser { id: Some(id.clone()), ..new_user("ada@example.com") };

    let given = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();
    let made = create_user(&**store, "bob@example.com").await;

    assert_eq!(given.id, id);
    assert_eq!(store.user(&id).await.unwrap(), Some(given));
    assert_eq!(store.account(&"github".into(), &"1".into()).await.unwrap().unwrap().user_id, id);
    assert_eq!(made.id.as_str().len(), 36);
    assert_eq!(made.id.as_str(), made.id.as_str().to_lowercase());
    assert_eq!(store.user(&made.id).await.unwrap(), Some(made));
}

/// What is not a UUID names nobody, and nobody is created with it: the store makes an id or refuses.
pub async fn a_malformed_uuid_names_nobody(store: &Arc<dyn Adapter>) {
    let id = "77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a11";
    let new = NewUser { id: Some(id.into()), ..new_user("ada@example.com") };
    store.create_user(&new, None).await.unwrap();
    let disguises = [id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}"), format!("{id} ")];

    for malformed in disguises {
        names_nobody(&**store, &malformed).await;
    }
    for malformed in ["", "1", "abc", "77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a1", "77b4b3a0-3a0e-4a2c-9f57-0d2f5c8e1a1g"] {
        names_nobody(&**store, malformed).await;
        let new = NewUser { id: Some(malformed.into()), ..new_user("bob@example.com") };
        let created = unless_refused(store.create_user(&new, None).await);
        if has(Feature::EmailAddresses) {
            assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), created);
        }
        if let Some(user) = created {
            assert_eq!((user.id.as_str().len(), user.id.as_str() != id), (36, true));
            store.delete_user(&user.id).await.unwrap().unwrap();
        }
    }
}

/// The caller's text is used as the id if it gives one, to the letter; otherwise the store makes one.
pub async fn a_given_text_id_is_used(store: &Arc<dyn Adapter>) {
    for text in ["abc", "1", "01", "with space", "ünï", "a'b\"c", "ABC"] {
        if text == "ABC" && !has(Feature::CaseSensitiveKeys) {
            continue;
        }
        let new = NewUser { id: Some(text.into()), ..anybody(&format!("{text}@example.com")) };

        let user = store.create_user(&new, None).await.unwrap();

        assert_eq!(user.id.as_str(), text);
        assert_eq!(store.user(&text.into()).await.unwrap(), Some(user.clone()));
        assert_eq!(create_session(&**store, text, &user).await.user_id, user.id);
    }
    let made = create_user(&**store, "ada@example.com").await;
    assert!(!made.id.as_str().is_empty());
    names_nobody(&**store, "Abc").await;
    names_nobody(&**store, "abc ").await;
}

/// A given id is taken once: no user and no account is written.
async fn a_given_id_is_taken_once(store: &dyn Adapter) {
    let id = unknown_id(store);
    let first = NewUser { id: Some(id.clone()), ..new_user("ada@example.com") };
    let second = NewUser { id: Some(id.clone()), ..new_user("bob@example.com") };
    let ada = store.create_user(&first, None).await.unwrap();

    let bob = store.create_user(&second, Some(&account("github", "1"))).await;

    assert_eq!(conflict(bob), Entity::User);
    assert_eq!(store.user(&id).await.unwrap(), Some(ada));
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.account(&"github".into(), &"1".into()).await.unwrap(), None);
}

/// A given UUID is taken once.
pub async fn a_given_uuid_is_taken_once(store: &Arc<dyn Adapter>) {
    a_given_id_is_taken_once(&**store).await;
}

/// A given text is taken once.
pub async fn a_given_text_id_is_taken_once(store: &Arc<dyn Adapter>) {
    a_given_id_is_taken_once(&**store).await;
}

/// Every operation that takes a user id treats this one as nobody's.
pub(crate) async fn names_nobody(store: &dyn Adapter, id: &str) {
    let user_id = UserId::from(id);
    let name = if has(Feature::UserDetails) { Change::Set(Some("Mallory".into())) } else { Change::Keep };
    let changes = UserChanges { name, ..UserChanges::default() };
    let session = NewSession::new("nobody's", user_id.clone(), now(store));

    assert_eq!(store.user(&user_id).await.unwrap(), None, "{id:?}");
    assert_eq!(store.update_user(&user_id, &changes).await.unwrap(), None, "{id:?}");
    assert_eq!(store.update_user(&user_id, &UserChanges::default()).await.unwrap(), None, "{id:?}");
    assert_eq!(store.delete_user(&user_id).await.unwrap(), None, "{id:?}");
    if has(Feature::Accounts) {
        let linked = store.link_account(&user_id, &account("nobody", "1")).await;
        assert_eq!(owner_absent(linked), Entity::Account, "{id:?}");
        assert_eq!(store.accounts_of_user(&user_id).await.unwrap(), [], "{id:?}");
    }
    assert_eq!(owner_absent(store.create_session(&session).await), Entity::Session, "{id:?}");
    assert_eq!(store.sessions_of_user(&user_id).await.unwrap(), [], "{id:?}");
    assert_eq!(store.delete_sessions_of_user(&user_id, None).await.unwrap(), 0, "{id:?}");
    if store.capabilities().authenticators {
        let owner = store.create_user(&anybody("owner@example.com"), None).await.unwrap();
        let mut orphan = crate::values::authenticator(&owner, &[9]);
        orphan.user_id = user_id.clone();
        assert_eq!(owner_absent(store.create_authenticator(&orphan).await), Entity::Authenticator, "{id:?}");
        assert_eq!(store.authenticators_of_user(&user_id).await.unwrap(), [], "{id:?}");
        store.delete_user(&owner.id).await.unwrap();
    }
}
