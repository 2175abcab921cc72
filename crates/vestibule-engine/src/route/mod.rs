//! The endpoints, one file each.

mod callback;
mod context;
mod csrf;
mod error;
mod providers;
mod session;
mod sign_in;
mod sign_out;
mod verify_request;

pub(crate) use context::Context;

use crate::error::Failure;
use crate::http::{Action, Method, Reply};

/// Answers a request that could be read.
pub(crate) async fn answer(context: &Context<'_>) -> Result<Reply, Failure> {
    let request = &context.request;
    match (request.method, request.route.action) {
        (Method::Get | Method::Head, Action::Callback) => callback::get(context).await,
        (Method::Post, Action::Callback) => callback::post(context).await,
        (Method::Get, Action::Csrf) => Ok(csrf::get(context)),
        (Method::Get, Action::Error) => Ok(error::get(context)),
        (Method::Get, Action::Providers) => Ok(providers::get(context)),
        (Method::Get, Action::Session) => session::get(context).await,
        (Method::Post, Action::Session) => session::post(context).await,
        (Method::Get, Action::SignIn) => sign_in::get(context),
        (Method::Post, Action::SignIn) => sign_in::post(context).await,
        (Method::Get, Action::SignOut) => Ok(sign_out::get(context)),
        (Method::Post, Action::SignOut) => sign_out::post(context).await,
        (Method::Get, Action::VerifyRequest) => Ok(verify_request::get(context)),
        (Method::Post | Method::Head, _) => Err(Failure::BadRequest),
    }
}
