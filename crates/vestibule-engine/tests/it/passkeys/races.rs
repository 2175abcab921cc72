//! Many at once: of one challenge, one key and one address.

use std::sync::Arc;

use futures_util::future::join_all;
use vestibule_core::{Authenticators as _, Users as _};

use super::{ADA, NOT_LINKED, Place, WRONG, new_key, open};
use crate::app::ORIGIN;
use crate::oauth::strategies;

const MANY: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_answers_to_one_challenge_one_signs_in() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let mut key = new_key().synced().without_counter();
        place.app.browser().register(&mut key, "email=ada@example.com").await;
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let data = Arc::new(key.authenticate(ORIGIN, &asked["options"]));

        let tries = (0..MANY).map(|_| {
            let (mut browser, data) = (browser.clone(), Arc::clone(&data));
            tokio::spawn(
                async move { browser.answer("authenticate", &data).await.location().map(str::to_owned) },
            )
        });
        let places: Vec<_> = join_all(tries).await.into_iter().map(|to| to.unwrap().unwrap()).collect();

        assert_eq!(places.iter().filter(|to| *to == ORIGIN).count(), 1, "{places:?}");
        assert_eq!(places.iter().filter(|to| *to == WRONG).count(), MANY - 1, "{places:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_register_one_address_one_gets_it() {
    for strategy in strategies() {
        for _ in 0..8 {
            let place = Place::new(open(), strategy);
            let mut ready = Vec::new();
            for _ in 0..MANY {
                let (mut browser, mut key) = (place.app.browser(), new_key());
                let asked = browser.asked("email=ada@example.com").await;
                let data = key.register(ORIGIN, &asked["options"]);
                ready.push((browser, key, data));
            }
            let tries = ready.into_iter().map(|(mut browser, key, data)| {
                tokio::spawn(async move {
                    let to = browser.answer("register", &data).await.location().map(str::to_owned);
                    (to.unwrap(), browser, key)
                })
            });
            let done: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();

            let (won, lost): (Vec<_>, Vec<_>) = done.into_iter().partition(|(to, ..)| to == ORIGIN);
            assert_eq!(won.len(), 1, "{:?}", lost.iter().map(|(to, ..)| to).collect::<Vec<_>>());
            assert!(lost.iter().all(|(to, ..)| to == NOT_LINKED));
            let ada = place.app.user(ADA).await.unwrap();
            let (_, browser, mut key) = won.into_iter().next().unwrap();
            assert_eq!(place.who(&browser).await, Some(ada.id.clone()));
            assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
            assert_eq!(place.app.browser().show(&mut key).await.location(), Some(ORIGIN));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_users_who_register_one_key_one_gets_it() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let data = {
            let mut browser = place.app.browser();
            let asked = browser.asked("email=first@example.com").await;
            new_key().register(ORIGIN, &asked["options"])
        };
        let mut tries = Vec::new();
        for index in 0..MANY {
            let (mut browser, user) = place.by_mail(&format!("user{index}@example.com")).await;
            let asked = browser.asked("action=register").await;
            let data = super::bound::answering(&data, &asked["options"]);
            tries.push(tokio::spawn(async move {
                let to = browser.answer("register", &data).await.location().map(str::to_owned);
                (to.unwrap(), user)
            }));
        }
        let done: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();

        let won: Vec<_> = done.iter().filter(|(to, _)| to == ORIGIN).collect();
        assert_eq!(won.len(), 1);
        for (to, user) in &done {
            let has = usize::from(to == ORIGIN);
            assert_eq!((place.keys(user).await.len(), place.accounts(user).await.len()), (has, has));
        }
    }
}

/// Two tabs of one user, with one key: both end signed in, with one key and one account.
#[tokio::test]
async fn a_user_who_registers_one_key_in_two_tabs_has_it_once() {
    let place = Place::new(open(), strategies()[0]);
    let (mut browser, ada) = place.by_mail(ADA).await;
    let asked = browser.asked("action=register").await;
    let data = new_key().register(ORIGIN, &asked["options"]);
    let mut other = browser.clone();
    let also = other.asked("action=register").await;
    let again = super::bound::answering(&data, &also["options"]);
    place.app.store.meanwhile("link_account", move || async move {
        assert_eq!(other.answer("register", &again).await.location(), Some(ORIGIN));
    });

    let answer = browser.answer("register", &data).await;

    // The session of this tab ended when the other one got a new one.
    assert_eq!(answer.location(), Some(WRONG));
    assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
}

#[tokio::test]
async fn a_counter_that_another_answer_moves_meanwhile_is_looked_at_again() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, ada) = place.registered(ADA).await;
    let id = place.keys(&ada).await[0].credential_id.clone();
    // Two answers are signed each time, of which the second one is sent.
    for (meanwhile, to) in [(2, ORIGIN), (5, super::WRONG), (9, super::WRONG)] {
        let (memory, id) = (place.app.memory.clone(), id.clone());
        let from = place.keys(&ada).await[0].counter;
        place.app.store.meanwhile("advance_counter", move || async move {
            assert!(memory.advance_counter(&id, from, meanwhile).await.unwrap());
        });
        let mut tab = place.app.browser();
        let asked = tab.asked("action=authenticate").await;
        key.authenticate(ORIGIN, &asked["options"]);
        let data = key.authenticate(ORIGIN, &asked["options"]);

        assert_eq!(tab.answer("authenticate", &data).await.location(), Some(to), "{meanwhile}");
    }
}

#[tokio::test]
async fn a_user_who_is_deleted_meanwhile_is_not_signed_in() {
    for strategy in strategies() {
        for operation in ["link_account", "create_authenticator"] {
            let place = Place::new(open(), strategy);
            let (mut browser, ada) = place.by_mail(ADA).await;
            let (memory, id) = (place.app.memory.clone(), ada.id.clone());
            place.app.store.meanwhile(operation, move || async move {
                memory.delete_user(&id).await.unwrap();
            });

            let answer = browser.register(&mut new_key(), "action=register").await;

            assert_eq!(
                answer.location(),
                Some("http://localhost:3000/auth/error?error=AccessDenied"),
                "{operation}"
            );
            assert_eq!(place.keys(&ada).await, []);
        }
    }
}

/// Between the look at the key and its writing somebody else gets it: nothing of it stays with who came too late.
#[tokio::test]
async fn an_account_of_a_key_that_somebody_else_got_meanwhile_is_unlinked() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, ada) = place.by_mail(ADA).await;
        let (_, grace) = place.by_mail("grace@example.com").await;
        let asked = browser.asked("action=register").await;
        let mut key = new_key();
        let data = key.register(ORIGIN, &asked["options"]);
        let (memory, id) = (place.app.memory.clone(), data["id"].as_str().unwrap().to_owned());
        let owner = grace.id.clone();
        place.app.store.meanwhile("create_authenticator", move || async move {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&id).unwrap();
            let row = vestibule_core::Authenticator {
                credential_id: vestibule_core::CredentialId::new(bytes),
                user_id: owner,
                provider_account_id: id.into(),
                credential_public_key: [1, 2, 3].into(),
                counter: 0,
                device_type: vestibule_core::DeviceType::SingleDevice,
                backed_up: false,
                transports: None,
            };
            memory.create_authenticator(&row).await.unwrap();
        });

        let answer = browser.answer("register", &data).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!((place.keys(&ada).await, place.accounts(&ada).await), (vec![], vec![]));
    }
}
