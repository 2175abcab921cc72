use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use tower::ServiceExt;
use vestibule_axum::SignedIn;

use crate::app::{Layered, Mount, TestApp};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn an_extended_session_gets_its_cookie_set_anew_and_is_not_cached() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    app.clock.advance(DAY);

    let answer = app.get("/account", &[("cookie", &cookie)]).await;

    let [renewed] = answer.session_cookies()[..] else {
        panic!("one cookie: {answer:?}");
    };
    assert!(renewed.starts_with(&format!("{cookie};")), "{renewed}");
    // 30 days after the extension: the test clock starts at 2026-11-20T13:06:13Z.
    assert!(renewed.contains("Expires=Mon, 21 Dec 2026 13:06:13 GMT"), "{renewed}");
    assert!(renewed.contains("HttpOnly") && renewed.contains("SameSite=Lax"), "{renewed}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn a_session_that_is_not_due_is_left_alone() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    app.clock.advance(DAY.saturating_sub(Duration::from_millis(1)));

    let answer = app.get("/account", &[("cookie", &cookie)]).await;

    assert_eq!(answer.session_cookies(), [""; 0]);
    assert_eq!(answer.header("cache-control"), None);
}

#[tokio::test]
async fn without_the_layer_no_cookie_is_set() {
    let app = TestApp::with(Mount::Nested, Layered::No, "/auth");
    let cookie = app.signed_in().await;
    app.clock.advance(DAY);

    let answer = app.get("/account", &[("cookie", &cookie)]).await;

    assert_eq!(answer.body, "ada@example.com");
    assert_eq!(answer.session_cookies(), [""; 0]);
}

#[tokio::test]
async fn a_handler_that_sets_the_session_cookie_itself_has_the_last_word() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    app.clock.advance(DAY);

    let answer = app.post("/own-cookie", &[("cookie", &cookie)], "").await;

    assert_eq!(answer.session_cookies(), ["authjs.session-token=; Max-Age=0; Path=/"]);
}

#[tokio::test]
async fn the_store_is_asked_once_however_many_ask() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    let before = app.store.asked();

    let answer = app.get("/twice", &[("cookie", &cookie)]).await;

    assert!(answer.body.ends_with(" true"), "{answer:?}");
    assert_eq!(app.store.asked() - before, 1);
}

#[tokio::test]
async fn the_store_is_not_asked_where_nobody_asks() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    let before = app.store.asked();

    app.get("/static", &[("cookie", &cookie)]).await;
    app.get("/", &[]).await;

    assert_eq!(app.store.asked(), before);
}

#[tokio::test]
async fn beneath_the_layer_of_one_engine_another_engine_is_asked_itself() {
    let (people, staff) = (TestApp::new(), TestApp::new());
    let cookie = people.signed_in().await;
    let desk = Router::new().route("/", get(|_: SignedIn| async { "for the staff" }));
    let app = Router::new().nest("/desk", desk.with_state(staff.auth)).layer(people.auth.layer());

    let request = Request::get("/desk").header("cookie", cookie).body(Body::empty()).unwrap();
    let answer = app.oneshot(request).await.unwrap();

    assert_eq!(answer.status(), 401);
}
