//! Cases on authenticators.

use std::sync::Arc;

use vestibule_core::{Adapter, Authenticator, CredentialId, DeviceType, Entity};

use crate::Feature;
use crate::values::{assert_refused, authenticator, conflict, create_user, has, owner_absent, unknown_id};

/// A credential comes back whole, every byte of it.
pub async fn a_created_authenticator_is_found_whole(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let mut every_byte: Vec<u8> = (0..=255).rev().collect();
    if !has(Feature::LongCredentials) {
        every_byte.truncate(128);
    }
    let first = Authenticator {
        credential_public_key: every_byte.clone().into(),
        counter: highest_counter(),
        ..authenticator(&user, &every_byte)
    };
    let second = Authenticator {
        credential_id: CredentialId::new([0_u8; 16]),
        counter: 0,
        device_type: DeviceType::SingleDevice,
        backed_up: false,
        transports: None,
        ..first.clone()
    };

    for new in [&first, &second] {
        store.create_authenticator(new).await.unwrap();
    }

    for new in [first, second] {
        assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), Some(new));
    }
}

fn highest_counter() -> u32 {
    if has(Feature::WideCounters) { u32::MAX } else { i32::MAX.unsigned_abs() }
}

/// The longest id that WebAuthn allows is kept.
pub async fn a_credential_id_may_have_1023_bytes(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let id: Vec<u8> = crate::values::long_text(1023).into_bytes();
    let new = authenticator(&user, &id);

    store.create_authenticator(&new).await.unwrap();

    assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), Some(new));
}

/// A credential id is known once, whoever tries again; the credential stays as it is.
pub async fn a_credential_id_is_taken_once(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let new = authenticator(&ada, &[1]);
    store.create_authenticator(&new).await.unwrap();

    for user in [&ada, &bob] {
        let again = Authenticator { counter: 99, ..authenticator(user, &[1]) };
        assert_eq!(conflict(store.create_authenticator(&again).await), Entity::Authenticator);
    }

    assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), Some(new));
    assert_eq!(store.authenticators_of_user(&bob.id).await.unwrap(), []);
}

/// A credential needs a user.
pub async fn an_authenticator_without_a_user_is_refused(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = Authenticator { user_id: unknown_id(&**store), ..authenticator(&user, &[1]) };

    let created = store.create_authenticator(&new).await;

    assert_eq!(owner_absent(created), Entity::Authenticator);
    assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), None);
    assert_eq!(store.authenticators_of_user(&new.user_id).await.unwrap(), []);
}

/// An unknown credential is none.
pub async fn an_unknown_authenticator_is_none(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    store.create_authenticator(&authenticator(&user, &[1, 2])).await.unwrap();

    for unknown in [&[][..], &[1], &[1, 2, 0], &[2, 1]] {
        let id = CredentialId::new(unknown);
        assert_eq!(store.authenticator(&id).await.unwrap(), None);
        assert_eq!(store.delete_authenticator(&id).await.unwrap(), None);
        assert!(!store.advance_counter(&id, 7, 8).await.unwrap());
    }
    assert_eq!(store.authenticators_of_user(&unknown_id(&**store)).await.unwrap(), []);
}

/// A user's credentials are listed by id, and nobody else's.
pub async fn authenticators_are_listed_in_order(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    // Their order is the same whether they are kept as bytes, in hex or in Base64.
    let [first, second, third] = [[0x04, 0, 0], [0x08, 0, 0], [0x0c, 0, 0]].map(|id| authenticator(&ada, &id));
    for new in [&second, &third, &authenticator(&bob, &[0x09, 0, 0]), &first] {
        store.create_authenticator(new).await.unwrap();
    }

    let listed = store.authenticators_of_user(&ada.id).await.unwrap();

    assert_eq!(listed, [first, second, third]);
}

/// The counter moves from the expected value only, and nothing else changes.
pub async fn a_counter_advances_from_the_expected_value(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = authenticator(&user, &[1]);
    let other = authenticator(&user, &[2]);
    store.create_authenticator(&new).await.unwrap();
    store.create_authenticator(&other).await.unwrap();
    let id = &new.credential_id;

    assert!(store.advance_counter(id, 7, 8).await.unwrap());
    assert!(!store.advance_counter(id, 7, 9).await.unwrap());
    assert!(store.advance_counter(id, 8, 8).await.unwrap());
    assert!(store.advance_counter(id, 8, highest_counter()).await.unwrap());

    let expected = Authenticator { counter: highest_counter(), ..new.clone() };
    assert_eq!(store.authenticator(id).await.unwrap(), Some(expected));
    assert_eq!(store.authenticator(&other.credential_id).await.unwrap(), Some(other));
}

/// A deleted credential is returned as it was, and is gone.
pub async fn an_authenticator_is_deleted_once(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = authenticator(&user, &[1]);
    let other = authenticator(&user, &[2]);
    store.create_authenticator(&new).await.unwrap();
    store.create_authenticator(&other).await.unwrap();

    assert_eq!(store.delete_authenticator(&new.credential_id).await.unwrap(), Some(new.clone()));
    assert_eq!(store.delete_authenticator(&new.credential_id).await.unwrap(), None);
    assert_eq!(store.authenticator(&new.credential_id).await.unwrap(), None);
    assert_eq!(store.authenticators_of_user(&user.id).await.unwrap(), [other]);
}

/// A store without a place for them refuses every operation on authenticators, and does all the rest.
pub async fn authenticators_are_refused_where_there_is_no_place(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = authenticator(&user, &[1]);
    let id = &new.credential_id;

    assert_refused(store.create_authenticator(&new).await);
    assert_refused(store.authenticator(id).await);
    assert_refused(store.authenticators_of_user(&user.id).await);
    assert_refused(store.advance_counter(id, 7, 8).await);
    assert_refused(store.delete_authenticator(id).await);
    assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
}
