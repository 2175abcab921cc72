//! Somebody signs up, out and in again.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use tower::ServiceExt;

async fn send(app: &Router, request: Request<Body>) -> Response<Body> {
    app.clone().oneshot(request).await.unwrap()
}

async fn post(app: &Router, path: &str, form: &'static str, cookie: &str) -> Response<Body> {
    let request = Request::post(path)
        .header(header::HOST, "example.com")
        .header(header::ORIGIN, "https://example.com")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie);
    send(app, request.body(Body::from(form)).unwrap()).await
}

async fn home(app: &Router, cookie: &str) -> String {
    let response =
        send(app, Request::get("/").header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await;
    String::from_utf8(to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
}

/// What the browser sends back.
fn cookie(response: &Response<Body>) -> String {
    let header = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(header.ends_with("; Path=/; SameSite=Lax; Secure"), "{header}");
    header.split(';').next().unwrap().to_owned()
}

const ADA: &str = "email=ada@example.com&password=correct+horse";

#[tokio::test]
async fn a_user_signs_up_out_and_in() {
    let app = lucia_sessions::app(":memory:").await.unwrap();

    let up = cookie(&post(&app, "/sign-up", ADA, "").await);
    assert_eq!(home(&app, &up).await, "Hello, ada@example.com");

    let out = cookie(&post(&app, "/sign-out", "", &up).await);
    assert_eq!(out, "auth_session=");
    assert_eq!(home(&app, &up).await, "Nobody is signed in any more.");
    assert_eq!(home(&app, &out).await, "Nobody is signed in.");

    let again = cookie(&post(&app, "/sign-in", ADA, "").await);
    assert_ne!(again, up);
    assert_eq!(home(&app, &again).await, "Hello, ada@example.com");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let app = lucia_sessions::app(":memory:").await.unwrap();
    post(&app, "/sign-up", ADA, "").await;

    let status = async |path, form| post(&app, path, form, "").await.status();
    assert_eq!(status("/sign-up", ADA).await, StatusCode::CONFLICT);
    assert_eq!(status("/sign-in", "email=ada@example.com&password=x").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("/sign-in", "email=eve@example.com&password=x").await, StatusCode::UNAUTHORIZED);

    let forged = Request::post("/sign-out").header(header::HOST, "example.com");
    let forged = forged.header(header::ORIGIN, "https://evil.example").body(Body::empty()).unwrap();
    assert_eq!(send(&app, forged).await.status(), StatusCode::FORBIDDEN);
}
