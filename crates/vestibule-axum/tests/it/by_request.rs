//! Another engine for another request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::{Request, StatusCode, header};
use tokio::sync::Notify;
use tower::ServiceExt;
use vestibule_axum::{Auth, SignedIn};
use vestibule_core::{Clock, NewSession, NewUser, Sessions, TouchPolicy, Users};
use vestibule_engine::{Config, EmailProvider, Engine, EngineError, Engines, Parts, PerRequest, Tenants};
use vestibule_memory::Memory;
use vestibule_testkit::{Mailbox, TestClock};

fn engine(tenant: &str, store: Memory) -> Result<Engine, EngineError> {
    let config = Config::new("a secret of at least 32 characters")
        .with_base_url(format!("http://{tenant}.example"))
        .with_provider(EmailProvider::new("App <no-reply@app.example>").with_name(tenant));
    let parts =
        Parts::new(Arc::new(store), Arc::new(Mailbox::new())).with_clock(Arc::new(TestClock::default()));
    Ok(Engine::new(config, parts)?)
}

async fn account(SignedIn(who): SignedIn) -> String {
    who.user.email.unwrap_or_default()
}

async fn home(who: Option<SignedIn>) -> &'static str {
    if who.is_some() { "somebody" } else { "nobody" }
}

fn router(auth: &Auth) -> Router {
    Router::new()
        .route("/account", get(account))
        .route("/", get(home))
        .layer(auth.layer())
        .nest("/auth", auth.router())
        .with_state(auth.clone())
}

async fn ask(app: &Router, host: &str, path: &str, cookie: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 100_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn tenant(headers: &http::HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    host.strip_suffix(".example").filter(|name| ["a", "b", "broken"].contains(name)).map(str::to_owned)
}

/// Tenants with a store each; counts the engines that are made.
fn tenants(made: Arc<AtomicUsize>, a: Memory) -> Tenants {
    Tenants::new(
        |_, headers| tenant(headers),
        move |name| {
            made.fetch_add(1, Ordering::SeqCst);
            let store = if name == "a" { a.clone() } else { Memory::new() };
            async move {
                if name == "broken" {
                    return Err(EngineError::failed("the tenant's database is gone"));
                }
                engine(&name, store)
            }
        },
    )
}

#[tokio::test]
async fn each_tenant_has_its_own_providers_and_sessions() {
    let (made, a) = (Arc::new(AtomicUsize::new(0)), Memory::new());
    let user = a.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    let expires = TouchPolicy::default().expiry(TestClock::default().now());
    a.create_session(&NewSession::new("token", user.id, expires)).await.unwrap();
    let app = router(&Auth::by_request("/auth", tenants(Arc::clone(&made), a)));
    let cookie = "authjs.session-token=token";

    for _ in 0..3 {
        assert!(ask(&app, "a.example", "/auth/providers", "").await.1.contains("\"name\":\"a\""));
        assert!(ask(&app, "b.example", "/auth/providers", "").await.1.contains("\"name\":\"b\""));
        assert_eq!(ask(&app, "a.example", "/account", cookie).await.1, "ada@example.com");
        assert_eq!(ask(&app, "b.example", "/account", cookie).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(made.load(Ordering::SeqCst), 2, "an engine is kept");
}

#[tokio::test]
async fn nobodys_host_is_not_found_and_a_broken_tenant_is_an_outage() {
    let made = Arc::new(AtomicUsize::new(0));
    let app = router(&Auth::by_request("/auth", tenants(Arc::clone(&made), Memory::new())));

    for path in ["/auth/session", "/account", "/"] {
        assert_eq!(ask(&app, "evil.test", path, "").await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(ask(&app, "broken.example", path, "").await.0, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    assert_eq!(made.load(Ordering::SeqCst), 3, "what could not be made is tried again");
}

#[tokio::test]
async fn an_engine_may_be_made_for_each_request() {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let engines = PerRequest::new(move |_, headers| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move { engine(&tenant(&headers).ok_or(EngineError::Unknown)?, Memory::new()) }
    });
    let app = router(&Auth::by_request("/auth", engines));

    for _ in 0..3 {
        assert_eq!(ask(&app, "a.example", "/auth/session", "").await, (StatusCode::OK, "null".into()));
    }
    assert_eq!(ask(&app, "evil.test", "/auth/session", "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(made.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn no_more_engines_are_kept_than_was_said() {
    let made = Arc::new(AtomicUsize::new(0));
    let app = router(&Auth::by_request("/auth", tenants(Arc::clone(&made), Memory::new()).with_most(1)));

    for host in ["a.example", "b.example", "a.example"] {
        assert_eq!(ask(&app, host, "/auth/session", "").await.0, StatusCode::OK);
    }
    assert_eq!(made.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_engine_that_was_forgotten_while_it_was_made_is_not_kept() {
    let made = Arc::new(AtomicUsize::new(0));
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (counter, begins, waits) = (Arc::clone(&made), Arc::clone(&begun), Arc::clone(&go_on));
    let tenants = Arc::new(Tenants::new(
        |_, headers| tenant(headers),
        move |name| {
            let first = counter.fetch_add(1, Ordering::SeqCst) == 0;
            let (begins, waits) = (Arc::clone(&begins), Arc::clone(&waits));
            async move {
                if first {
                    begins.notify_one();
                    waits.notified().await;
                }
                engine(&name, Memory::new())
            }
        },
    ));
    let headers = [(header::HOST, "a.example".parse().unwrap())].into_iter().collect::<http::HeaderMap>();
    let uri = http::Uri::from_static("/");
    let old = {
        let (tenants, uri, headers) = (Arc::clone(&tenants), uri.clone(), headers.clone());
        tokio::spawn(async move { tenants.engine(&uri, &headers).await.is_ok() })
    };
    begun.notified().await;

    tenants.forget("a");
    go_on.notify_one();

    assert!(old.await.unwrap(), "the request under way has its engine");
    for _ in 0..2 {
        assert!(tenants.engine(&uri, &headers).await.is_ok());
    }
    assert_eq!(made.load(Ordering::SeqCst), 2, "the next one is made anew, and kept");
}
