//! A store that fails, at every step: 503, nobody signed in, and nothing left that keeps anybody out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use vestibule_core::{NewAccount, NewUser, TokenHash, Users, VerificationTokens};
use vestibule_testkit::Fault;

use super::{ADA, CHALLENGE, NOT_LINKED, Place, new_key, open};
use crate::app::{Answer, ORIGIN};
use crate::oauth::strategies;

fn is_outage(answer: &Answer, step: usize) {
    assert_eq!(answer.status(), 503, "{step}: {:?} {}", answer.location(), answer.text());
    assert_eq!(answer.header("retry-after"), Some("5"), "{step}");
    assert!(!answer.set_cookies().iter().any(|line| line.contains("session-token")), "{step}");
    assert!(!answer.text().contains("hunter2"), "{step}");
}

#[tokio::test]
async fn options_fail_closed() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (signed_in, ..) = place.registered(ADA).await;
        for query in ["action=authenticate", "email=ada@example.com", "action=register"] {
            let mut browser = if query.contains("email") { place.app.browser() } else { signed_in.clone() };
            for step in 0.. {
                place.app.store.fail_after(step, Fault::Unavailable);
                let answer = browser.options(query).await;
                place.app.store.recover();
                if answer.status() == 200 {
                    assert!(step >= 2, "{query}");
                    break;
                }
                is_outage(&answer, step);
                assert_eq!(answer.set_cookies(), [""; 0], "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_sign_up_that_fails_at_any_step_can_be_begun_again() {
    for strategy in strategies() {
        let mut steps = 0;
        for step in 0.. {
            let place = Place::new(open(), strategy);
            let mut browser = place.app.browser();
            let asked = browser.asked("email=ada@example.com").await;
            let mut key = new_key();
            let data = key.register(ORIGIN, &asked["options"]);
            browser.csrf_token().await;
            place.app.store.fail_after(step, Fault::Unavailable);
            let answer = browser.answer("register", &data).await;
            place.app.store.recover();
            if answer.location() == Some(ORIGIN) {
                break;
            }
            is_outage(&answer, step);
            steps += 1;
            assert_eq!(place.who(&browser).await, None, "{step}");

            // Whatever was left: the address can be registered, or the key signs in.
            let mut again = place.app.browser();
            let options = again.asked("email=ada@example.com").await;
            if options["action"] == "register" {
                let mut other = new_key();
                let data = other.register(ORIGIN, &options["options"]);
                let answer = again.answer("register", &data).await;
                assert_eq!(answer.location(), Some(ORIGIN), "{step}");
                assert_eq!(place.app.browser().show(&mut other).await.location(), Some(ORIGIN), "{step}");
            } else {
                let data = key.authenticate(ORIGIN, &options["options"]);
                assert_eq!(again.answer("authenticate", &data).await.location(), Some(ORIGIN), "{step}");
            }
            let ada = place.app.user(ADA).await.unwrap();
            assert_eq!(place.keys(&ada).await.len(), 1, "{step}");
            assert_eq!(place.accounts(&ada).await.len(), 1, "{step}");
        }
        assert!(steps >= 6, "{steps}");
    }
}

#[tokio::test]
async fn a_sign_up_that_a_dead_process_has_left_is_cleared_away() {
    for strategy in strategies() {
        // The process dies before each write: what others see is what was written until then.
        let creates = if strategy == strategies()[0] { "sign_up" } else { "create_user" };
        for operation in [creates, "create_authenticator"] {
            let place = Place::new(open(), strategy);
            let store = place.app.store.clone();
            place.app.store.meanwhile(operation, move || async move { store.fail(Fault::Unavailable) });
            let mut browser = place.app.browser();
            let died = browser.register(&mut new_key(), "email=ada@example.com").await;
            place.app.store.recover();
            assert_eq!(died.status(), 503, "{operation}");

            let mut key = new_key();
            let answer = place.app.browser().register(&mut key, "email=ada@example.com").await;

            assert_eq!(answer.location(), Some(ORIGIN), "{operation}");
            let ada = place.app.user(ADA).await.unwrap();
            assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
        }
    }
}

/// The tokens that are in the store, of all kinds and ages; they are gone afterwards.
async fn tokens(place: &Place) -> u64 {
    let end = vestibule_core::Timestamp::from_millis(i64::MAX / 2);
    place.app.memory.delete_expired_tokens(end, 100).await.unwrap()
}

#[tokio::test]
async fn a_sign_up_that_the_store_refuses_leaves_no_note() {
    for strategy in strategies() {
        let creates = if strategy == strategies()[0] { "sign_up" } else { "create_user" };
        let place = Place::new(open(), strategy);
        let store = place.app.store.clone();
        place.app.store.meanwhile(creates, move || async move { store.fail(Fault::Refused) });
        let store = place.app.store.clone();
        place.app.store.meanwhile("consume_verification_token", move || async move { store.recover() });

        let answer = place.app.browser().register(&mut new_key(), "email=ada@example.com").await;
        place.app.store.recover();

        assert_eq!(answer.location(), Some(super::CONFIGURATION));
        assert_eq!(place.app.user(ADA).await, None);
        assert_eq!(tokens(&place).await, 1, "the challenge that was used, and nothing else");
    }
}

/// The second one is through with its questions before the first one has written anything, and loses; the first one goes on.
#[tokio::test]
async fn of_two_sign_ups_with_one_key_and_one_address_one_is_whole() {
    for strategy in strategies() {
        let creates = if strategy == strategies()[0] { "sign_up" } else { "create_user" };
        let place = Place::new(open(), strategy);
        let (mut one, mut other) = (place.app.browser(), place.app.browser());
        let (asked, also) =
            (one.asked("email=ada@example.com").await, other.asked("email=ada@example.com").await);
        let data = new_key().register(ORIGIN, &asked["options"]);
        let again = super::bound::answering(&data, &also["options"]);
        let (reached, is_reached) = tokio::sync::oneshot::channel();
        let (release, released) = tokio::sync::oneshot::channel();
        let (tell, told) = tokio::sync::oneshot::channel();
        let store = place.app.store.clone();
        place.app.store.meanwhile(creates, move || async move {
            store.meanwhile("create_authenticator", move || async move {
                reached.send(()).unwrap();
                released.await.unwrap();
            });
            let mut task =
                tokio::spawn(
                    async move { other.answer("register", &again).await.location().map(str::to_owned) },
                );
            tokio::select! {
                _ = is_reached => {}
                _ = &mut task => {
                    store.meanwhile("create_authenticator", || async {});
                    return tell.send(None).unwrap();
                }
            }
            tell.send(Some(task)).unwrap();
        });

        let answer = one.answer("register", &data).await;

        let mut won = vec![answer.location().map(str::to_owned)];
        if let Some(task) = told.await.unwrap() {
            release.send(()).unwrap();
            won.push(task.await.unwrap());
        }
        assert_eq!(won.iter().filter(|to| to.as_deref() == Some(ORIGIN)).count(), 1, "{won:?}");
        let ada = place.app.user(ADA).await.unwrap();
        assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1));
        assert_eq!(tokens(&place).await, 2, "the challenges that were used, and nothing else");
    }
}

#[tokio::test]
async fn a_sign_up_whose_key_is_not_stored_is_undone() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let store = place.app.store.clone();
        place
            .app
            .store
            .meanwhile("create_authenticator", move || async move { store.fail(Fault::Unavailable) });
        for undoing in ["delete_user", "consume_verification_token"] {
            let store = place.app.store.clone();
            place.app.store.meanwhile(undoing, move || async move { store.recover() });
        }

        let answer = place.app.browser().register(&mut new_key(), "email=ada@example.com").await;

        is_outage(&answer, 0);
        assert_eq!(place.app.user(ADA).await, None);
    }
}

/// Somebody else has taken the note, and is about to delete the user.
#[tokio::test]
async fn a_sign_up_whose_note_is_gone_signs_nobody_in() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let mut browser = place.app.browser();
        let asked = browser.asked("email=ada@example.com").await;
        let data = new_key().register(ORIGIN, &asked["options"]);
        let id = URL_SAFE_NO_PAD.decode(data["id"].as_str().unwrap()).unwrap();
        let noted = format!("{ADA}\0passkey\0{}", STANDARD.encode(id));
        let token = TokenHash::from(hex::encode(Sha256::digest(noted)));
        let memory = place.app.memory.clone();
        place.app.store.meanwhile("consume_verification_token", move || async move {
            let note = memory.consume_verification_token("vestibule:webauthn-sign-up", &token).await.unwrap();
            assert!(note.is_some());
        });

        let answer = browser.answer("register", &data).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(place.who(&browser).await, None);
    }
}

#[tokio::test]
async fn nobody_is_cleared_away_who_only_looks_like_it() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let account = NewAccount::new("webauthn".into(), "passkey", "a2V5");
        let mut early = place.app.browser();
        let asked = early.asked("email=ada@example.com").await;
        let data = new_key().register(ORIGIN, &asked["options"]);
        let user = place.app.memory.create_user(&NewUser::with_email(ADA), Some(&account)).await.unwrap();

        // A passkey was taken from somebody by hand: there is no note of a sign-up.
        let answer = early.answer("register", &data).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(place.app.user(ADA).await, Some(user));
        // And no key is asked for that could not be registered.
        let mut browser = place.app.browser();
        assert_eq!(browser.asked("email=ada@example.com").await["action"], "authenticate");
        assert_eq!(browser.options("action=register&email=ada@example.com").await.status(), 400);
    }
}

#[tokio::test]
async fn a_sign_up_is_not_cleared_away_once_it_is_done() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, ada) = place.registered(ADA).await;

        let mut browser = place.app.browser();
        assert_eq!(browser.options("action=register&email=ada@example.com").await.status(), 400);
        assert_eq!(place.app.user(ADA).await, Some(ada));
        assert_eq!(place.app.browser().show(&mut key).await.location(), Some(ORIGIN));
    }
}

/// Somebody who registers the same address takes a sign-up that is under way for one that was left.
#[tokio::test]
async fn a_sign_up_that_is_taken_for_left_over_fails_whole() {
    for strategy in strategies() {
        for operation in ["create_authenticator", "consume_verification_token"] {
            let place = Place::new(open(), strategy);
            let (mut slow, mut quick) = (place.app.browser(), place.app.browser());
            let asked = slow.asked("email=ada@example.com").await;
            let also = quick.asked("email=ada@example.com").await;
            let data = new_key().register(ORIGIN, &asked["options"]);
            let mut key = new_key();
            let other = key.register(ORIGIN, &also["options"]);
            let meanwhile =
                async move { quick.answer("register", &other).await.location().map(str::to_owned) };
            let (tell, told) = std::sync::mpsc::channel();
            place.app.store.meanwhile(operation, move || async move { tell.send(meanwhile.await).unwrap() });

            let answer = slow.answer("register", &data).await;

            let quick_went = told.recv().unwrap();
            let ada = place.app.user(ADA).await.unwrap();
            assert_eq!(
                (place.keys(&ada).await.len(), place.accounts(&ada).await.len()),
                (1, 1),
                "{operation}"
            );
            let won = [answer.location(), quick_went.as_deref()].map(|to| to == Some(ORIGIN));
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "{operation}: {won:?}");
            if won[1] {
                assert_eq!(answer.location(), Some(NOT_LINKED));
                assert_eq!(place.app.browser().show(&mut key).await.location(), Some(ORIGIN));
                assert_eq!(place.who(&slow).await, None);
            }
        }
    }
}

#[tokio::test]
async fn linking_that_fails_at_any_step_is_completed_by_registering_the_key_again() {
    for strategy in strategies() {
        for step in 0.. {
            let place = Place::new(open(), strategy);
            let (mut browser, ada) = place.by_mail(ADA).await;
            let asked = browser.asked("action=register").await;
            let mut key = new_key();
            let data = key.register(ORIGIN, &asked["options"]);
            place.app.store.fail_after(step, Fault::Unavailable);
            let answer = browser.answer("register", &data).await;
            place.app.store.recover();
            if answer.location() == Some(ORIGIN) {
                break;
            }
            is_outage(&answer, step);
            let (keys, accounts) = (place.keys(&ada).await.len(), place.accounts(&ada).await.len());
            assert!(keys <= accounts, "{step}: a key without its account signs nobody in");
            if keys == 0 {
                // Registering the very same key again.
                let asked = browser.asked("action=register").await;
                let again = super::bound::answering(&data, &asked["options"]);
                let answer = browser.answer("register", &again).await;
                assert_eq!(answer.location(), Some(ORIGIN), "{step}");
            }

            let answer = place.app.browser().show(&mut key).await;

            assert_eq!(answer.location(), Some(ORIGIN), "{step}");
            assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (1, 1), "{step}");
        }
    }
}

#[tokio::test]
async fn signing_in_that_fails_at_any_step_signs_nobody_in_and_keeps_the_challenge_until_it_is_used() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, ada) = place.registered(ADA).await;
        for step in 0.. {
            let mut browser = place.app.browser();
            let asked = browser.asked("action=authenticate").await;
            let data = key.authenticate(ORIGIN, &asked["options"]);
            place.app.store.fail_after(step, Fault::Unavailable);
            let answer = browser.answer("authenticate", &data).await;
            place.app.store.recover();
            if answer.location() == Some(ORIGIN) {
                assert!(step >= 4);
                break;
            }
            is_outage(&answer, step);
            let kept = browser.cookies.contains_key(CHALLENGE);
            assert_eq!(kept, step < 2, "{step}");
            if kept {
                assert_eq!(browser.answer("authenticate", &data).await.location(), Some(ORIGIN), "{step}");
                assert_eq!(place.who(&browser).await, Some(ada.id.clone()));
            }
        }
    }
}

#[tokio::test]
async fn a_store_that_is_broken_lets_nobody_in() {
    for fault in [Fault::Corrupt, Fault::Refused] {
        let place = Place::new(open(), strategies()[0]);
        let (_, mut key, _) = place.registered(ADA).await;
        for step in 0..4 {
            let mut browser = place.app.browser();
            let asked = browser.asked("action=authenticate").await;
            let data = key.authenticate(ORIGIN, &asked["options"]);
            place.app.store.fail_after(step, fault);
            let answer = browser.answer("authenticate", &data).await;
            place.app.store.recover();

            assert_eq!(answer.location(), Some(super::CONFIGURATION), "{fault:?} {step}");
            assert_eq!(place.who(&browser).await, None);
        }
    }
}

#[tokio::test]
async fn what_is_noted_tells_neither_address_nor_key() {
    let place = Place::new(open(), strategies()[0]);
    place.registered(ADA).await;

    // What a sign-up has noted is gone with it.
    let any = TokenHash::from("0".repeat(64));
    let noted = place.app.memory.consume_verification_token("vestibule:webauthn-sign-up", &any).await;

    assert_eq!(noted.unwrap(), None);
    let left =
        place.app.memory.delete_expired_tokens(vestibule_core::Timestamp::from_millis(i64::MAX / 2), 100);
    assert_eq!(left.await.unwrap(), 1, "the challenge that was used, and nothing else");
}
