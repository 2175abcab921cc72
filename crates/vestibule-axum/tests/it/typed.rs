//! User and session as types of the application's own.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;
use vestibule_axum::{Auth, SignedInAs};
use vestibule_core::{Clock, NewSession, NewUser, Sessions, TouchPolicy, Users};
use vestibule_engine::{Claims, Config, Engine, JwtPolicy, Parts};
use vestibule_memory::Memory;
use vestibule_testkit::{Mailbox, TestClock};
use vestibule_token::SessionKeys;

const SECRET: &str = "a secret of at least 32 characters";

#[derive(Deserialize)]
struct Member {
    id: String,
    email: Option<String>,
    role: String,
    level: u8,
}

#[derive(Deserialize)]
struct Data {
    tenant: String,
}

async fn both(SignedInAs { user, data, .. }: SignedInAs<Member, Data>) -> String {
    let Member { id, email, role, level } = user;
    format!("{} {} {role} {level} {}", !id.is_empty(), email.unwrap_or_default(), data.tenant)
}

async fn user_alone(who: Option<SignedInAs<Member>>) -> String {
    who.map_or_else(|| "nobody".into(), |who| who.user.role)
}

fn app(config: Config, memory: Memory, clock: &TestClock) -> Router {
    let parts = Parts::new(Arc::new(memory), Arc::new(Mailbox::new())).with_clock(Arc::new(clock.clone()));
    let auth = Auth::new(Engine::new(config.with_base_url("http://app.example"), parts).unwrap());
    Router::new().route("/both", get(both)).route("/user", get(user_alone)).with_state(auth)
}

async fn ask(app: &Router, path: &str, cookie: &str) -> (StatusCode, String) {
    let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// A store with columns of the application's own, and a user and a session in it.
async fn in_the_store(level: serde_json::Value) -> (Router, String) {
    let (memory, clock) = (
        Memory::new()
            .with_user_columns([("role", json!(null)), ("level", json!(null))])
            .with_session_columns([("tenant", json!(null))]),
        TestClock::default(),
    );
    let extra = [("role".into(), json!("admin")), ("level".into(), level)].into_iter().collect();
    let user =
        memory.create_user(&NewUser { extra, ..NewUser::with_email("ada@example.com") }, None).await.unwrap();
    let expires = TouchPolicy::default().expiry(clock.now());
    let session = NewSession {
        extra: [("tenant".into(), json!("acme"))].into_iter().collect(),
        ..NewSession::new("token", user.id, expires)
    };
    memory.create_session(&session).await.unwrap();
    (app(Config::new(SECRET), memory, &clock), "authjs.session-token=token".into())
}

#[tokio::test]
async fn columns_are_read_from_the_store() {
    let (app, cookie) = in_the_store(json!(3)).await;

    assert_eq!(
        ask(&app, "/both", &cookie).await,
        (StatusCode::OK, "true ada@example.com admin 3 acme".into())
    );
    assert_eq!(ask(&app, "/user", &cookie).await, (StatusCode::OK, "admin".into()));
    assert_eq!(ask(&app, "/user", "").await, (StatusCode::OK, "nobody".into()));
    assert_eq!(ask(&app, "/both", "").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_does_not_fit_is_a_fault_of_the_server_and_not_nobody() {
    let (app, cookie) = in_the_store(json!("high")).await;

    for path in ["/both", "/user"] {
        let (status, body) = ask(&app, path, &cookie).await;

        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.contains("high"), "{body}");
    }
}

#[tokio::test]
async fn claims_are_read_from_the_token() {
    let clock = TestClock::default();
    let app = app(Config::new(SECRET).with_session(JwtPolicy::default()), Memory::new(), &clock);
    let claims =
        json!({"sub": "7", "email": "ada@example.com", "role": "admin", "level": 3, "tenant": "acme"});
    let claims = Claims::from_json(&claims.to_string()).unwrap();
    let keys = SessionKeys::new(&[SECRET], "authjs.session-token");
    let token = keys.seal(&claims, clock.now().as_secs(), 60, &[7; 32]);

    let answer = ask(&app, "/both", &format!("authjs.session-token={token}")).await;

    assert_eq!(answer, (StatusCode::OK, "true ada@example.com admin 3 acme".into()));
}
