//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::html;
use vestibule_axum::{Auth, SessionUnknown, SignedIn};
use vestibule_core::Adapter;
use vestibule_engine::Engine;

use super::request_log::{self, Shown};
use super::{health, limits};
use crate::home::{Offers, home};
use crate::mailbox::{self, DevelopmentMailbox};
use crate::page::{self, page};

/// Everything that the program serves.
pub(super) fn app(
    auth: &Auth,
    base_path: &str,
    store: Option<&Arc<dyn Adapter>>,
    mailbox: Option<&DevelopmentMailbox>,
) -> Router {
    let providers = auth.engine().map(Engine::providers).unwrap_or_default();
    let passkeys = providers.iter().any(|provider| provider.kind() == "webauthn");
    let offers = Offers { mailbox: mailbox.is_some(), passkeys };
    let base: Arc<str> = base_path.into();
    let home = {
        let base = Arc::clone(&base);
        move |who: Result<Option<SignedIn>, SessionUnknown>| async move {
            match who {
                Ok(who) => home(who.as_ref(), &base, offers),
                Err(unknown) => explain(&unknown),
            }
        }
    };
    let store = store.map(Arc::clone);
    let mut router = Router::new()
        .route("/", get(home))
        .layer(auth.layer())
        .route("/healthz", get(move || health::healthz(store)))
        .route(page::STYLE_PATH, get(page::style))
        // Browsers ask for it by themselves; a 404 would be an error on their consoles.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .merge(auth.merged_router())
        .fallback(not_found);
    if let Some(mailbox) = mailbox.cloned() {
        let show = move |headers: HeaderMap| async move { mailbox.show(&headers) };
        router = router.route(mailbox::PATH, get(show));
    }
    let shown = Arc::new(Shown {
        base_path: base_path.to_owned(),
        providers: providers.iter().map(|provider| provider.id().as_str().to_owned()).collect(),
    });
    let log = move |request: Request, next: Next| request_log::log(Arc::clone(&shown), request, next);
    let router = router.method_not_allowed_fallback(wrong_method);
    router.with_state(auth.clone()).layer(from_fn(limits::limits)).layer(from_fn(log))
}

/// The page at `/` while it is not known who is signed in.
fn explain(unknown: &SessionUnknown) -> Response {
    let answer = unknown.clone().into_response();
    if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
        return answer;
    }
    let content = html! {
        p { "The database cannot be reached, so it is not known whether you are signed in." }
        a.button href="/" { "Try again" }
    };
    let mut response = page(StatusCode::SERVICE_UNAVAILABLE, "Just a moment", "", &content);
    if let Some(after) = answer.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    response
}

async fn wrong_method() -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::METHOD_NOT_ALLOWED, no_store, "this address does not take this method\n").into_response()
}

async fn not_found(headers: HeaderMap) -> Response {
    let accepts_page = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    if !accepts_page {
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        return (StatusCode::NOT_FOUND, no_store, "there is nothing here\n").into_response();
    }
    let content = html! {
        p { "There is no page with this address." }
        a.button href="/" { "Home" }
    };
    page(StatusCode::NOT_FOUND, "Nothing here", "", &content)
}
