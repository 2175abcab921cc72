//! A store that is down or broken: never "signed out", never "no such user", never "allowed".

use std::time::Duration;

use http::{StatusCode, Uri};
use vestibule_core::Sessions as _;
use vestibule_engine::SessionError;
use vestibule_testkit::Fault;

use crate::app::{Answer, App, Browser, FORM, ORIGIN, PAGE, RETURN, form};

fn is_outage(answer: &Answer) {
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert_eq!(answer.location(), None);
    assert!(!answer.text().contains("hunter2"));
}

async fn signed_in() -> (App, Browser) {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.store.take_calls();
    (app, browser)
}

#[tokio::test]
async fn the_session_is_503_and_kept() {
    let (app, mut browser) = signed_in().await;
    app.store.fail(Fault::Unavailable);

    let answer = browser.get("/auth/session").await;

    is_outage(&answer);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.json()["message"].is_string());
    app.store.recover();
    assert_eq!(browser.get("/auth/session").await.json()["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn the_session_update_is_503() {
    let (app, mut browser) = signed_in().await;
    let token = browser.csrf_token().await;
    app.store.fail(Fault::Unavailable);

    let body = format!(r#"{{"csrfToken":"{token}"}}"#);
    let json = ("content-type", "application/json");
    is_outage(&browser.send("POST", "/auth/session", &[json], &body).await);
}

#[tokio::test]
async fn an_extension_that_fails_is_503() {
    let (app, mut browser) = signed_in().await;
    app.clock.advance(Duration::from_hours(48));
    app.store.fail_after(1, Fault::Unavailable);

    is_outage(&browser.get("/auth/session").await);
    assert_eq!(app.store.take_calls(), ["session_and_user", "touch_session"]);
}

#[tokio::test]
async fn asking_for_a_link_is_503_and_sends_nothing() {
    let (app, mut browser) = signed_in().await;
    let mails = app.mailbox.mails().len();
    app.store.fail(Fault::Unavailable);

    let fields = [("email", "bob@example.com")];
    is_outage(&browser.post("/auth/signin/email", &fields).await);
    is_outage(&browser.post_with("/auth/signin/email", &[RETURN], &fields).await);
    let page = browser.post_with("/auth/signin/email", &[PAGE], &fields).await;

    is_outage(&page);
    assert!(page.text().contains("role=\"alert\""));
    assert_eq!(app.mailbox.mails().len(), mails);
}

#[tokio::test]
async fn signing_out_is_503_and_the_session_stays() {
    let (app, mut browser) = signed_in().await;
    app.store.fail(Fault::Unavailable);

    is_outage(&browser.post("/auth/signout", &[]).await);

    assert!(browser.stored_session().await.is_some());
}

/// The store goes down after each of the calls that redeeming a link makes.
#[tokio::test]
async fn redeeming_a_link_is_503_wherever_the_store_goes_down() {
    let mut steps = 0;
    loop {
        let (app, mut browser) = signed_in().await;
        let link = app.browser().ask_for_link("bob@example.com").await;
        app.store.take_calls();
        app.store.fail_after(steps, Fault::Unavailable);

        let answer = browser.redeem(&link).await;

        if answer.status() == StatusCode::FOUND {
            break;
        }
        is_outage(&answer);
        app.store.recover();
        if steps == 0 {
            assert_eq!(browser.redeem(&link).await.location(), Some(ORIGIN), "the link was not spent");
        }
        if let Some(bob) = app.user("bob@example.com").await {
            let sessions = app.memory.sessions_of_user(&bob.id).await.unwrap();
            assert_eq!(sessions.len(), 1, "no user comes without a session");
        }
        steps += 1;
    }
    assert_eq!(steps, 4, "token, user, user with session, old session");
}

#[tokio::test]
async fn routes_without_the_store_go_on() {
    let (app, mut browser) = signed_in().await;
    app.store.fail(Fault::Unavailable);

    for path in ["/auth/csrf", "/auth/providers", "/auth/signin", "/auth/signout", "/auth/verify-request"] {
        assert_eq!(browser.get(path).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_broken_store_is_a_server_error_and_not_an_outage() {
    for fault in [Fault::Refused, Fault::Corrupt] {
        let (app, mut browser) = signed_in().await;
        let link = browser.ask_for_link("bob@example.com").await;
        app.store.fail(fault);
        let error = Some("http://localhost:3000/auth/error?error=Configuration");

        let session = browser.get("/auth/session").await;
        assert_eq!(session.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(session.json()["message"].is_string());
        assert_eq!(session.set_cookies(), [""; 0]);
        let asked = browser.post("/auth/signin/email", &[("email", "eve@example.com")]).await;
        assert_eq!(asked.location(), error);
        assert_eq!(browser.redeem(&link).await.location(), error);
        assert_eq!(browser.post("/auth/signout", &[]).await.location(), error);
        assert!(browser.session_token().is_some());
    }
}

#[tokio::test]
async fn extractors_learn_of_an_outage() {
    let (app, browser) = signed_in().await;
    let headers = [(http::header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
    let session = async || app.engine.session(&Uri::from_static("/"), &headers).await;

    app.store.fail(Fault::Unavailable);
    let error = session().await.unwrap_err();
    assert!(matches!(error, SessionError::Unavailable(_)));
    is_outage(&Answer(error.response()));

    app.store.fail(Fault::Corrupt);
    let error = session().await.unwrap_err();
    assert!(matches!(error, SessionError::Store(_)));
    assert_eq!(error.response().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_form_can_be_sent_again_after_an_outage() {
    let (app, mut browser) = signed_in().await;
    let token = browser.csrf_token().await;
    let body = form(&[("email", "bob@example.com"), ("csrfToken", &token)]);
    app.store.fail(Fault::Unavailable);
    is_outage(&browser.send("POST", "/auth/signin/email", &[FORM], &body).await);
    app.store.recover();

    let answer = browser.send("POST", "/auth/signin/email", &[FORM], &body).await;

    assert_eq!(answer.status(), StatusCode::FOUND);
}
