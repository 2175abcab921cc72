//! The engine, as axum wants it.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, OriginalUri, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderValue, header};
use vestibule_engine::Engine;

use crate::SessionLayer;

/// The engine with the settings of this crate. Cloning it is cheap; put it into the router's state.
#[derive(Clone, Debug)]
pub struct Auth {
    engine: Engine,
    body_limit: usize,
}

impl Auth {
    /// Bodies of sign-in forms and session updates are small; more than this is refused unread.
    pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

    /// Wraps an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine, body_limit: Self::DEFAULT_BODY_LIMIT }
    }

    /// Another limit for the bodies of requests to the engine's routes, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine's routes, to nest under its base path: `Router::new().nest("/auth", auth.router())`.
    ///
    /// Every method and every path below the prefix is the engine's, so that what it does not know is a defined
    /// 4xx (axum keeps one for the application: the prefix with a slash and nothing behind it). Nested anywhere else than at [`Engine::base_path`], no path is known. A body that is larger than
    /// the limit is answered with 413, and the engine is not asked.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let auth = self.clone();
        Router::new()
            .fallback(move |request| auth.clone().handle(request))
            .layer(DefaultBodyLimit::max(self.body_limit))
    }

    /// The engine's routes with the base path in them, to merge: `Router::new().merge(auth.merged_router())`.
    ///
    /// Otherwise as [`router`](Self::router). If the base path is the whole origin, every path that the
    /// application does not have itself is the engine's.
    pub fn merged_router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let base = self.engine.base_path().trim_end_matches('/');
        let auth = self.clone();
        let route = any(move |request| auth.clone().handle(request));
        let mut router = Router::new()
            .route(&format!("{base}/"), route.clone())
            .route(&format!("{base}/{{*rest}}"), route.clone());
        if !base.is_empty() {
            router = router.route(base, route);
        }
        router.layer(DefaultBodyLimit::max(self.body_limit))
    }

    /// A layer under which [`SignedIn`](crate::SignedIn) asks the store at most once a request, and a session
    /// that was extended gets its cookie set anew.
    pub fn layer(&self) -> SessionLayer {
        SessionLayer::new(self.clone())
    }

    /// Whether both have one engine, so that what one knows about a request holds for the other.
    pub(crate) fn shares_engine_with(&self, other: &Self) -> bool {
        std::ptr::eq(self.engine.parts(), other.engine.parts())
    }

    async fn handle(self, mut request: Request) -> Response {
        if let Some(OriginalUri(uri)) = request.extensions_mut().remove::<OriginalUri>() {
            *request.uri_mut() = uri;
        }
        let mut head = Request::new(());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.version_mut() = request.version();
        std::mem::swap(head.headers_mut(), request.headers_mut());
        let body = match Bytes::from_request(request, &()).await {
            Ok(body) => body,
            Err(rejection) => {
                let mut response = rejection.into_response();
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
                return response;
            }
        };
        self.engine.handle(head.map(|()| body)).await.map(Body::from)
    }
}

impl From<Engine> for Auth {
    fn from(engine: Engine) -> Self {
        Self::new(engine)
    }
}

/// For responses that are one person's only.
pub(crate) const NO_STORE: &str = "private, no-store";
