//! The engine on a store with hashed sessions: nobody in front of it notices.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use vestibule_core::{SecretToken, Sessions};
use vestibule_engine::{Config, EmailProvider, Engine, Parts};
use vestibule_testkit::{Mailbox, TestClock};
use vestibule_vault::{HashedSessions, PlainSessions};

use crate::support::{self, HASH_OF_TOKEN, NOW, Set};

const ORIGIN: &str = "http://localhost:3000";
const COOKIE: &str = "authjs.session-token";

struct App {
    set: Set<HashedSessions>,
    engine: Engine,
    mailbox: Mailbox,
}

impl App {
    async fn new() -> Self {
        let set = support::sessions(PlainSessions::Adopted).await;
        let mailbox = Mailbox::new();
        let config = Config::new("test-secret-0123456789abcdef")
            .with_base_url(ORIGIN)
            .with_provider(EmailProvider::new("App <no-reply@example.com>"));
        let parts = Parts::new(Arc::new(set.store.clone()), Arc::new(mailbox.clone()))
            .with_clock(Arc::new(TestClock::at(NOW)));
        Self { set, engine: Engine::new(config, parts).unwrap(), mailbox }
    }

    async fn send(&self, method: &str, path: &str, cookies: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies)
            .header("origin", ORIGIN)
            .header("content-type", "application/x-www-form-urlencoded");
        self.engine.handle(request.body(Bytes::from(body.to_owned())).unwrap()).await
    }

    async fn post(&self, path: &str, cookies: &str, body: &str) -> Response<Bytes> {
        let csrf = self.send("GET", "/auth/csrf", "", "").await;
        let text = text(&csrf);
        let token = text.split('"').nth(3).unwrap();
        let cookies = format!("{cookies}; authjs.csrf-token={}", cookie(&csrf, "authjs.csrf-token").unwrap());
        self.send("POST", path, &cookies, &format!("{body}&csrfToken={token}")).await
    }
}

fn text(answer: &Response<Bytes>) -> String {
    String::from_utf8(answer.body().to_vec()).unwrap()
}

/// The value that the answer gives a cookie.
fn cookie(answer: &Response<Bytes>, name: &str) -> Option<String> {
    let lines = answer.headers().get_all("set-cookie").into_iter().map(|line| line.to_str().unwrap());
    let mut values = lines
        .filter_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.split(';').next()?.to_owned()));
    values.next()
}

#[tokio::test]
async fn a_session_from_before_goes_on_under_the_same_cookie() {
    let app = App::new().await;
    app.set.plain("token").await;

    for _ in 0..2 {
        let answer = app.send("GET", "/auth/session", &format!("{COOKIE}=token"), "").await;

        assert!(text(&answer).contains("ada@example.com"), "{}", text(&answer));
        assert_eq!(cookie(&answer, COOKIE).as_deref(), Some("token"));
        assert_eq!(app.set.stored_tokens().await, [HASH_OF_TOKEN]);
    }
}

#[tokio::test]
async fn the_stored_hash_in_a_cookie_signs_nobody_in_and_nobody_out() {
    let app = App::new().await;
    app.set.plain("token").await;
    app.send("GET", "/auth/session", &format!("{COOKIE}=token"), "").await;
    let stolen = format!("{COOKIE}={HASH_OF_TOKEN}");

    assert_eq!(text(&app.send("GET", "/auth/session", &stolen, "").await), "null");
    app.post("/auth/signout", &stolen, "").await;

    assert_eq!(app.set.stored_tokens().await, [HASH_OF_TOKEN]);
}

#[tokio::test]
async fn signing_in_gives_the_token_and_stores_the_hash_and_signing_out_ends_it() {
    let app = App::new().await;
    let asked = app.post("/auth/signin/email", "", "email=ada%40example.com").await;
    assert_eq!(asked.status(), StatusCode::FOUND);
    let link = app.mailbox.last_to("ada@example.com").unwrap().link;
    let (path, query) = link.strip_prefix(ORIGIN).unwrap().split_once('?').unwrap();

    let answer = app.send("POST", path, "", query).await;

    let token = cookie(&answer, COOKIE).unwrap();
    assert!(!token.is_empty());
    let stored = app.set.stored_tokens().await;
    assert!(stored.len() == 1 && stored[0].starts_with("sha256:"));
    assert!(app.set.store.session_and_user(&SecretToken::from(&*token)).await.unwrap().is_some());

    app.post("/auth/signout", &format!("{COOKIE}={token}"), "").await;
    assert_eq!(app.set.stored_tokens().await, [""; 0]);
}
