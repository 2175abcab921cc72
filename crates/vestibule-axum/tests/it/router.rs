use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{Method, Request};
use http_body::{Frame, SizeHint};
use tower::ServiceExt;
use vestibule_axum::Auth;
use vestibule_core::Sessions;
use vestibule_engine::{Config, Engine};

use crate::app::{Layered, Mount, ORIGIN, TestApp, request};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn apps() -> [TestApp; 3] {
    [
        TestApp::with(Mount::Nested, Layered::Yes, "/auth"),
        TestApp::with(Mount::Merged, Layered::Yes, "/auth"),
        TestApp::with(Mount::Nested, Layered::Yes, "/api/auth"),
    ]
}

fn base(index: usize) -> &'static str {
    ["/auth", "/auth", "/api/auth"][index]
}

/// The CSRF token and the cookies that go with it.
async fn csrf(app: &TestApp, base: &str) -> (String, String) {
    let answer = app.get(&format!("{base}/csrf"), &[]).await;
    let token = answer.body.split('"').nth(3).unwrap().to_owned();
    (token, answer.as_cookies())
}

#[tokio::test]
async fn a_whole_sign_in_works_nested_and_merged() {
    for (index, app) in apps().into_iter().enumerate() {
        let base = base(index);
        let (token, cookies) = csrf(&app, base).await;
        let form = format!("csrfToken={token}&email=Ada%40example.com&callbackUrl=%2Faccount");

        let sent = app.post(&format!("{base}/signin/email"), &[FORM, ("cookie", &cookies)], &form).await;
        assert_eq!(sent.status, 302, "{sent:?}");
        let link = app.mailbox.last_to("ada@example.com").unwrap().link;
        let link = link.strip_prefix(ORIGIN).unwrap();
        assert!(link.starts_with(&format!("{base}/callback/email?")), "{link}");
        let landed = app.post(link, &[FORM, ("cookie", &cookies)], &format!("csrfToken={token}")).await;
        assert_eq!(landed.status, 302, "{landed:?}");
        assert_eq!(landed.header("location"), Some("http://app.example/account"));
        let [cookie] = landed.session_cookies()[..] else {
            panic!("one session cookie: {landed:?}");
        };
        let cookie = cookie.split(';').next().unwrap();

        assert_eq!(app.get("/account", &[("cookie", cookie)]).await.body, "ada@example.com");
        let user = app.store.session_and_user(&cookie.split('=').nth(1).unwrap().into()).await.unwrap();
        assert!(user.is_some());
    }
}

#[tokio::test]
async fn every_path_below_the_base_is_the_engines() {
    for (index, app) in apps().into_iter().enumerate() {
        let base = base(index);
        for path in ["/session", "/session/", "//session", "/session?x=1"] {
            let answer = app.get(&format!("{base}{path}"), &[]).await;

            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "null"), "{base}{path}");
        }
        for path in ["", "/unknown", "/a/b/c/d", "/%ff", "/%00", "/session/x", "/session?x=%ff"] {
            let answer = app.get(&format!("{base}{path}"), &[]).await;

            assert_eq!(
                (answer.status.as_u16(), answer.body.as_str()),
                (400, r#""Bad request.""#),
                "{base}{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_bare_prefix_with_a_slash_is_the_engines_if_merged_and_the_applications_if_nested() {
    let status = async |mount| TestApp::with(mount, Layered::Yes, "/auth").get("/auth/", &[]).await.status;

    assert_eq!(status(Mount::Merged).await, 400);
    assert_eq!(status(Mount::Nested).await, 404);
}

#[tokio::test]
async fn every_method_is_the_engines() {
    for app in [TestApp::new(), TestApp::with(Mount::Merged, Layered::Yes, "/auth")] {
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();

            let answer = app.send(request(method.clone(), "/auth/session", &[], Body::empty())).await;

            assert_eq!(answer.status, 400, "{method}");
        }
    }
}

#[tokio::test]
async fn a_path_that_only_begins_like_the_base_is_not_the_engines() {
    for app in [TestApp::new(), TestApp::with(Mount::Merged, Layered::Yes, "/auth")] {
        assert_eq!(app.get("/authsession", &[]).await.status, 404);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_and_nothing_is_written() {
    let app = TestApp::new();
    let (token, cookies) = csrf(&app, "/auth").await;
    let padding = "x".repeat(Config::DEFAULT_BODY_LIMIT);
    let form = format!("csrfToken={token}&email=ada%40example.com&padding={padding}");
    let before = app.store.asked();

    let answer = app.post("/auth/signin/email", &[FORM, ("cookie", &cookies)], &form).await;

    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(app.store.asked(), before);
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_400() {
    let pieces = [Ok("csrfToken="), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    let request = Request::post("/auth/signin/email")
        .header("host", "app.example")
        .header(FORM.0, FORM.1)
        .body(Body::from_stream(futures_util::stream::iter(pieces)))
        .unwrap();

    let answer = TestApp::new().send(request).await;

    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn the_limit_for_bodies_is_the_engines_below_and_above_axums_own() {
    for limit in [10, 3 * 1024 * 1024] {
        let config = Config::new("a secret of at least 32 characters")
            .with_base_url("http://app.example")
            .with_body_limit(limit);
        let parts = TestApp::new().auth.engine().unwrap().parts().clone();
        let auth = Auth::new(Engine::new(config, parts).unwrap());
        for router in [Router::new().nest("/auth", auth.router()), auth.merged_router()] {
            let status = async |body: Body| {
                let request = request(Method::POST, "/auth/signout", &[FORM], body);
                router.clone().oneshot(request).await.unwrap().status()
            };
            let (fits, larger) = ("x".repeat(limit), "x".repeat(limit + 1));
            let pieces = |text: &str| {
                let pieces = text.as_bytes().chunks(3000).map(Bytes::copy_from_slice).map(io::Result::Ok);
                Body::from_stream(futures_util::stream::iter(pieces.collect::<Vec<_>>()))
            };

            assert_eq!(status(pieces(&fits)).await, 302);
            assert_eq!(status(pieces(&larger)).await, 413);
            assert_eq!(status(Body::from(fits)).await, 302);
            assert_eq!(status(Body::from(larger)).await, 413);
        }
    }
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_long_is_not_read() {
    let app = TestApp::new();
    let limit = app.auth.engine().unwrap().body_limit();
    let pieces = futures_util::stream::poll_fn(|_| -> Poll<Option<io::Result<Bytes>>> { panic!("was read") });
    let body = Announced { length: limit as u64 + 1, body: Body::from_stream(pieces) };

    let answer = app.send(request(Method::POST, "/auth/signout", &[FORM], Body::new(body))).await;

    assert_eq!(answer.status, 413);
}

/// A body whose length is known beforehand, as by `Content-Length`.
struct Announced {
    length: u64,
    body: Body,
}

impl HttpBody for Announced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
