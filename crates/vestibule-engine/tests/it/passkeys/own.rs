//! What users do with their passkeys: listing and removing them, but for the last way in.

use vestibule_core::{Accounts as _, Authenticators as _, CredentialId, UserChanges, Users as _};
use vestibule_engine::{UnlinkError, WebAuthnProvider};
use vestibule_testkit::Fault;

use super::{ADA, Place, WRONG, new_key, open};
use crate::app::ORIGIN;
use crate::oauth::strategies;

#[tokio::test]
async fn a_passkey_is_removed_with_its_account_and_signs_nobody_in() {
    for strategy in strategies() {
        let place = Place::new(WebAuthnProvider::passkey(), strategy);
        let (mut browser, ada) = place.by_mail(ADA).await;
        let (mut one, mut other) = (new_key(), new_key());
        browser.register(&mut one, "action=register").await;
        let first = place.app.engine.passkeys_of_user(&ada.id).await.unwrap().remove(0);
        browser.register(&mut other, "action=register").await;
        assert_eq!(place.app.engine.passkeys_of_user(&ada.id).await.unwrap().len(), 2);

        let removed = place.app.engine.remove_passkey(&ada.id, &first.credential_id, false).await.unwrap();

        assert_eq!(removed, first);
        assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
        assert_eq!(place.app.browser().show(&mut one).await.location(), Some(WRONG));
        assert_eq!(place.app.browser().show(&mut other).await.location(), Some(ORIGIN));
    }
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, ada) = place.registered(ADA).await;
    let id = place.keys(&ada).await[0].credential_id.clone();

    let removed = place.app.engine.remove_passkey(&ada.id, &id, false).await;

    assert!(matches!(removed, Err(UnlinkError::LastWayIn)), "{removed:?}");
    assert_eq!(place.app.browser().show(&mut key).await.location(), Some(ORIGIN));
    let verified = UserChanges {
        email_verified: vestibule_core::Change::Set(Some(place.app.now())),
        ..UserChanges::default()
    };
    place.app.memory.update_user(&ada.id, &verified).await.unwrap();
    assert!(place.app.engine.remove_passkey(&ada.id, &id, false).await.is_ok());
}

#[tokio::test]
async fn an_account_without_its_passkey_is_no_way_in() {
    let place = Place::new(open(), strategies()[0]);
    let (mut browser, mut key, ada) = place.registered(ADA).await;
    browser.register(&mut key, "action=register").await;
    let [one, other] = &place.keys(&ada).await[..] else { panic!("two keys") };
    place.app.memory.delete_authenticator(&other.credential_id).await.unwrap();

    let removed = place.app.engine.remove_passkey(&ada.id, &one.credential_id, false).await;

    assert!(matches!(removed, Err(UnlinkError::LastWayIn)), "{removed:?}");
}

#[tokio::test]
async fn unlinking_the_account_of_a_passkey_removes_the_passkey_and_can_be_completed() {
    let place = Place::new(WebAuthnProvider::passkey(), strategies()[0]);
    let (mut browser, ada) = place.by_mail(ADA).await;
    browser.register(&mut new_key(), "action=register").await;
    let account = place.accounts(&ada).await.remove(0);
    let unlink = || place.app.engine.unlink(&ada.id, &account.provider, &account.provider_account_id, false);
    let mut steps = 0;
    for step in 0.. {
        place.app.store.fail_after(step, Fault::Unavailable);
        let unlinked = unlink().await;
        place.app.store.recover();
        place.app.clock.advance(std::time::Duration::from_mins(1));
        if unlinked.is_ok() {
            break;
        }
        steps += 1;
        let (keys, accounts) = (place.keys(&ada).await.len(), place.accounts(&ada).await.len());
        assert!(keys <= accounts, "{step}: a passkey without its account would sign in again");
        if accounts == 0 {
            break;
        }
    }

    assert!(steps >= 5, "{steps}");
    assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (0, 0));
}

#[tokio::test]
async fn a_passkey_of_somebody_else_is_not_removed() {
    let place = Place::new(open(), strategies()[0]);
    let (_, _, ada) = place.registered(ADA).await;
    let (_, grace) = place.by_mail("grace@example.com").await;
    let id = place.keys(&ada).await[0].credential_id.clone();

    for id in [id, CredentialId::new([1, 2, 3])] {
        let removed = place.app.engine.remove_passkey(&grace.id, &id, true).await;

        assert!(matches!(removed, Err(UnlinkError::NotLinked)), "{removed:?}");
    }
    assert_eq!(place.keys(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_passkey_without_an_account_can_be_removed() {
    let place = Place::new(WebAuthnProvider::passkey(), strategies()[0]);
    let (mut browser, ada) = place.by_mail(ADA).await;
    browser.register(&mut new_key(), "action=register").await;
    let key = place.keys(&ada).await.remove(0);
    place.app.memory.unlink_account(&"passkey".into(), &key.provider_account_id).await.unwrap();

    place.app.engine.remove_passkey(&ada.id, &key.credential_id, false).await.unwrap();

    assert_eq!(place.keys(&ada).await, []);
}

#[tokio::test]
async fn an_account_without_its_passkey_can_always_be_unlinked() {
    let place = Place::new(open(), strategies()[0]);
    let (_, _, ada) = place.registered(ADA).await;
    let key = place.keys(&ada).await.remove(0);
    place.app.memory.delete_authenticator(&key.credential_id).await.unwrap();
    let (provider, id) = ("passkey".into(), key.provider_account_id);

    let unlinked = place.app.engine.unlink(&ada.id, &provider, &id, false).await;

    assert!(unlinked.is_ok(), "{unlinked:?}");
    assert_eq!(place.accounts(&ada).await, []);
}

/// An Auth.js application on the same tables may have the provider: the passkey would sign in there.
#[tokio::test]
async fn a_passkey_of_a_provider_that_is_not_configured_goes_with_its_account() {
    for by_passkey in [false, true] {
        let place = Place::new(WebAuthnProvider::passkey().with_id("old"), strategies()[0]);
        let (_, ada) = place.by_mail(ADA).await;
        let made = Place::new(open(), strategies()[0]);
        let (_, _, other) = made.registered(ADA).await;
        let mut key = made.keys(&other).await.remove(0);
        key.user_id = ada.id.clone();
        let id = key.provider_account_id.clone();
        let account = vestibule_core::NewAccount::new("webauthn".into(), "passkey", id.clone());
        place.app.memory.link_account(&ada.id, &account).await.unwrap();
        place.app.memory.create_authenticator(&key).await.unwrap();

        if by_passkey {
            place.app.engine.remove_passkey(&ada.id, &key.credential_id, false).await.unwrap();
        } else {
            place.app.engine.unlink(&ada.id, &"passkey".into(), &id, false).await.unwrap();
        }

        assert_eq!((place.keys(&ada).await, place.accounts(&ada).await), (vec![], vec![]), "{by_passkey}");
    }
}
