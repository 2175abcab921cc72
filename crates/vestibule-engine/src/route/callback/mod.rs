//! `/callback/:provider`: where a sign-in comes back to.

mod credentials;
mod email;
mod oauth;
mod unfinished;
mod webauthn;

use crate::config::Provider;
use crate::error::Failure;
use crate::http::{Method, Reply};
use crate::route::{Context, Failed};

pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failed> {
    Ok(match provider(context)? {
        Provider::Email(provider) => email::get(provider, context).await,
        Provider::OAuth(_) | Provider::Credentials(_) | Provider::WebAuthn(_)
            if context.request.method == Method::Head =>
        {
            Err(Failure::BadRequest)
        }
        Provider::OAuth(provider) => return oauth::answer(provider, context).await,
        Provider::Credentials(_) | Provider::WebAuthn(_) => Err(Failure::NotAnAction),
    }?)
}

pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failed> {
    Ok(match provider(context)? {
        Provider::Email(provider) => return email::post(provider, context).await,
        Provider::OAuth(provider) => return oauth::answer(provider, context).await,
        Provider::WebAuthn(provider) => return webauthn::post(provider, context).await,
        Provider::Credentials(provider) => credentials::post(provider, context).await,
    }?)
}

fn provider<'a>(context: &Context<'a>) -> Result<&'a Provider, Failure> {
    let id = context.request.route.provider.ok_or(Failure::BadRequest)?;
    context.settings.provider(id).ok_or(Failure::UnknownProvider)
}
