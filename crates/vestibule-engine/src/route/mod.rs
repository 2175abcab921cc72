//! The endpoints, one file each.

mod callback;
mod challenge;
mod context;
mod csrf;
mod error;
mod oauth;
mod once;
mod providers;
mod session;
mod sign_in;
mod sign_out;
mod verify_request;
mod webauthn_options;

pub(crate) use challenge::Registrant;
pub(crate) use context::Context;

use http::HeaderValue;

use crate::error::Failure;
use crate::http::{Action, Method, Reply};

/// A request that came to nothing, and the cookies that are of no use any more.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) cookies: Vec<HeaderValue>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { failure, cookies: Vec::new() }
    }
}

/// Answers a request that could be read.
///
/// What is asked most stands here itself. The rest is boxed, so that the future of a request is no larger than that needs:
/// it is moved on its way.
pub(crate) async fn answer(context: &Context<'_>) -> Result<Reply, Failed> {
    let request = &context.request;
    let answer = match (request.method, request.route.action) {
        (Method::Get | Method::Head, Action::Callback) => return Box::pin(callback::get(context)).await,
        (Method::Post, Action::Callback) => return Box::pin(callback::post(context)).await,
        (Method::Get, Action::Csrf) => Ok(csrf::get(context)),
        (Method::Get, Action::Error) => Ok(error::get(context)),
        (Method::Get, Action::Providers) => Ok(providers::get(context)),
        (Method::Get, Action::Session) => session::get(context).await,
        (Method::Post, Action::Session) => Box::pin(session::post(context)).await,
        (Method::Get, Action::SignIn) => sign_in::get(context).await,
        (Method::Post, Action::SignIn) => Box::pin(sign_in::post(context)).await,
        (Method::Get, Action::SignOut) => Ok(sign_out::get(context)),
        (Method::Post, Action::SignOut) => Box::pin(sign_out::post(context)).await,
        (Method::Get, Action::VerifyRequest) => Ok(verify_request::get(context)),
        (Method::Get, Action::WebAuthnOptions) => Box::pin(webauthn_options::get(context)).await,
        (Method::Post | Method::Head, _) => Err(Failure::BadRequest),
    };
    Ok(answer?)
}
