//! The decision table, for a link in a mail: who signs in, with a session or without, known or new. One test a row.

use std::time::Duration;

use vestibule_core::{NewUser, Sessions, Users};
use vestibule_engine::JwtPolicy;

use crate::app::{App, Browser, ORIGIN};
use crate::oauth::{World, strategies};

const ADA: &str = "ada@example.com";

/// From the question for a link to its redemption, both in one browser.
async fn sign_in(browser: &mut Browser, email: &str) {
    let link = browser.ask_for_link(email).await;

    let answer = browser.redeem(&link).await;

    assert_eq!(answer.location(), Some(ORIGIN));
}

/// How many sessions of the user the store has; with sessions in the cookie it has none, whatever happens.
async fn rows(app: &App, email: &str) -> usize {
    let user = app.user(email).await.unwrap();
    app.memory.sessions_of_user(&user.id).await.unwrap().len()
}

#[tokio::test]
async fn somebody_new_is_created_and_verified() {
    for (strategy, kept) in strategies().into_iter().zip([1, 0]) {
        let world = World::new(strategy).await;
        let mut browser = world.app.browser();

        sign_in(&mut browser, ADA).await;

        let user = world.app.user(ADA).await.unwrap();
        assert_eq!(world.who(&browser).await, Some(user.id));
        assert_eq!(user.email_verified, Some(world.app.now()));
        assert_eq!(world.diary.take(), ["createUser ada@example.com", "signIn ada@example.com email new"]);
        assert_eq!(rows(&world.app, ADA).await, kept);
    }
}

#[tokio::test]
async fn somebody_known_is_verified_and_stays_who_they_are() {
    for (strategy, kept) in strategies().into_iter().zip([1, 0]) {
        let world = World::new(strategy).await;
        let known = NewUser { name: Some("Ada".into()), ..NewUser::with_email(ADA) };
        let known = world.app.memory.create_user(&known, None).await.unwrap();
        let mut browser = world.app.browser();

        sign_in(&mut browser, ADA).await;

        let user = world.app.user(ADA).await.unwrap();
        assert_eq!(world.who(&browser).await, Some(known.id.clone()));
        assert_eq!((user.id, user.name.as_deref()), (known.id, Some("Ada")));
        assert_eq!(user.email_verified, Some(world.app.now()));
        assert_eq!(world.diary.take(), ["updateUser ada@example.com", "signIn ada@example.com email"]);
        assert_eq!(rows(&world.app, ADA).await, kept);
    }
}

#[tokio::test]
async fn whoever_is_signed_in_signs_in_again_with_another_session() {
    for (strategy, kept) in strategies().into_iter().zip([1, 0]) {
        let world = World::new(strategy).await;
        let (mut browser, user) = world.signed_in(ADA).await;
        let before = browser.session_token().unwrap();
        world.app.clock.advance(Duration::from_hours(1));

        sign_in(&mut browser, ADA).await;

        assert_eq!(world.who(&browser).await, Some(user.id));
        assert_ne!(browser.session_token().unwrap(), before);
        assert_eq!(world.app.memory.session_and_user(&before).await.unwrap(), None);
        assert_eq!(world.app.user(ADA).await.unwrap().email_verified, Some(world.app.now()));
        assert_eq!(world.diary.take(), ["updateUser ada@example.com", "signIn ada@example.com email"]);
        assert_eq!(rows(&world.app, ADA).await, kept);
    }
}

#[tokio::test]
async fn the_session_of_somebody_else_is_replaced_and_nobody_is_joined() {
    for (newcomer, is_new) in [("known@example.com", false), ("new@example.com", true)] {
        for (strategy, kept) in strategies().into_iter().zip([1, 0]) {
            let world = World::new(strategy).await;
            world.app.memory.create_user(&NewUser::with_email("known@example.com"), None).await.unwrap();
            let (mut browser, ada) = world.signed_in(ADA).await;
            let before = browser.session_token().unwrap();

            sign_in(&mut browser, newcomer).await;

            let user = world.app.user(newcomer).await.unwrap();
            assert_ne!(user.id, ada.id);
            assert_eq!(world.who(&browser).await, Some(user.id));
            assert_eq!(world.app.user(ADA).await, Some(ada));
            assert_eq!(world.app.memory.session_and_user(&before).await.unwrap(), None);
            let told = if is_new {
                vec![format!("createUser {newcomer}"), format!("signIn {newcomer} email new")]
            } else {
                vec![format!("updateUser {newcomer}"), format!("signIn {newcomer} email")]
            };
            assert_eq!(world.diary.take(), told);
            assert_eq!((rows(&world.app, ADA).await, rows(&world.app, newcomer).await), (0, kept));
        }
    }
}

#[tokio::test]
async fn a_session_that_has_expired_or_that_nobody_made_is_replaced() {
    for strategy in strategies() {
        for is_forged in [false, true] {
            let world = World::new(strategy).await;
            let (mut browser, _) = world.signed_in("grace@example.com").await;
            if is_forged {
                browser.cookies.insert("authjs.session-token".into(), "forged".into());
            } else {
                world.app.clock.advance(Duration::from_hours(31 * 24));
            }

            sign_in(&mut browser, ADA).await;

            let user = world.app.user(ADA).await.unwrap();
            assert_eq!(world.who(&browser).await, Some(user.id));
        }
    }
}

#[tokio::test]
async fn a_session_whose_user_was_deleted_is_replaced_by_one_of_somebody_new() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let (mut browser, gone) = world.signed_in(ADA).await;
        world.app.memory.delete_user(&gone.id).await.unwrap();

        sign_in(&mut browser, ADA).await;

        let user = world.app.user(ADA).await.unwrap();
        assert_ne!(user.id, gone.id);
        assert_eq!(world.who(&browser).await, Some(user.id));
        assert_eq!(world.diary.take(), ["createUser ada@example.com", "signIn ada@example.com email new"]);
    }
}

#[tokio::test]
async fn a_link_that_was_used_leaves_the_session_that_there_is() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let link = world.app.browser().ask_for_link("grace@example.com").await;
        world.app.browser().redeem(&link).await;
        let (mut browser, ada) = world.signed_in(ADA).await;

        let answer = browser.redeem(&link).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=Verification"));
        assert_eq!(world.who(&browser).await, Some(ada.id));
        assert_eq!(world.diary.take(), [""; 0]);
    }
}

/// The store is asked for the user and nothing about sessions.
#[tokio::test]
async fn with_sessions_in_the_cookie_no_row_of_a_session_is_touched() {
    let world = World::new(JwtPolicy::default().into()).await;
    let (mut browser, _) = world.signed_in(ADA).await;
    let link = browser.ask_for_link(ADA).await;
    world.app.store.take_calls();

    browser.redeem(&link).await;

    assert_eq!(world.app.store.take_calls(), ["consume_verification_token", "user_by_email", "update_user"]);
}
