//! `/callback/:oauth`: back from the provider.

use std::time::Duration;

use http::HeaderValue;
use url::Url;
use vestibule_core::AdapterError;
use vestibule_oauth::{CallbackParams, Expected, ResponseMode};

use crate::config::OAuthProvider;
use crate::cookie::MAX_AGE;
use crate::error::Failure;
use crate::http::{MAX_QUERY, Method, Origin, Reply};
use crate::route::callback::unfinished::Unfinished;
use crate::route::oauth::{ORIGIN, is_this_browsers, own_callback, redirect_uri, relying_party};
use crate::route::once::is_first_use;
use crate::route::{Context, Failed};
use crate::sign_in;

/// Under which identifier the states that were used are kept until they expire.
const USED_STATES: &str = "vestibule:oauth-state";

/// Takes what the provider sends, and signs in whom it names.
///
/// What was kept in the browser for this sign-in is deleted with the answer, also of one that failed, unless the
/// request is not the one that was waited for.
pub(super) async fn answer(provider: &OAuthProvider, context: &Context<'_>) -> Result<Reply, Failed> {
    let request = context.request;
    let posts = provider.provider.response_mode() == ResponseMode::FormPost;
    let params = if posts && request.method == Method::Post {
        CallbackParams::from_form(request.raw_body)
    } else {
        CallbackParams::from_query(request.uri.query().unwrap_or_default())
    };
    let params = params.map_err(Failure::from)?;
    if let Some(elsewhere) = elsewhere(&params, context) {
        return Ok(Reply::redirect(elsewhere));
    }
    let kept = Kept::read(provider, context);
    let is_awaited = !provider.provider.checks().state || kept.state.as_deref() == params.state();
    if let Some(again) = again(provider, context).filter(|_| is_awaited) {
        return Ok(Reply::redirect(again));
    }
    match identify(&params, &kept, provider, context).await {
        Ok(Reply { content, cookies }) => {
            Ok(Reply::from(content).with_cookies(delete(context)).with_cookies(cookies))
        }
        Err(Unfinished::Used(failure)) if is_awaited => Err(Failed { failure, cookies: delete(context) }),
        Err(Unfinished::Used(failure) | Unfinished::Unused(failure)) => Err(failure.into()),
    }
}

async fn identify(
    params: &CallbackParams,
    kept: &Kept,
    provider: &OAuthProvider,
    context: &Context<'_>,
) -> Result<Reply, Unfinished> {
    let checks = provider.provider.checks();
    let missing = [
        (checks.state && kept.state.is_none(), "state"),
        (checks.pkce && kept.code_verifier.is_none(), "pkce"),
        (checks.nonce && kept.nonce.is_none(), "nonce"),
        (!kept.is_this_browsers, "browser"),
    ];
    if let Some((_, check)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
        return Err(Failure::Check(check).into());
    }
    if let (Some(state), Some(came)) = (&kept.state, params.state())
        && state == came
    {
        use_once(state, context).await?;
    }
    let redirect_uri = redirect_uri(provider, context);
    let expected = Expected {
        state: kept.state.as_deref(),
        nonce: kept.nonce.as_deref(),
        code_verifier: kept.code_verifier.as_deref(),
        redirect_uri: &redirect_uri,
    };
    let identified = relying_party(context)?.identify(&provider.provider, params, &expected).await;
    let identity = identified.map_err(Failure::from)?;
    let outcome = sign_in::oauth::decide(provider, identity, context).await?;
    Ok(sign_in::finish(outcome, context).await?)
}

/// What was kept in the browser for this provider.
struct Kept {
    state: Option<String>,
    code_verifier: Option<String>,
    nonce: Option<String>,
    is_this_browsers: bool,
}

impl Kept {
    fn read(provider: &OAuthProvider, context: &Context<'_>) -> Self {
        let checks = context.settings.checks(&context.origin);
        let now = context.parts.clock.now();
        let open = |cookie: &crate::cookie::SealedCookie| cookie.open(&context.cookies, provider.id(), now);
        let carried = checks.state.claims(&context.cookies, provider.id(), now);
        Self {
            state: open(&checks.state),
            code_verifier: open(&checks.pkce),
            nonce: open(&checks.nonce),
            is_this_browsers: carried.is_none_or(|carried| is_this_browsers(&carried, context)),
        }
    }
}

/// Deletes what was kept, as far as it came.
fn delete(context: &Context<'_>) -> Vec<HeaderValue> {
    let checks = context.settings.checks(&context.origin);
    let all = [&checks.state.spec, &checks.pkce.spec, &checks.nonce.spec, &context.names.browser];
    all.into_iter()
        .filter(|cookie| context.cookies.get(&cookie.name).is_some())
        .map(|cookie| cookie.delete(&cookie.name))
        .collect()
}

/// Where a proxy leads to: the installation that the state names, if that is not this one.
///
/// Only who has the secret can seal a state, so that it leads nowhere else.
fn elsewhere(params: &CallbackParams, context: &Context<'_>) -> Option<String> {
    let proxy = context.settings.redirect_proxy.as_deref()?;
    let is_proxy = Origin::parse(proxy).or_else(|| Origin::of(&Url::parse(proxy).ok()?))? == *context.origin;
    let now = context.parts.clock.now().as_secs();
    let claims = context.settings.state_keys.open(params.state().filter(|_| is_proxy)?, now).ok()?;
    let mut callback = Url::parse(claims.text(ORIGIN)?).ok()?;
    if Origin::of(&callback)? == *context.origin {
        return None;
    }
    // Encodes what no header can hold; a browser sends that as it is if the provider wrote it so.
    callback.set_query(Some(context.request.uri.query().unwrap_or_default()));
    Some(callback.into())
}

/// Where a browser that had a session when it left has to come once more, as from a link, to bring its session along.
///
/// With the form that another site has it post, it does not send the session's cookie. That would make two users of
/// whoever links an account.
fn again(provider: &OAuthProvider, context: &Context<'_>) -> Option<String> {
    let was_signed_in = context.carried.as_ref().is_some_and(|carried| carried.was_signed_in);
    if !was_signed_in || context.brings_session() {
        return None;
    }
    let params = form_urlencoded::parse(context.request.raw_body);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    (query.len() <= MAX_QUERY).then(|| format!("{}?{query}", own_callback(provider, context)))
}

/// Takes note that a state was used; one that was used before is refused. One round trip.
///
/// A store without a place for verification tokens cannot tell; then the provider's code, which counts once as well,
/// is what is left.
async fn use_once(state: &str, context: &Context<'_>) -> Result<(), Unfinished> {
    match is_first_use(USED_STATES, state, Duration::from_secs(MAX_AGE), context).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Check("state").into()),
        Err(AdapterError::Refused { .. }) => {
            tracing::debug!("the store has no place for used states");
            Ok(())
        }
        Err(error) => Err(Unfinished::Unused(error.into())),
    }
}
