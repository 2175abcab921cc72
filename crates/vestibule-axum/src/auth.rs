//! The engine, as axum wants it.

use axum::Router;
use http::{HeaderMap, Uri};
use std::fmt;
use std::sync::Arc;
use vestibule_engine::{Engine, EngineError, Engines};

use crate::SessionLayer;
use crate::routes::Routes;

/// The engine, as axum has it. Cloning it is cheap; put it into the router's state.
#[derive(Clone)]
pub struct Auth {
    base_path: Arc<str>,
    source: Source,
}

#[derive(Clone)]
enum Source {
    One(Engine),
    ByRequest(Arc<dyn Engines>),
}

impl Auth {
    /// Wraps an engine.
    pub fn new(engine: Engine) -> Self {
        Self { base_path: engine.base_path().into(), source: Source::One(engine) }
    }

    /// Asks for the engine with every request: a pool that must not outlive it, another set of providers a tenant. All of
    /// the engines have `base_path`, such as `/auth`, which is empty for the whole origin. See [`Engines`].
    pub fn by_request(base_path: &str, engines: impl Engines) -> Self {
        let base_path = base_path.trim_end_matches('/').into();
        Self { base_path, source: Source::ByRequest(Arc::new(engines)) }
    }

    /// The engine, if there is one for all requests.
    pub fn engine(&self) -> Option<&Engine> {
        match &self.source {
            Source::One(engine) => Some(engine),
            Source::ByRequest(_) => None,
        }
    }

    /// The engine for a request.
    ///
    /// # Errors
    ///
    /// What [`Engines::engine`] says; nothing where there is one for all.
    pub async fn engine_for(&self, uri: &Uri, headers: &HeaderMap) -> Result<Engine, EngineError> {
        match &self.source {
            Source::One(engine) => Ok(engine.clone()),
            Source::ByRequest(engines) => engines.engine(uri, headers).await,
        }
    }

    /// The engine's routes, to nest under its base path: `Router::new().nest("/auth", auth.router())`. What
    /// [`merged_router`](Self::merged_router) makes need not be told where it is, and costs each request a little less, since
    /// nothing is cut off its path.
    ///
    /// Every method and every path below the prefix is the engine's, so that what it does not know is a defined
    /// 4xx (axum keeps one for the application: the prefix with a slash and nothing behind it). Nested anywhere
    /// else than at [`Engine::base_path`], no path is known. A body that is longer than [`Engine::body_limit`] is
    /// not read any further and answered with 413, whatever limit the application has elsewhere.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let routes = Routes::new(self.clone());
        Router::new().route_service("/{*rest}", routes.clone()).fallback_service(routes)
    }

    /// The engine's routes with the base path in them, to merge: `Router::new().merge(auth.merged_router())`.
    ///
    /// Otherwise as [`router`](Self::router). If the base path is the whole origin, every path that the
    /// application does not have itself is the engine's.
    pub fn merged_router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let base = &*self.base_path;
        let routes = Routes::new(self.clone());
        let router = Router::new()
            .route_service(&format!("{base}/"), routes.clone())
            .route_service(&format!("{base}/{{*rest}}"), routes.clone());
        if base.is_empty() { router } else { router.route_service(base, routes) }
    }

    /// A layer under which [`SignedIn`](crate::SignedIn) asks the store at most once a request, and a session
    /// that was extended gets its cookie set anew.
    pub fn layer(&self) -> SessionLayer {
        SessionLayer::new(self.clone())
    }

    /// Whether both have one engine, so that what one knows about a request holds for the other.
    pub(crate) fn shares_engine_with(&self, other: &Self) -> bool {
        match (&self.source, &other.source) {
            (Source::One(one), Source::One(other)) => std::ptr::eq(one.parts(), other.parts()),
            (Source::ByRequest(one), Source::ByRequest(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("base_path", &self.base_path).finish_non_exhaustive()
    }
}

impl From<Engine> for Auth {
    fn from(engine: Engine) -> Self {
        Self::new(engine)
    }
}
