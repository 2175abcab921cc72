//! The engine, as axum wants it.

use axum::Router;
use vestibule_engine::Engine;

use crate::SessionLayer;
use crate::routes::Routes;

/// The engine, as axum has it. Cloning it is cheap; put it into the router's state.
#[derive(Clone, Debug)]
pub struct Auth {
    engine: Engine,
}

impl Auth {
    /// Wraps an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine's routes, to nest under its base path: `Router::new().nest("/auth", auth.router())`.
    ///
    /// Every method and every path below the prefix is the engine's, so that what it does not know is a defined
    /// 4xx (axum keeps one for the application: the prefix with a slash and nothing behind it). Nested anywhere
    /// else than at [`Engine::base_path`], no path is known. A body that is longer than [`Engine::body_limit`] is
    /// not read any further and answered with 413, whatever limit the application has elsewhere.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let routes = Routes::new(self.engine.clone());
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
        let base = self.engine.base_path().trim_end_matches('/');
        let routes = Routes::new(self.engine.clone());
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
        std::ptr::eq(self.engine.parts(), other.engine.parts())
    }
}

impl From<Engine> for Auth {
    fn from(engine: Engine) -> Self {
        Self::new(engine)
    }
}
