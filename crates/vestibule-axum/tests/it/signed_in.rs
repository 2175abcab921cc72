use axum::body::Body;
use http::Method;

use crate::app::{Layered, Mount, TestApp, request};

const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn unlayered() -> TestApp {
    TestApp::with(Mount::Nested, Layered::No, "/auth")
}

#[tokio::test]
async fn who_is_signed_in_is_known_with_and_without_the_layer() {
    for app in [TestApp::new(), unlayered()] {
        let cookie = app.signed_in().await;

        let answer = app.get("/account", &[("cookie", &cookie)]).await;

        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "ada@example.com"));
    }
}

#[tokio::test]
async fn an_optional_session_is_none_for_nobody() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;

    for nobody in [&[][..], &[("cookie", "authjs.session-token=unknown")]] {
        let answer = app.get("/", nobody).await;

        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "nobody"));
    }
    assert!(app.get("/", &[("cookie", &cookie)]).await.body.starts_with("somebody"));
}

#[tokio::test]
async fn an_api_request_of_nobody_is_401_as_json() {
    let app = TestApp::new();
    for headers in [&[][..], &[("accept", "*/*")], &[("accept", "application/json")]] {
        let answer = app.get("/account", headers).await;

        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.body, r#"{"error":"You are not signed in."}"#);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    }
}

#[tokio::test]
async fn a_post_of_nobody_is_401_even_from_a_browser() {
    let answer = TestApp::new().post("/account", &[PAGE], "").await;

    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_page_request_of_nobody_leads_to_sign_in_and_back() {
    let app = TestApp::new();
    for method in [Method::GET, Method::HEAD] {
        let answer = app.send(request(method, "/account?tab=1&x=a%26b", &[PAGE], Body::empty())).await;

        assert_eq!(answer.status, 302);
        assert_eq!(
            answer.header("location"),
            Some("/auth/signin?callbackUrl=%2Faccount%3Ftab%3D1%26x%3Da%2526b")
        );
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    }
}

#[tokio::test]
async fn below_a_nested_router_the_way_back_has_the_prefix() {
    for app in [TestApp::new(), unlayered()] {
        let answer = app.get("/inner/deep?x=1", &[PAGE]).await;

        assert_eq!(answer.header("location"), Some("/auth/signin?callbackUrl=%2Finner%2Fdeep%3Fx%3D1"));
    }
}

#[tokio::test]
async fn the_way_back_cannot_leave_the_site() {
    // axum does not route `//evil.example`; the handler of the fallback is reached by none of these.
    let answer = TestApp::new().get("/account?next=//evil.example/%0d%0aSet-Cookie:x", &[PAGE]).await;

    let location = answer.header("location").unwrap();
    assert!(location.starts_with("/auth/signin?callbackUrl=%2Faccount"), "{location}");
}

#[tokio::test]
async fn broken_cookies_are_nobody_and_never_an_error() {
    let app = TestApp::new();
    for cookie in [
        "authjs.session-token",
        "authjs.session-token=",
        "authjs.session-token=%ff%00",
        "authjs.session-token=%",
        ";;;=;",
        "authjs.session-token=\u{fffd}",
        &format!("authjs.session-token={}", "x".repeat(20_000)),
    ] {
        let answer = app.get("/account", &[("cookie", cookie)]).await;

        assert_eq!(answer.status, 401, "{cookie:.60}");
    }
}
