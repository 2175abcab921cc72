//! The decision table: every row, with sessions of both kinds.

use vestibule_core::{Accounts as _, Authenticators, DeviceType, Users as _};
use vestibule_testkit::webauthn::{KeyKind, VirtualAuthenticator};

use super::{ADA, NOT_LINKED, Place, WRONG, new_key, open};
use crate::app::ORIGIN;
use crate::oauth::strategies;

const GRACE: &str = "grace@example.com";

#[tokio::test]
async fn a_new_address_is_a_new_user_with_account_key_and_session() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, mut key) = (place.app.browser(), new_key().synced());

        let answer = browser.register(&mut key, "email=Ada@example.com").await;

        assert_eq!((answer.status().as_u16(), answer.location()), (302, Some(ORIGIN)));
        let user = place.app.user(ADA).await.unwrap();
        assert_eq!((user.email_verified, user.name.as_deref()), (None, None));
        assert_eq!(place.who(&browser).await.as_ref(), Some(&user.id));
        let [row] = &place.keys(&user).await[..] else { panic!("one key") };
        let [account] = &place.accounts(&user).await[..] else { panic!("one account") };
        assert_eq!((row.counter, row.device_type, row.backed_up), (1, DeviceType::MultiDevice, true));
        assert_eq!(row.transports.as_deref(), Some("internal,hybrid"));
        assert_eq!(account.provider.as_str(), "passkey");
        assert_eq!(account.account_type.as_str(), "webauthn");
        assert_eq!(account.provider_account_id, row.provider_account_id);
        let there = account.provider_account_id.as_str();
        assert_eq!(
            place.diary.take(),
            [
                format!("createUser {ADA}"),
                format!("linkAccount {ADA} passkey:{there}"),
                format!("signIn {ADA} passkey new")
            ]
        );
    }
}

#[tokio::test]
async fn a_key_of_somebody_signs_them_in() {
    for strategy in strategies() {
        for kind in [KeyKind::Es256, KeyKind::EdDsa, KeyKind::Rs256] {
            let place = Place::new(open(), strategy);
            let (mut first, mut key) = (place.app.browser(), VirtualAuthenticator::new(kind));
            first.register(&mut key, "email=ada@example.com").await;
            place.diary.take();
            let user = place.app.user(ADA).await.unwrap();
            let mut browser = place.app.browser();

            let answer = browser.show(&mut key).await;

            assert_eq!(answer.location(), Some(ORIGIN), "{kind:?}");
            assert_eq!(place.who(&browser).await, Some(user.id.clone()));
            assert_eq!(place.keys(&user).await[0].counter, 2);
            assert_eq!(place.diary.take(), [format!("signIn {ADA} passkey")]);
        }
    }
}

#[tokio::test]
async fn a_key_of_whoever_is_signed_in_signs_them_in_once_more_with_another_session() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, mut key, user) = place.registered(ADA).await;
        let before = browser.clone();

        let answer = browser.show(&mut key).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!(place.who(&browser).await, Some(user.id));
        assert_ne!(browser.session_token(), before.session_token());
        if matches!(strategy, vestibule_engine::SessionStrategy::Database(_)) {
            assert_eq!(place.who(&before).await, None);
        }
    }
}

#[tokio::test]
async fn a_key_of_somebody_else_is_refused_while_signed_in() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, _) = place.registered(GRACE).await;
        let (mut browser, ada) = place.by_mail(ADA).await;
        let mut asked = browser.asked("action=authenticate").await;
        asked["options"].as_object_mut().unwrap().remove("allowCredentials");
        let data = key.authenticate(ORIGIN, &asked["options"]);

        let answer = browser.answer("authenticate", &data).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(place.who(&browser).await, Some(ada.id.clone()));
        assert_eq!(place.accounts(&ada).await, []);
        assert_eq!(place.diary.take(), [""; 0]);
    }
}

#[tokio::test]
async fn a_new_key_is_linked_to_whoever_is_signed_in() {
    for strategy in strategies() {
        let place = Place::new(vestibule_engine::WebAuthnProvider::passkey(), strategy);
        let (mut browser, ada) = place.by_mail(ADA).await;
        let before = browser.clone();
        let mut key = new_key();

        let answer = browser.register(&mut key, "action=register").await;

        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!(place.who(&browser).await, Some(ada.id.clone()));
        assert_ne!(browser.session_token(), before.session_token());
        let [row] = &place.keys(&ada).await[..] else { panic!("one key") };
        assert_eq!(place.accounts(&ada).await[0].provider_account_id, row.provider_account_id);
        let there = row.provider_account_id.as_str();
        assert_eq!(
            place.diary.take(),
            [format!("linkAccount {ADA} passkey:{there}"), format!("signIn {ADA} passkey")]
        );
        assert_eq!(place.app.browser().show(&mut key).await.location(), Some(ORIGIN));
    }
}

#[tokio::test]
async fn an_address_that_somebody_took_meanwhile_is_refused() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, mut key) = (place.app.browser(), new_key());
        let asked = browser.asked("email=ada@example.com").await;
        let (_, ada) = place.by_mail(ADA).await;

        let answer = browser.answer("register", &key.register(ORIGIN, &asked["options"])).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(place.accounts(&ada).await, []);
        assert_eq!(place.keys(&ada).await, []);
        assert_eq!(place.who(&browser).await, None);
    }
}

/// Whoever knows the id of a key can send a registration of it: nothing in it is signed.
#[tokio::test]
async fn registering_a_key_that_is_somebodys_signs_nobody_in() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let mut key = new_key();
        let mut owner = place.app.browser();
        let asked = owner.asked("email=ada@example.com").await;
        let data = key.register(ORIGIN, &asked["options"]);
        owner.answer("register", &data).await;
        let ada = place.app.user(ADA).await.unwrap();
        let before = place.keys(&ada).await;
        place.app.store.take_calls();

        let mut eve = place.app.browser();
        let asked = eve.asked("email=eve@example.com").await;
        let as_eves = super::bound::answering(&data, &asked["options"]);
        let as_stranger = eve.answer("register", &as_eves).await;
        let tried = place.app.store.take_calls();
        let (mut grace, user) = place.by_mail(GRACE).await;
        let asked = grace.asked("action=register").await;
        let as_graces = super::bound::answering(&data, &asked["options"]);
        place.app.store.take_calls();
        let as_user = grace.answer("register", &as_graces).await;
        let also_tried = place.app.store.take_calls();

        assert_eq!(as_stranger.location(), Some(NOT_LINKED));
        assert_eq!(as_user.location(), Some(NOT_LINKED));
        assert_eq!(place.who(&eve).await, None);
        assert_eq!(place.who(&grace).await, Some(user.id.clone()));
        assert_eq!(place.keys(&ada).await, before);
        assert_eq!(place.keys(&user).await, []);
        assert_eq!(place.app.user("eve@example.com").await, None);
        for tried in [tried, also_tried] {
            let writes = ["sign_up", "create_user", "create_authenticator", "link_account"];
            assert!(!tried.iter().any(|call| writes.contains(call)), "{tried:?}");
        }
    }
}

/// Nothing is written over, and nobody gets a key that somebody else has, though its account is not linked.
#[tokio::test]
async fn a_key_that_is_there_is_taken_from_nobody() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, ada) = place.by_mail(ADA).await;
        let asked = browser.asked("action=register").await;
        let data = new_key().register(ORIGIN, &asked["options"]);
        browser.answer("register", &data).await;
        let mut row = place.keys(&ada).await.remove(0);
        place.app.memory.unlink_account(&"passkey".into(), &row.provider_account_id).await.unwrap();
        let (mut grace, user) = place.by_mail(GRACE).await;
        let asked = grace.asked("action=register").await;
        let as_graces = super::bound::answering(&data, &asked["options"]);
        let as_another = grace.answer("register", &as_graces).await;
        row.credential_public_key = [1, 2, 3].into();
        place.app.memory.delete_authenticator(&row.credential_id).await.unwrap();
        place.app.memory.create_authenticator(&row).await.unwrap();
        let asked = browser.asked("action=register").await;
        let again = super::bound::answering(&data, &asked["options"]);
        let as_itself = browser.answer("register", &again).await;

        assert_eq!([as_another.location(), as_itself.location()], [Some(NOT_LINKED); 2]);
        assert_eq!(place.keys(&ada).await, [row]);
        assert_eq!((place.keys(&user).await, place.accounts(&user).await), (vec![], vec![]));
    }
}

#[tokio::test]
async fn registering_ones_own_key_once_more_is_signing_in() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let mut key = new_key();
        let (mut browser, ada) = place.by_mail(ADA).await;
        let asked = browser.asked("action=register").await;
        let data = key.register(ORIGIN, &asked["options"]);
        browser.answer("register", &data).await;
        let asked = browser.asked("action=register").await;

        let again = super::bound::answering(&data, &asked["options"]);
        let answer = browser.answer("register", &again).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
    }
}

#[tokio::test]
async fn a_key_whose_account_was_deleted_signs_nobody_in_and_is_not_linked_again() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, ada) = place.registered(ADA).await;
        let row = place.keys(&ada).await.remove(0);
        place.app.memory.unlink_account(&"passkey".into(), &row.provider_account_id).await.unwrap();

        for _ in 0..2 {
            let answer = place.app.browser().show(&mut key).await;

            assert_eq!(answer.location(), Some(super::WRONG));
            assert_eq!(place.accounts(&ada).await, []);
            assert_eq!(place.diary.take(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_user_who_is_gone_has_no_key() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, ada) = place.registered(ADA).await;
        place.app.memory.delete_user(&ada.id).await.unwrap();

        let mut browser = place.app.browser();
        let answer = browser.show(&mut key).await;

        assert_eq!(answer.location(), Some(super::WRONG));
        assert_eq!(place.who(&browser).await, None);
    }
}

#[tokio::test]
async fn where_addresses_may_not_be_named_nobody_is_registered_with_one() {
    for strategy in strategies() {
        let open_place = Place::new(open(), strategy);
        let mut browser = open_place.app.browser();
        let asked = browser.asked("email=ada@example.com").await;
        let data = new_key().register(ORIGIN, &asked["options"]);
        let place = Place::new(vestibule_engine::WebAuthnProvider::passkey(), strategy);
        browser.app = place.app.clone();
        place.app.store.take_calls();

        let answer = browser.answer("register", &data).await;

        // Not even that the challenge was used.
        assert!(!place.app.store.take_calls().contains(&"create_verification_token"));
        assert_eq!(answer.location(), Some(WRONG));
        assert_eq!(place.app.user(ADA).await, None);
        assert!(place.app.memory.authenticators_of_user(&"1".into()).await.unwrap().is_empty());
    }
}
