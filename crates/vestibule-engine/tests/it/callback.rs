//! `/callback/:email`: the link of a mail.

use std::time::Duration;

use http::StatusCode;
use vestibule_core::{NewUser, Sessions, Users};
use vestibule_engine::{Config, EmailProvider, LinkRedemption, Pages, Secret};

use crate::app::{App, FORM, ORIGIN, PAGE, SECRET, config};

const USED: &str = "http://localhost:3000/auth/error?error=Verification";

#[tokio::test]
async fn the_first_sign_in_creates_a_verified_user_and_a_session() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    assert_eq!(app.user("ada@example.com").await, None);

    let answer = browser.redeem(&link).await;

    assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some(ORIGIN)));
    let user = app.user("ada@example.com").await.unwrap();
    assert_eq!(user.email_verified, Some(app.now()));
    let session = browser.stored_session().await.unwrap();
    assert_eq!(session.user_id, user.id);
    assert_eq!(session.expires, app.now().after(Duration::from_hours(30 * 24)));
    let token = session.token.expose();
    assert_eq!(token.len(), 64);
    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(token, user.id.as_str());
}

#[tokio::test]
async fn a_later_sign_in_verifies_the_address_again_and_keeps_the_user() {
    let app = App::new();
    let known = NewUser { name: Some("Ada".into()), ..NewUser::with_email("ada@example.com") };
    let known = app.memory.create_user(&known, None).await.unwrap();
    app.browser().sign_in("ada@example.com").await;
    app.clock.advance(Duration::from_hours(5));

    app.browser().sign_in("ada@example.com").await;

    let user = app.user("ada@example.com").await.unwrap();
    assert_eq!((user.id.clone(), user.name), (known.id, Some("Ada".into())));
    assert_eq!(user.email_verified, Some(app.now()));
    assert_eq!(app.memory.sessions_of_user(&user.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn looking_at_a_link_changes_nothing() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    app.store.take_calls();

    let page = app.browser().get(&link).await;
    let head = app.browser().send("HEAD", &link, &[], "").await;
    app.browser().get(&link).await;

    assert_eq!((page.status(), head.status()), (StatusCode::OK, StatusCode::OK));
    assert!(page.text().contains("<form method=\"post\" action=\"/auth/callback/email\">"));
    assert!(page.text().contains("ada@example.com"));
    assert_eq!(head.text(), "");
    assert_eq!(head.header("content-length"), Some(page.text().len().to_string().as_str()));
    for name in ["content-type", "content-security-policy", "cache-control", "referrer-policy"] {
        assert!(page.header(name).is_some(), "{name}");
        assert_eq!(page.header(name), head.header(name));
    }
    assert!(!page.set_cookies().iter().any(|line| line.contains("session-token")));
    assert_eq!(app.store.take_calls(), [""; 0]);
    assert_eq!(browser.redeem(&link).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn a_link_works_once() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    browser.redeem(&link).await;

    let mut other = app.browser();
    let again = other.redeem(&link).await;

    assert_eq!(again.location(), Some(USED));
    assert_eq!(again.set_cookies(), [""; 0]);
    assert_eq!(other.session_token(), None);
}

#[tokio::test]
async fn a_link_works_for_24_hours() {
    let app = App::new();
    let mut browser = app.browser();
    let in_time = browser.ask_for_link("ada@example.com").await;
    let too_late = browser.ask_for_link("ada@example.com").await;
    app.clock.advance(Duration::from_hours(24));

    assert_eq!(browser.redeem(&in_time).await.location(), Some(ORIGIN));
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(browser.redeem(&too_late).await.location(), Some(USED));
    app.clock.set(app.now().before(Duration::from_hours(1)));
    assert_eq!(browser.redeem(&too_late).await.location(), Some(USED), "it is gone");
}

#[tokio::test]
async fn a_token_is_bound_to_its_address() {
    let app = App::new();
    let mut browser = app.browser();
    app.browser().sign_in("bob@example.com").await;
    let link = browser.ask_for_link("ada@example.com").await;

    let stolen = browser.redeem(&link.replace("ada%40", "bob%40")).await;
    assert_eq!(stolen.location(), Some(USED));
    assert_eq!(browser.session_token(), None);

    assert_eq!(browser.redeem(&link).await.location(), Some(ORIGIN), "the wrong try cost nothing");
}

#[tokio::test]
async fn a_wrong_token_leaves_the_right_one_alone() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let wrong = format!("/auth/callback/email?email=ada%40example.com&token={}", "0".repeat(64));

    assert_eq!(browser.redeem(&wrong).await.location(), Some(USED));
    assert_eq!(browser.redeem(&link).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn the_stored_hash_is_no_token() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let token = &link[link.find("token=").unwrap() + 6..][..64];
    let hash = {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(format!("{token}{SECRET}")))
    };

    assert_eq!(browser.redeem(&link.replace(token, &hash)).await.location(), Some(USED));
}

#[tokio::test]
async fn the_link_leads_where_the_sign_in_began() {
    let app = App::new();
    let mut browser = app.browser();
    browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", "/home?tab=1")]).await;

    let link = app.link_to("ada@example.com");
    let answer = app.browser().redeem(&link).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/home?tab=1"));
}

#[tokio::test]
async fn a_form_of_another_site_does_not_sign_a_visitor_in() {
    let app = App::new();
    let link = app.browser().ask_for_link("mallory@example.com").await;
    let (path, query) = link.split_once('?').unwrap();
    let mut visitor = app.browser();

    for headers in [
        [FORM, ("origin", "https://evil.example")],
        [FORM, ("origin", "null")],
        [FORM, ("sec-fetch-site", "cross-site")],
    ] {
        let answer = visitor.send("POST", path, &headers, query).await;
        assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=MissingCSRF"));
    }
    assert_eq!(visitor.session_token(), None);
    assert_eq!(app.user("mallory@example.com").await, None);
}

#[tokio::test]
async fn a_session_from_before_is_never_reused() {
    let app = App::new();
    let mut browser = app.browser();
    browser.cookies.insert("authjs.session-token".into(), "planted".into());
    browser.sign_in("ada@example.com").await;
    let first = browser.session_token().unwrap();
    assert_ne!(first.expose(), "planted");

    browser.sign_in("ada@example.com").await;

    assert_ne!(browser.session_token().unwrap(), first);
    assert_eq!(app.memory.session_and_user(&first).await.unwrap(), None, "its token is of no use any more");
}

#[tokio::test]
async fn the_session_of_somebody_else_ends() {
    for newcomer in ["known@example.com", "new@example.com"] {
        let app = App::new();
        app.browser().sign_in("known@example.com").await;
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;
        let adas = browser.session_token().unwrap();

        browser.sign_in(newcomer).await;

        assert_eq!(app.memory.session_and_user(&adas).await.unwrap(), None, "{newcomer}");
    }
}

#[tokio::test]
async fn the_switch_restores_links_that_sign_in_at_once() {
    let app = App::with(config().with_link_redemption(LinkRedemption::Immediately));
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;

    let head = app.browser().send("HEAD", &link, &[], "").await;
    assert_eq!((head.status(), head.text()), (StatusCode::BAD_REQUEST, ""));

    let answer = browser.get(&link).await;
    assert_eq!(answer.location(), Some(ORIGIN));
    assert!(browser.stored_session().await.is_some());

    assert_eq!(app.browser().get(&link).await.location(), Some(USED));
}

#[tokio::test]
async fn a_new_user_is_led_to_the_page_for_new_users() {
    let pages = Pages { new_user: Some("/welcome".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));
    let mut browser = app.browser();

    let link = browser.ask_for_link("ada@example.com").await;
    let first = browser.redeem(&link).await;
    let link = browser.ask_for_link("ada@example.com").await;
    let second = browser.redeem(&link).await;

    assert_eq!(first.location(), Some("/welcome?callbackUrl=http%3A%2F%2Flocalhost%3A3000"));
    assert_eq!(second.location(), Some(ORIGIN));
}

#[tokio::test]
async fn a_link_survives_a_rotation_of_the_secret() {
    let old = App::new();
    let link = old.browser().ask_for_link("ada@example.com").await;
    let rotated = Config::with_secrets([Secret::from("a new secret"), Secret::from(SECRET)])
        .with_base_url(ORIGIN)
        .with_provider(EmailProvider::new("a@example.com"));
    let parts = old.engine.parts().clone();
    let engine = vestibule_engine::Engine::new(rotated, parts).unwrap();
    let app = App { engine, ..old };

    assert_eq!(app.browser().redeem(&link).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn an_incomplete_link_is_400_and_costs_nothing() {
    let app = App::new();
    let long = "a".repeat(513);
    for query in [
        String::new(),
        "?token=abc".into(),
        "?email=ada%40example.com".into(),
        "?token=&email=".into(),
        format!("?email=ada%40example.com&token={long}"),
        format!("?token=abc&email={long}"),
        "?email=ada%40example.com&token=a%0Ab".into(),
    ] {
        for method in ["GET", "POST"] {
            let path = format!("/auth/callback/email{query}");
            let answer = app.browser().send(method, &path, &[PAGE], "").await;

            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
            assert!(answer.text().contains("This link is incomplete"), "{query}");
        }
    }
    assert_eq!(app.store.take_calls(), [""; 0]);
}

/// Somebody else may have made the user with a passkey, at an application beside this one.
#[tokio::test]
async fn a_link_to_a_user_who_is_not_verified_costs_one_look_at_accounts() {
    let app = App::new();
    app.memory.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    app.store.take_calls();

    browser.redeem(&link).await;

    let calls = app.store.take_calls();
    assert!(browser.session_token().is_some());
    assert_eq!(calls.iter().filter(|call| **call == "accounts_of_user").count(), 1, "{calls:?}");
}
