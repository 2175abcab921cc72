//! The extractor for handlers that need to know who is signed in.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use vestibule_engine::CurrentSession;

use crate::Auth;
use crate::lookup::{Known, current_session};
use crate::rejection::{NotSignedIn, SessionUnknown, SignedInRejection};

/// Who is signed in.
///
/// As `SignedIn`, a request of nobody is answered with [`NotSignedIn`]: 401 for programs, a redirect to the
/// sign-in page for people. As `Option<SignedIn>`, nobody is `None`. In both, a store that cannot say is
/// [`SessionUnknown`]: 503 for an outage, **never** nobody.
///
/// Costs what [`Engine::session`](vestibule_engine::Engine::session) costs: nothing without a session cookie,
/// else one round trip; under [`Auth::layer`] once a request, however many ask.
#[doc(alias = "RequireSession")]
#[derive(Clone, Debug)]
pub struct SignedIn(pub CurrentSession);

impl Deref for SignedIn {
    type Target = CurrentSession;

    fn deref(&self) -> &CurrentSession {
        &self.0
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = SignedInRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let auth = Auth::from_ref(state);
        match current_session(&auth, parts).await {
            Ok(Known { session: Some(session), .. }) => Ok(Self(session)),
            Ok(Known { engine, session: None }) => Err(NotSignedIn::of_request(parts, &engine).into()),
            Err(error) => Err(SessionUnknown::new(error).into()),
        }
    }
}

impl<S> OptionalFromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = SessionUnknown;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        current_session(&Auth::from_ref(state), parts)
            .await
            .map(|known| known.session.map(Self))
            .map_err(SessionUnknown::new)
    }
}
