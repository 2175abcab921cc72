//! Signing in: who it is, whether they may, and what follows.
//!
//! The decision tables are in [`email`], [`oauth`], [`webauthn`] and [`credentials`]; each ends in a [`SignedIn`], from which
//! [`finish`] makes the session, unless [`sign_up`] has, and the answer.

pub(crate) mod credentials;
pub(crate) mod email;
pub(crate) mod oauth;
mod tokens;
pub(crate) mod webauthn;

use serde_json::Value;
use vestibule_core::{AdapterError, NewAccount, NewUser, Session, User};

use crate::callback_url;
use crate::callbacks::{SignInAttempt, SignInDecision, SignedInEvent, told};
use crate::config::SessionStrategy;
use crate::error::{Failure, with_query};
use crate::http::Reply;
use crate::route::Context;
use crate::session;

/// How often what others change at the same time is looked for anew.
pub(crate) const ATTEMPTS: u32 = 5;

/// Somebody who has just signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: User,
    /// By which account; for e-mail and credentials one that no row stands for.
    pub(crate) account: NewAccount,
    /// What the provider told.
    pub(crate) profile: Option<Value>,
    /// Whether this was the first time.
    pub(crate) is_new_user: bool,
    /// The session, if it was begun together with the user.
    pub(crate) session: Option<Session>,
}

/// A user who signs in, and what was made for it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) user: User,
    pub(crate) is_new: bool,
    pub(crate) session: Option<Session>,
}

impl Found {
    /// Somebody who was here before.
    pub(crate) fn known(user: User) -> Self {
        Self { user, is_new: false, session: None }
    }
}

/// Creates a user, with it the first account if there is one, and the first session where sessions are rows: all of
/// it or nothing. One round trip.
pub(crate) async fn sign_up(
    new: &NewUser,
    account: Option<&NewAccount>,
    context: &Context<'_>,
) -> Result<Found, AdapterError> {
    let adapter = &context.parts.adapter;
    let (user, session) = match context.settings.session.strategy {
        SessionStrategy::Database(policy) => {
            let first = session::database::first(&policy, context.parts);
            let (user, session) = adapter.sign_up(new, account, &first).await?;
            (user, Some(session))
        }
        SessionStrategy::Jwt(_) => (adapter.create_user(new, account).await?, None),
    };
    Ok(Found { user, is_new: true, session })
}

/// How a sign-in went.
#[derive(Debug)]
pub(crate) enum Outcome {
    SignedIn(Box<SignedIn>),
    /// The application leads elsewhere, signed in or not.
    Elsewhere(String),
}

impl From<SignedIn> for Outcome {
    fn from(signed_in: SignedIn) -> Self {
        Self::SignedIn(Box::new(signed_in))
    }
}

/// Asks the application whether somebody may sign in: `None` if so, else where to go instead.
pub(crate) async fn may(
    attempt: &SignInAttempt<'_>,
    context: &Context<'_>,
) -> Result<Option<String>, Failure> {
    let Some(callbacks) = &context.parts.callbacks else {
        return Ok(None);
    };
    match callbacks.sign_in(attempt).await {
        Ok(SignInDecision::Allow) => Ok(None),
        Ok(SignInDecision::Deny) => Err(Failure::AccessDenied),
        Ok(SignInDecision::Redirect(to)) => context.resolve(&to).await.map(Some),
        Err(error) => Err(Failure::Refusal(error)),
    }
}

/// Begins the session, ends the one that the browser had, tells the application, and leads on.
pub(crate) async fn finish(outcome: Outcome, context: &Context<'_>) -> Result<Reply, Failure> {
    let signed_in = match outcome {
        Outcome::SignedIn(signed_in) => signed_in,
        Outcome::Elsewhere(to) => return Ok(Reply::redirect(to)),
    };
    let cookies = session::begin(&signed_in, context).await?;
    let SignedIn { user, account, profile, is_new_user, .. } = &*signed_in;
    let event = SignedInEvent { user, account, profile: profile.as_ref(), is_new_user: *is_new_user };
    told("signIn", context.parts.events.as_deref().map(|events| events.sign_in(&event)), context.request)
        .await;
    let to = match &context.settings.pages.new_user {
        Some(page) if *is_new_user => with_query(page, &[("callbackUrl", &context.callback_url)]),
        _ => context.callback_url.clone(),
    };
    Ok(Reply::redirect(callback_url::encode(&to)).with_cookies(cookies))
}
