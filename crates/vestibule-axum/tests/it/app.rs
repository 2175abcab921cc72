//! An application with a public page, a page for those who are signed in, and an API.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt;
use vestibule_axum::{Auth, SignedIn};
use vestibule_core::{Clock, NewSession, NewUser, Sessions, Timestamp, TouchPolicy, Users};
use vestibule_engine::{Config, EmailProvider, Engine, Parts};
use vestibule_memory::Memory;
use vestibule_testkit::{Mailbox, SeededRandom, TestClock};

use crate::unreliable::Unreliable;

pub(crate) const ORIGIN: &str = "http://app.example";
pub(crate) const SESSION_COOKIE: &str = "authjs.session-token";

/// A state of the application's own, with the `Auth` as one of its fields.
#[derive(Clone)]
pub(crate) struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

/// The application with everything that was handed in.
pub(crate) struct TestApp {
    pub(crate) router: Router,
    pub(crate) auth: Auth,
    pub(crate) store: Unreliable,
    pub(crate) clock: TestClock,
    pub(crate) mailbox: Mailbox,
}

/// How the engine's routes are put in.
#[derive(Clone, Copy)]
pub(crate) enum Mount {
    Nested,
    Merged,
}

/// Whether the application has the layer.
#[derive(Clone, Copy)]
pub(crate) enum Layered {
    Yes,
    No,
}

async fn home(who: Option<SignedIn>) -> String {
    who.map_or_else(|| "nobody".into(), |who| format!("somebody {}", who.user.id))
}

async fn account(SignedIn(who): SignedIn) -> String {
    who.user.email.unwrap_or_default()
}

async fn twice(first: SignedIn, second: Option<SignedIn>) -> String {
    format!("{} {}", first.user.id, second.is_some())
}

async fn own_cookie(_who: SignedIn) -> Response {
    let cookie = format!("{SESSION_COOKIE}=; Max-Age=0; Path=/");
    ([(header::SET_COOKIE, cookie)], "bye").into_response()
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(Mount::Nested, Layered::Yes, "/auth")
    }

    pub(crate) fn with(mount: Mount, layered: Layered, base_path: &str) -> Self {
        let store = Unreliable::new(Memory::new());
        let clock = TestClock::default();
        let mailbox = Mailbox::new();
        let config = Config::new("a secret of at least 32 characters")
            .with_base_url(ORIGIN)
            .with_base_path(base_path)
            .with_provider(EmailProvider::new("App <no-reply@app.example>"));
        let parts = Parts::new(Arc::new(store.clone()), Arc::new(mailbox.clone()))
            .with_clock(Arc::new(clock.clone()))
            .with_random(Arc::new(SeededRandom::default()));
        let auth = Auth::new(Engine::new(config, parts).unwrap());
        let inner = Router::new().route("/deep", get(account));
        let mut router = Router::new()
            .route("/", get(home))
            .route("/static", get(|| async { "the same for all" }))
            .route("/account", get(account).post(account))
            .route("/twice", get(twice))
            .route("/own-cookie", post(own_cookie))
            .nest("/inner", inner);
        if matches!(layered, Layered::Yes) {
            router = router.layer(auth.layer());
        }
        let router = match mount {
            Mount::Nested => router.nest(base_path, auth.router()),
            Mount::Merged => router.merge(auth.merged_router()),
        };
        Self { router: router.with_state(AppState { auth: auth.clone() }), auth, store, clock, mailbox }
    }

    /// Puts a session of a new user into the store and returns its cookie.
    pub(crate) async fn signed_in(&self) -> String {
        let user = self.store.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        let expires = TouchPolicy::default().expiry(self.clock.now());
        self.session("ada-token", user.id, expires).await
    }

    async fn session(&self, token: &str, user: vestibule_core::UserId, expires: Timestamp) -> String {
        self.store.create_session(&NewSession::new(token, user, expires)).await.unwrap();
        format!("{SESSION_COOKIE}={token}")
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, Body::empty())).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(request(Method::POST, path, headers, Body::from(body.to_owned()))).await
    }
}

pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "app.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `Set-Cookie` values for the session cookie.
    pub(crate) fn session_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap())
            .filter(|value| value.starts_with(SESSION_COOKIE))
            .collect()
    }

    /// The cookies that were set, as a `Cookie` header.
    pub(crate) fn as_cookies(&self) -> String {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap().split(';').next().unwrap())
            .collect::<Vec<_>>()
            .join("; ")
    }
}
