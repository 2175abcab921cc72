//! `GET /signin`, `POST /signin` and `POST /signin/:provider`: the beginning of a sign-in.

use http::StatusCode;

use crate::config::{EmailProvider, Provider};
use crate::email;
use crate::error::{Failure, with_query};
use crate::http::{Content, Reply};
use crate::limit::{self, Subject, Topic};
use crate::pages::{self, SignIn};
use crate::route::{Context, oauth};
use crate::session;
use crate::sign_in;

pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    if let Some(provider) = context.request.route.provider {
        known(context, provider)?;
        return Err(Failure::BadRequest);
    }
    let query = &context.request.query;
    let error = query.filled("error");
    if let Some(page) = &context.settings.pages.sign_in {
        let mut pairs = vec![("callbackUrl", context.callback_url.as_str())];
        pairs.extend(error.map(|code| ("error", code)));
        return Ok(Reply::redirect(with_query(page, &pairs)));
    }
    let email = query.filled("email").filter(|email| email.len() <= 254);
    page(context, error, email, StatusCode::OK).await
}

pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    let provider = context.request.route.provider;
    let provider = provider.map(|id| known(context, id)).transpose()?;
    context.check_csrf()?;
    match provider {
        // As in Auth.js: a form with credentials or a key's answer goes to the callback, and what comes here begins anew.
        None | Some(Provider::Credentials(_) | Provider::WebAuthn(_)) => {
            Ok(Reply::redirect(context.url("/signin")))
        }
        Some(Provider::Email(provider)) => by_email(provider, context).await,
        Some(Provider::OAuth(provider)) => oauth::begin(provider, context).await,
    }
}

async fn by_email(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    let given = context.request.body.get("email").unwrap_or_default();
    let Ok(address) = email::normalize(given, provider) else {
        return not_an_address(context, given).await;
    };
    // What was asked for stays counted, whatever comes of it.
    drop(limit::admit(Topic::Mail, Some(&Subject::address(&address)), context).await?);
    if let Some(to) = sign_in::email::may_ask(&address, &provider.id, context).await? {
        return Ok(Reply::redirect(to));
    }
    let cookie = email::send_link(&address, provider, context).await?;
    let sent = [("provider", provider.id.as_str()), ("type", "email")];
    Ok(Reply::redirect(with_query(&context.url("/verify-request"), &sent)).with_cookies(cookie))
}

/// The built-in page once more, with what was given, for whoever used it; a failure for everybody else.
async fn not_an_address(context: &Context<'_>, given: &str) -> Result<Reply, Failure> {
    if !context.request.wants_page() || context.settings.pages.sign_in.is_some() {
        return Err(Failure::Email);
    }
    Failure::Email.log(context.request);
    let given = Some(given).filter(|given| given.len() <= 254);
    page(context, Some("InvalidEmail"), given, StatusCode::BAD_REQUEST).await
}

/// The built-in page. One round trip if there are passkeys and the browser has a session cookie: a session that has ended adds
/// no passkey, and is in nobody's way.
async fn page(
    context: &Context<'_>,
    error: Option<&str>,
    email: Option<&str>,
    status: StatusCode,
) -> Result<Reply, Failure> {
    let has_passkeys =
        context.settings.providers.iter().any(|provider| matches!(provider, Provider::WebAuthn(_)));
    let is_signed_in = has_passkeys && session::current(context).await?.is_some();
    let show = SignIn {
        csrf_token: &context.csrf.token,
        callback_url: &context.callback_url,
        error,
        email,
        status,
        is_signed_in,
    };
    Ok(Content::Page(pages::sign_in(&context.look(), &show)).into())
}

fn known<'a>(context: &Context<'a>, id: &str) -> Result<&'a Provider, Failure> {
    context.settings.provider(id).ok_or(Failure::UnknownProvider)
}
