//! What several requests at the same time may not do.

use std::collections::HashSet;

use http::StatusCode;
use tokio::task::JoinSet;
use vestibule_core::{Change, NewUser, Sessions, UserChanges, Users};
use vestibule_engine::{Codes, Config, EmailProvider, Limits};

use crate::app::{App, ORIGIN, SECRET, config};

#[tokio::test]
async fn of_many_redemptions_of_one_link_one_succeeds() {
    for _ in 0..20 {
        let app = App::new();
        let link = app.browser().ask_for_link("ada@example.com").await;
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let (mut browser, link) = (app.browser(), link.clone());
            tasks.spawn(async move {
                browser.redeem(&link).await;
                browser.session_token().is_some()
            });
        }

        let signed_in = tasks.join_all().await;

        assert_eq!(signed_in.into_iter().filter(|it| *it).count(), 1);
        let user = app.user("ada@example.com").await.unwrap();
        assert_eq!(app.memory.sessions_of_user(&user.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn of_many_first_sign_ins_of_one_address_one_user_comes() {
    for _ in 0..20 {
        let app = App::with(config().with_limits(Limits::off()));
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let link = app.browser().ask_for_link("ada@example.com").await;
            let mut browser = app.browser();
            tasks.spawn(async move {
                let answer = browser.redeem(&link).await;
                assert_eq!(answer.location(), Some(ORIGIN));
                browser.stored_session().await.unwrap().user_id
            });
        }

        let users: HashSet<_> = tasks.join_all().await.into_iter().collect();

        assert_eq!(users.len(), 1);
        let user = app.user("ada@example.com").await.unwrap();
        assert_eq!(app.memory.sessions_of_user(&user.id).await.unwrap().len(), 16);
    }
}

#[tokio::test]
async fn a_user_who_is_created_meanwhile_is_found() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let memory = app.memory.clone();
    app.store.take_calls();
    app.store.meanwhile("sign_up", move || async move {
        memory.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    });

    let answer = browser.redeem(&link).await;

    assert_eq!(answer.location(), Some(ORIGIN));
    let user = app.user("ada@example.com").await.unwrap();
    assert_eq!(user.email_verified, Some(app.now()));
    assert_eq!(browser.stored_session().await.unwrap().user_id, user.id);
    assert_eq!(
        app.store.take_calls(),
        [
            "consume_verification_token",
            "user_by_email",
            "sign_up",
            "user_by_email",
            "accounts_of_user",
            "update_user",
            "create_session"
        ]
    );
}

#[tokio::test]
async fn a_user_who_is_deleted_before_the_session_begins_is_not_signed_in() {
    let app = App::new();
    app.browser().sign_in("ada@example.com").await;
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let (memory, user) = (app.memory.clone(), app.user("ada@example.com").await.unwrap());
    app.store.meanwhile("create_session", move || async move {
        memory.delete_user(&user.id).await.unwrap();
    });

    let answer = browser.redeem(&link).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=AccessDenied"));
    assert_eq!(browser.session_token(), None);
    assert_eq!(app.user("ada@example.com").await, None);
}

#[tokio::test]
async fn a_user_who_is_deleted_before_the_update_comes_anew() {
    let app = App::new();
    app.browser().sign_in("ada@example.com").await;
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let (memory, old) = (app.memory.clone(), app.user("ada@example.com").await.unwrap());
    let id = old.id.clone();
    app.store.meanwhile("update_user", move || async move {
        memory.delete_user(&id).await.unwrap();
    });

    browser.redeem(&link).await;

    let user = app.user("ada@example.com").await.unwrap();
    assert_ne!(user.id, old.id);
    assert_eq!(browser.stored_session().await.unwrap().user_id, user.id);
}

/// The link shows that the old address is somebody's, and nothing about the new one.
#[tokio::test]
async fn a_user_whose_address_changes_before_the_update_is_not_the_one_of_the_link() {
    let app = App::new();
    app.browser().sign_in("ada@example.com").await;
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let (memory, old) = (app.memory.clone(), app.user("ada@example.com").await.unwrap());
    let id = old.id.clone();
    app.store.meanwhile("update_user", move || async move {
        let changes = UserChanges {
            email: Change::Set(Some("grace@example.com".into())),
            email_verified: Change::Set(None),
            ..UserChanges::default()
        };
        memory.update_user(&id, &changes).await.unwrap();
    });

    let answer = browser.redeem(&link).await;

    assert_eq!(answer.location(), Some(ORIGIN));
    let changed = app.user("grace@example.com").await.unwrap();
    assert_eq!((&changed.id, changed.email_verified), (&old.id, None));
    let user = app.user("ada@example.com").await.unwrap();
    assert_ne!(user.id, old.id);
    assert_eq!(user.email_verified, Some(app.now()));
    assert_eq!(browser.stored_session().await.unwrap().user_id, user.id);
}

#[tokio::test]
async fn signing_out_while_the_session_is_read_ends_it() {
    for _ in 0..20 {
        let app = App::new();
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;
        app.clock.advance(std::time::Duration::from_hours(48));
        let csrf = browser.csrf_token().await;
        let mut tasks = JoinSet::new();
        for reader in 0..8 {
            let (mut browser, csrf) = (browser.clone(), csrf.clone());
            tasks.spawn(async move {
                if reader == 3 {
                    browser.post("/auth/signout", &[("csrfToken", &csrf)]).await.status()
                } else {
                    browser.get("/auth/session").await.status()
                }
            });
        }

        for status in tasks.join_all().await {
            assert!(matches!(status, StatusCode::OK | StatusCode::FOUND));
        }

        assert_eq!(browser.stored_session().await, None);
    }
}

/// Some type the code, some open the link: they share one row.
#[tokio::test]
async fn of_many_uses_of_a_link_and_its_code_one_succeeds() {
    for round in 0..20 {
        let provider = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
        let app = App::with(Config::new(SECRET).with_base_url(ORIGIN).with_provider(provider));
        let mut asked = app.browser();
        let code = asked.ask_for_code("ada@example.com").await;
        let link = app.link_to("ada@example.com");
        let links = if round % 4 == 0 { 0 } else { 32 };
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let (code, link) = (code.clone(), link.clone());
            let mut browser = if number < links { app.browser() } else { asked.clone() };
            tasks.spawn(async move {
                if number < links {
                    browser.redeem(&link).await;
                } else {
                    browser.enter(&code).await;
                }
                browser.is_signed_in()
            });
        }

        let signed_in = tasks.join_all().await;

        assert_eq!(signed_in.into_iter().filter(|it| *it).count(), 1);
        let user = app.user("ada@example.com").await.unwrap();
        assert_eq!(app.memory.sessions_of_user(&user.id).await.unwrap().len(), 1);
    }
}
