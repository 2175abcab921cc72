//! What the application has a say in, and what it is told.
//!
//! [`Callbacks`] decide, [`Events`] report. Both are traits whose methods all have a default: an application
//! implements what it needs, and hands it in with [`Parts`](crate::Parts).

mod attempt;
mod events;
mod view;

use std::future::Future;

use async_trait::async_trait;
use vestibule_token::Claims;

use crate::error::causes;
use crate::http::Inbound;

pub use attempt::{SignInAttempt, SignInDecision, SignInMethod, Who};
pub use events::{Events, LinkedEvent, SessionEvent, SignedInEvent, SignedOutEvent};
pub use view::{JwtCause, SessionSource, SessionView};

/// Whatever went wrong in the application's own code. The browser learns nothing of it; the log does.
pub type CallbackError = Box<dyn std::error::Error + Send + Sync>;

/// What the application has a say in: Auth.js' `callbacks`.
///
/// An error never opens a door: who is not allowed by an answer is refused, and a session that cannot be shown is
/// neither shown nor taken for absent.
#[async_trait]
pub trait Callbacks: Send + Sync + 'static {
    /// Whether somebody may sign in (`signIn`). Called before a user, an account or a session is written, and for e-mail
    /// twice: when the link is asked for, and when it is redeemed. What is good for one use, a link or a state, has been
    /// used by then.
    ///
    /// # Errors
    ///
    /// Any error refuses, as [`SignInDecision::Deny`] does.
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let _ = attempt;
        Ok(SignInDecision::Allow)
    }

    /// Where a sign-in or sign-out leads to (`redirect`), as an absolute URL; `None` leaves it to the built-in
    /// rule, which keeps to this origin and the allowed ones.
    ///
    /// `url` is what the browser asked for or remembers, and not checked. What is answered is taken as it is, so
    /// that a host of somebody else's must not get through.
    ///
    /// # Errors
    ///
    /// Any error ends the request with the public code `Configuration`.
    async fn redirect(&self, url: &str, base_url: &str) -> Result<Option<String>, CallbackError> {
        let _ = (url, base_url);
        Ok(None)
    }

    /// What the token of a JWT session holds (`jwt`): called when it is made, renewed and updated.
    /// `None` ends the session.
    ///
    /// # Errors
    ///
    /// Any error fails the request; nobody is signed in or out by it.
    async fn jwt(&self, claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        let _ = cause;
        Ok(Some(claims))
    }

    /// What a browser learns of a session (`session`): `body` is what it learns by default, `{user, expires}`.
    ///
    /// # Errors
    ///
    /// Any error fails the request with 500; the session stays.
    async fn session(&self, body: Claims, view: &SessionView<'_>) -> Result<Claims, CallbackError> {
        let _ = view;
        Ok(body)
    }
}

/// Waits until the application has been told; that it could not listen is logged and no more.
pub(crate) async fn told(
    event: &'static str,
    telling: Option<impl Future<Output = Result<(), CallbackError>>>,
    request: &Inbound<'_>,
) {
    if let Some(telling) = telling
        && let Err(error) = telling.await
    {
        let cause = causes(&*error, request);
        tracing::error!(event, cause, "the application failed to take in an event");
    }
}
