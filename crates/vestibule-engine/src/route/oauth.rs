//! `POST /signin/:oauth`: off to the provider, with what it takes to know the browser again.

use sha2::{Digest, Sha256};
use vestibule_oauth::{AuthorizationRequest, RelyingParty, ResponseMode, pkce};
use vestibule_token::Claims;

use vestibule_core::Timestamp;

use crate::config::settings::Settings;
use crate::config::{OAuthProvider, Provider};
use crate::cookie::{MAX_AGE, RequestCookies, seal};
use crate::error::Failure;
use crate::http::{Action, Inbound, Method, Origin, Reply};
use crate::route::Context;

/// The claim of a state that says where a redirect proxy leads to.
pub(super) const ORIGIN: &str = "origin";

/// What the cookie of the state carries beside it for a provider that answers with a form. Browsers send no `Lax`
/// cookies with what another site posts: neither the one that remembers where to lead, nor the session.
const CALLBACK_URL: &str = "callbackUrl";
const SIGNED_IN: &str = "signedIn";
/// What the cookie of the state carries of the browser that it belongs to.
pub(super) const BROWSER: &str = "browser";
/// The longest URL that is carried, in bytes: a cookie has room for it, for the state, and for its attributes.
const MAX_CARRIED: usize = 1024;

/// What came back with a form that another site posted.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) callback_url: Option<String>,
    /// Whether the browser had a session when it left.
    pub(crate) was_signed_in: bool,
}

/// Leads to the provider. One request to it the first time, for its discovery document.
pub(super) async fn begin(provider: &OAuthProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    let (now, random) = (context.parts.clock.now(), &*context.parts.random);
    let described = &provider.provider;
    let checks = described.checks();
    let across_sites = described.response_mode() == ResponseMode::FormPost;
    let cookies = context.settings.checks(&context.origin);
    let redirect_uri = redirect_uri(provider, context);

    let code_verifier = checks.pkce.then(|| pkce::verifier(random));
    let challenge = code_verifier.as_deref().map(pkce::challenge);
    let nonce = checks.nonce.then(|| pkce::verifier(random));
    let state = checks.state.then(|| state(provider, context));
    let params: Vec<(String, String)> =
        context.request.query_pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let request = AuthorizationRequest {
        redirect_uri: &redirect_uri,
        state: state.as_deref(),
        nonce: nonce.as_deref(),
        code_challenge: challenge.as_deref(),
        params: &params,
    };
    let to = relying_party(context)?.authorization_url(described, &request).await?;

    let mut carried = if across_sites { carry(context) } else { Claims::new() };
    carried.insert(BROWSER, browser(context));
    let kept = [
        (&cookies.state, &state, Some(&carried)),
        (&cookies.pkce, &code_verifier, None),
        (&cookies.nonce, &nonce, None),
    ];
    let kept = kept.into_iter().filter_map(|(cookie, value, carried)| {
        value.as_deref().map(|value| cookie.set(value, provider.id(), carried, across_sites, now, random))
    });
    let until = now.after(std::time::Duration::from_secs(MAX_AGE));
    // What it is compared with is carried by the state's cookie.
    let marked = (across_sites && checks.state)
        .then(|| context.names.browser.across_sites().set_for(&browser(context), Some(MAX_AGE), until));
    Ok(Reply::redirect(to).with_cookies(kept.chain(marked)))
}

/// What tells one browser from another: a hash of its CSRF token, whose cookie no other host can set.
///
/// The cookies of a sign-in can be planted from a neighboring host, with somebody else's account behind them.
pub(super) fn browser(context: &Context<'_>) -> String {
    hex::encode(Sha256::digest(context.csrf.token.as_bytes()))
}

/// Whether a sign-in was begun by this browser, by what the cookie of its state carries. One that an Auth.js application
/// began carries nothing. With a form that another site posts the CSRF cookie does not come, but one that says the same.
pub(super) fn is_this_browsers(kept: &Claims, context: &Context<'_>) -> bool {
    let Some(began) = kept.text(BROWSER) else { return true };
    match context.carried {
        None => began == browser(context),
        Some(_) => context.cookies.get(&context.names.browser.name).is_some_and(|this| this == began),
    }
}

/// Where the provider sends the browser back to: here, or to the proxy.
pub(super) fn redirect_uri(provider: &OAuthProvider, context: &Context<'_>) -> String {
    match proxy(provider, context) {
        Some(proxy) => format!("{proxy}/callback/{}", provider.id()),
        None => own_callback(provider, context),
    }
}

pub(super) fn own_callback(provider: &OAuthProvider, context: &Context<'_>) -> String {
    context.url(&format!("/callback/{}", provider.id()))
}

/// The proxy that is in force: none for a provider that posts a form, which could not be led on, nor for one that
/// carries no state, in which it would be written where to lead.
fn proxy<'a>(provider: &OAuthProvider, context: &Context<'a>) -> Option<&'a str> {
    let can = provider.provider.response_mode() != ResponseMode::FormPost && provider.provider.checks().state;
    context.settings.redirect_proxy.as_deref().filter(|_| can)
}

/// The state that goes to the provider: sealed, so that a proxy with the same secret can read where to lead.
fn state(provider: &OAuthProvider, context: &Context<'_>) -> String {
    let random = &*context.parts.random;
    let mut claims = Claims::new();
    if proxy(provider, context).is_some() {
        claims.insert(ORIGIN, own_callback(provider, context));
    }
    claims.insert("random", pkce::verifier(random));
    seal(&context.settings.state_keys, &claims, context.parts.clock.now(), MAX_AGE, random)
}

fn carry(context: &Context<'_>) -> Claims {
    let mut claims = Claims::new();
    if context.callback_url.len() <= MAX_CARRIED {
        claims.insert(CALLBACK_URL, context.callback_url.as_str());
    }
    claims.insert(SIGNED_IN, context.brings_session());
    claims
}

/// What the state's cookie carries, if the request is a form that a provider has the browser post.
pub(super) fn carried(
    request: &Inbound<'_>,
    cookies: &RequestCookies<'_>,
    settings: &Settings,
    origin: &Origin,
    now: Timestamp,
) -> Option<Carried> {
    if (request.method, request.route.action) != (Method::Post, Action::Callback) {
        return None;
    }
    let Provider::OAuth(provider) = settings.provider(request.route.provider?)? else { return None };
    if provider.provider.response_mode() != ResponseMode::FormPost {
        return None;
    }
    let claims = settings.checks(origin).state.claims(cookies, provider.id(), now);
    let claims = claims.unwrap_or_default();
    let was_signed_in = claims.get(SIGNED_IN).and_then(vestibule_token::Claim::as_bool).unwrap_or(false);
    Some(Carried { callback_url: claims.text(CALLBACK_URL).map(str::to_owned), was_signed_in })
}

/// The relying party; there is one wherever there is a provider.
pub(super) fn relying_party<'a>(context: &Context<'a>) -> Result<&'a RelyingParty, Failure> {
    context.relying_party.ok_or(Failure::UnknownProvider)
}
