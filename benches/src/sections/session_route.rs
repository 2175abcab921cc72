//! What does `GET /auth/session` cost beside a handler that asks the store the same and answers JSON?

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::json;
use tower::ServiceExt;
use vestibule_axum::Auth;
use vestibule_core::{Adapter, SecretToken};
use vestibule_engine::{Config, EmailProvider, Engine, Mail, MailError, Mailer, Parts};

use crate::cpu::Server;
use crate::data::Data;
use crate::measure::{self, Contestant};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Bar, Finding, Report};
use crate::through_adapter::ThroughAdapter;

const COOKIE: &str = "authjs.session-token";

/// Compares by the program's processor time, in process: no socket is between. `part` is the database's name.
pub(crate) async fn run(
    plan: &Plan,
    report: &mut Report,
    part: &str,
    store: &ThroughAdapter,
    server: Option<Server>,
    bar: Option<Bar>,
) -> Result<()> {
    let router = vestibule(Arc::clone(&store.adapter))?;
    let cookies = first_cookies(&router).await?;
    let route = Arc::new(Service { router, data: Arc::clone(&store.data), cookies: cookies.clone() });
    let bare = bare(Arc::clone(&store.adapter));
    let bare = Arc::new(Service { router: bare, data: Arc::clone(&store.data), cookies });
    Report::begin(&format!(
        "GET /auth/session on {part}, by the program's processor time (above 1: costs more)"
    ));
    for concurrency in [1, 16] {
        let name = format!("session-route/{part}/{concurrency}");
        if plan.wants(&name) {
            let operation = Operation::SessionAndUser;
            let (ours, theirs) =
                measure::duel((&route, &bare), operation, concurrency, plan.effort(), server).await?;
            let (ours, theirs) = (("GET /auth/session", &ours[..]), ("bare handler", &theirs[..]));
            report.add(Finding::by_program_cost(name, ours, theirs, bar));
        }
    }
    Ok(())
}

/// A router that is asked without a socket, by a browser that has been there before.
struct Service {
    router: Router,
    data: Arc<Data>,
    /// What the browser sends beside the session: the CSRF and the callback-URL cookie.
    cookies: String,
}

/// The cookies that a browser has from its first request on.
async fn first_cookies(router: &Router) -> Result<String> {
    let request = Request::get("/auth/csrf").header(header::HOST, "127.0.0.1:3000").body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
    Ok(pairs.collect::<Vec<_>>().join("; "))
}

impl Contestant for Service {
    async fn call(&self, _: Operation, n: u64) -> Result<()> {
        let cookie = format!("{}; {COOKIE}={}", self.cookies, self.data.session(n).expose());
        let request = Request::get("/auth/session")
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::ACCEPT, "application/json")
            .header(header::COOKIE, cookie)
            .body(Body::empty())?;
        let response = self.router.clone().oneshot(request).await?;
        ensure!(response.status() == StatusCode::OK, "{}", response.status());
        let body = to_bytes(response.into_body(), 65536).await?;
        ensure!(body.starts_with(b"{"), "the session is missing");
        Ok(())
    }
}

fn vestibule(adapter: Arc<dyn Adapter>) -> Result<Router> {
    let config = Config::new("a secret of at least 32 characters")
        .with_base_url("http://127.0.0.1:3000")
        .with_provider(EmailProvider::new("App <no-reply@example.com>"));
    let engine = Engine::new(config, Parts::new(adapter, Arc::new(NoMail)))?;
    Ok(Auth::new(engine).merged_router())
}

fn bare(adapter: Arc<dyn Adapter>) -> Router {
    Router::new().route("/auth/session", get(answer)).with_state(adapter)
}

async fn answer(State(adapter): State<Arc<dyn Adapter>>, headers: HeaderMap) -> Response {
    let Some(token) = token(&headers) else {
        return Json(json!(null)).into_response();
    };
    match adapter.session_and_user(&token).await {
        Ok(Some((session, user))) => {
            let user = json!({ "name": user.name, "email": user.email, "image": user.image });
            Json(json!({ "user": user, "expires": session.expires.as_millis() })).into_response()
        }
        Ok(None) => Json(json!(null)).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn token(headers: &HeaderMap) -> Option<SecretToken> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.into())
}

/// Nobody signs in here.
#[derive(Debug)]
struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Refused("no mail is sent while something is measured".into()))
    }
}

/// Asks each router once and shows what it says, so that both are known to do the same work.
pub(crate) async fn check(store: &ThroughAdapter) -> Result<()> {
    for router in [vestibule(Arc::clone(&store.adapter))?, bare(Arc::clone(&store.adapter))] {
        let service = Service { router, data: Arc::clone(&store.data), cookies: String::new() };
        service.call(Operation::SessionAndUser, 1).await.context("GET /auth/session")?;
    }
    Ok(())
}
