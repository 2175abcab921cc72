//! The decision table: who signs in by an account that is, or is not, linked. One test a row.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use vestibule_core::{NewUser, Sessions, Users};
use vestibule_engine::{Linking, SessionStrategy};

use super::{NOT_LINKED, World, ada, strategies};
use crate::app::ORIGIN;

#[tokio::test]
async fn an_account_signs_its_user_in() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let owner = world.owner("grace@example.com", "ada-1").await;
        world.fake.set_user(ada());
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some(ORIGIN)));
        assert_eq!(world.who(&browser).await, Some(owner.id));
        assert_eq!(world.app.user("ada@example.com").await, None);
        assert_eq!(world.diary.take(), ["signIn grace@example.com fake"]);
    }
}

#[tokio::test]
async fn whoever_is_signed_in_signs_in_again_by_an_account_of_their_own() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.owner("ada@example.com", "ada-1").await;
        let (mut browser, user) = world.signed_in("ada@example.com").await;
        let before = browser.session_token().unwrap();
        world.fake.set_user(ada());
        world.diary.take();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!(world.who(&browser).await, Some(user.id.clone()));
        assert_eq!(world.accounts(&user.id).await, 1);
        assert_eq!(world.diary.take(), ["signIn ada@example.com fake"]);
        // A session that somebody else may know of does not live on.
        assert_ne!(browser.session_token().unwrap(), before);
        assert_eq!(world.app.memory.session_and_user(&before).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_account_of_somebody_else_is_refused() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let owner = world.owner("grace@example.com", "ada-1").await;
        let (mut browser, user) = world.signed_in("ada@example.com").await;
        world.fake.set_user(ada());

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(world.who(&browser).await, Some(user.id.clone()));
        assert_eq!(world.account("ada-1").await.unwrap().user_id, owner.id);
        assert_eq!(world.accounts(&user.id).await, 0);
        assert_eq!(world.diary.take(), [""; 0]);
    }
}

#[tokio::test]
async fn an_account_of_nobody_is_linked_to_whoever_is_signed_in_whatever_its_address() {
    for linking in [Linking::WhenSignedIn, Linking::SameVerifiedEmail, Linking::DangerousSameEmail] {
        for strategy in strategies() {
            let world = World::with(strategy, |fake| fake.with_linking(linking)).await;
            let grace =
                world.app.memory.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
            let (mut browser, user) = world.signed_in("ada@example.com").await;
            world.fake.set_user(json!({"sub": "g", "email": "grace@example.com", "email_verified": true}));

            let answer = world.sign_in(&mut browser).await;

            assert_eq!(answer.location(), Some(ORIGIN));
            assert_eq!(world.who(&browser).await, Some(user.id.clone()));
            assert_eq!(world.account("g").await.unwrap().user_id, user.id);
            assert_eq!(world.accounts(&grace.id).await, 0);
            assert_eq!(
                world.diary.take(),
                ["linkAccount ada@example.com fake:g as grace@example.com", "signIn ada@example.com fake"]
            );
        }
    }
}

#[tokio::test]
async fn an_address_of_somebody_is_refused_without_their_session() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let (_, user) = world.signed_in("ada@example.com").await;
        world.fake.set_user(ada());
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(NOT_LINKED));
        assert_eq!(world.who(&browser).await, None);
        assert_eq!(browser.session_token(), None);
        assert_eq!(world.account("ada-1").await, None);
        assert_eq!(world.accounts(&user.id).await, 0);
        assert_eq!(world.diary.take(), [""; 0]);
    }
}

#[tokio::test]
async fn an_address_of_somebody_is_linked_where_that_is_allowed_and_nobody_is_created() {
    for strategy in strategies() {
        let world = World::with(strategy, |fake| fake.with_linking(Linking::DangerousSameEmail)).await;
        let user = world.app.memory.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        world.fake.set_user(json!({"sub": "ada-1", "email": "Ada@Example.com", "email_verified": false}));
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!(world.who(&browser).await, Some(user.id.clone()));
        assert_eq!(world.account("ada-1").await.unwrap().user_id, user.id);
        assert_eq!(
            world.diary.take(),
            ["linkAccount ada@example.com fake:ada-1", "signIn ada@example.com fake"]
        );
    }
}

#[tokio::test]
async fn somebody_new_is_created_with_the_account() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.fake.set_user(json!({
            "sub": "ada-1", "name": "Ada", "email": "Ada@Example.com", "email_verified": true,
            "picture": "https://example.com/ada.png",
        }));
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        let user = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(world.who(&browser).await, Some(user.id.clone()));
        assert_eq!((user.name.as_deref(), user.email_verified), (Some("Ada"), None));
        assert_eq!(user.image.as_deref(), Some("https://example.com/ada.png"));
        let account = world.account("ada-1").await.unwrap();
        assert_eq!((account.user_id, account.account_type.as_str()), (user.id, "oidc"));
        let tokens = account.tokens;
        let in_an_hour = world.app.now().as_secs() + 3600;
        assert_eq!(tokens.expires_at.unwrap().as_secs(), in_an_hour);
        assert_eq!(tokens.token_type.as_deref(), Some("bearer"));
        assert_eq!(tokens.scope.as_deref(), Some("openid profile email"));
        assert!(tokens.access_token.is_some() && tokens.refresh_token.is_some() && tokens.id_token.is_some());
        assert_eq!(
            world.diary.take(),
            [
                "createUser ada@example.com",
                "linkAccount ada@example.com fake:ada-1",
                "signIn ada@example.com fake new"
            ]
        );
    }
}

#[tokio::test]
async fn somebody_new_needs_no_address() {
    for strategy in strategies() {
        let world = World::with(strategy, |fake| fake.with_linking(Linking::DangerousSameEmail)).await;
        world.app.memory.create_user(&NewUser::default(), None).await.unwrap();
        for (subject, email) in [("1", json!(null)), ("2", json!("")), ("3", json!("no address"))] {
            world.fake.set_user(json!({"sub": subject, "email": email}));
            let mut browser = world.app.browser();

            let answer = world.sign_in(&mut browser).await;

            assert_eq!(answer.location(), Some(ORIGIN));
            let user = world.who(&browser).await.unwrap();
            assert_eq!(world.app.memory.user(&user).await.unwrap().unwrap().email, None);
            let account = format!("linkAccount nobody fake:{subject}");
            assert_eq!(world.diary.take(), ["createUser nobody", &account, "signIn nobody fake new"]);
        }
    }
}

/// In the original, whoever came back after a long time was linked to, signed in or not.
#[tokio::test]
async fn a_session_that_has_expired_links_nothing() {
    for strategy in strategies() {
        for expires_on_the_way in [false, true] {
            let world = World::new(strategy).await;
            let (mut browser, user) = world.signed_in("grace@example.com").await;
            world.fake.set_user(ada());
            let (month, minute) = (30 * 24 * 60, Duration::from_mins(1));
            let away = if expires_on_the_way { month - 1 } else { month + 1 };
            world.app.clock.advance(Duration::from_mins(away));

            let to = browser.leave_for("fake").await;
            world.app.clock.advance(2 * minute);
            let answer = browser.come_back(&world.fake.visit(&to)).await;

            assert_eq!(answer.location(), Some(ORIGIN));
            assert_eq!(world.accounts(&user.id).await, 0);
            let new = world.app.user("ada@example.com").await.unwrap();
            assert_eq!(world.account("ada-1").await.unwrap().user_id, new.id);
            assert_eq!(world.who(&browser).await, Some(new.id));
        }
    }
}

#[tokio::test]
async fn a_session_whose_user_was_deleted_is_nobodys() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let (mut browser, user) = world.signed_in("ada@example.com").await;
        world.app.memory.delete_user(&user.id).await.unwrap();
        world.fake.set_user(ada());

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        let new = world.app.user("ada@example.com").await.unwrap();
        assert_ne!(new.id, user.id);
        assert_eq!(world.who(&browser).await, Some(new.id));
    }
}

#[tokio::test]
async fn a_session_cookie_that_nobody_made_is_nobodys() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.fake.set_user(ada());
        let mut browser = world.app.browser();
        browser.cookies.insert("authjs.session-token".into(), "forged".into());

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN));
        let user = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(world.who(&browser).await, Some(user.id));
    }
}

#[tokio::test]
async fn the_account_is_the_key_and_not_the_address() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    world.sign_in(&mut world.app.browser()).await;
    let user = world.app.user("ada@example.com").await.unwrap();
    let other = world.app.memory.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();

    // The same account has got the address of somebody else.
    world.fake.set_user(json!({"sub": "ada-1", "email": "grace@example.com", "email_verified": true}));
    let mut browser = world.app.browser();
    world.sign_in(&mut browser).await;

    assert_eq!(world.who(&browser).await, Some(user.id.clone()));
    assert_eq!(world.app.memory.user(&user.id).await.unwrap().unwrap().email, user.email);
    assert_eq!(world.accounts(&other.id).await, 0);
}

#[tokio::test]
async fn the_adapter_is_called_as_by_the_original_but_not_twice_for_one_thing() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();
    let to = browser.leave_for("fake").await;
    let returned = world.fake.visit(&to);
    world.app.store.take_calls();

    browser.come_back(&returned).await;

    assert_eq!(
        world.app.store.take_calls(),
        ["create_verification_token", "user_by_account", "user_by_email", "sign_up"]
    );
}
