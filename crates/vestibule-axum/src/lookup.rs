//! One look-up of the session a request, shared by all who ask.

use std::sync::Arc;

use axum::extract::OriginalUri;
use http::HeaderValue;
use http::request::Parts;
use tokio::sync::OnceCell;
use vestibule_engine::{CurrentSession, Engine, SessionError};

use crate::Auth;

/// Who is signed in, and the engine that said so.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) engine: Engine,
    pub(crate) session: Option<CurrentSession>,
}

type Outcome = Result<Known, Arc<SessionError>>;

/// Put into the request's extensions by the layer, and read by the layer once the response is there.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    auth: Auth,
    outcome: Arc<OnceCell<Outcome>>,
}

impl Lookup {
    pub(crate) fn new(auth: Auth) -> Self {
        Self { auth, outcome: Arc::default() }
    }

    /// The `Set-Cookie` values that belong into the response, if anybody asked and the session was extended.
    pub(crate) fn set_cookies(&self) -> &[HeaderValue] {
        let session = self.outcome.get().and_then(|outcome| outcome.as_ref().ok()?.session.as_ref());
        session.map_or(&[], |session| &session.set_cookies)
    }

    async fn outcome(&self, parts: &Parts) -> Outcome {
        self.outcome.get_or_init(|| ask(&self.auth, parts)).await.clone()
    }
}

/// Who is signed in: from the layer if there is one of the same engine, from the engine otherwise. A session of
/// another engine's store says nothing here.
pub(crate) async fn current_session(auth: &Auth, parts: &Parts) -> Outcome {
    match parts.extensions.get::<Lookup>() {
        Some(lookup) if lookup.auth.shares_engine_with(auth) => lookup.outcome(parts).await,
        _ => ask(auth, parts).await,
    }
}

async fn ask(auth: &Auth, parts: &Parts) -> Outcome {
    let (uri, headers) = (full_uri(parts), &parts.headers);
    let engine = auth.engine_for(uri, headers).await.map_err(|error| Arc::new(error.into()))?;
    let session = engine.session(uri, headers).await.map_err(Arc::new)?;
    Ok(Known { engine, session })
}

/// The URI as the browser sent it; below a nested router the request's own lacks the prefix.
pub(crate) fn full_uri(parts: &Parts) -> &http::Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}
