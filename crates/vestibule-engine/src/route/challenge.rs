//! The challenge that a key has to answer: sealed in a cookie as Auth.js does it, for one purpose, and good for one answer.

use std::time::Duration;

use http::{HeaderValue, header};
use vestibule_core::{ProviderId, UserId};
use vestibule_token::{Claim, Claims};

use crate::cookie::{MAX_AGE, seal};
use crate::email;
use crate::error::Failure;
use crate::route::Context;
use crate::route::oauth::{BROWSER, browser, is_this_browsers};
use crate::route::once::is_first_use;

/// Under which identifier the challenges that were answered are kept until none of their cookies counts any more.
const USED_CHALLENGES: &str = "vestibule:webauthn-challenge";
/// How long: a cookie counts a little longer than it says, for the sake of clocks that differ.
const KEPT: Duration = Duration::from_secs(MAX_AGE + 60);
/// The longest name that is carried, in bytes.
const MAX_NAME: usize = 256;

/// A challenge, and what its answer is good for.
#[derive(Debug)]
pub(crate) struct Challenge {
    pub(crate) challenge: vestibule_webauthn::Challenge,
    pub(crate) purpose: Purpose,
}

/// What an answer is good for, and nothing else.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing in.
    Authenticate,
    /// Registering a key for somebody.
    Register(Registrant),
}

/// For whom a key is registered (`registerData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registrant {
    /// The user who was signed in; somebody new has none yet.
    pub(crate) id: Option<UserId>,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
}

impl Challenge {
    /// The cookie that keeps it in the browser: an answer counts for this provider, this purpose and this browser alone.
    pub(super) fn keep(&self, provider: &ProviderId, context: &Context<'_>) -> HeaderValue {
        let (now, random) = (context.parts.clock.now(), &*context.parts.random);
        let mut claims = Claims::from([("challenge", self.challenge.as_str())]);
        if let Purpose::Register(Registrant { id, email, name }) = &self.purpose {
            let mut data = Claims::new();
            if let Some(id) = id {
                data.insert("id", id.as_str());
            }
            if let Some(name) = name.as_deref().filter(|name| name.len() <= MAX_NAME) {
                data.insert("name", name);
            }
            data.insert("email", email.as_str());
            claims.insert("registerData", data);
        }
        let inner = seal(&context.settings.challenge_keys, &claims, now, MAX_AGE, random);
        let carried = Claims::from([(BROWSER, browser(context))]);
        let cookie = &context.settings.checks(&context.origin).challenge;
        cookie.set(&inner, provider, Some(&carried), false, now, random)
    }

    /// The challenge that the browser has, if it is ours, fresh, this provider's and this browser's.
    pub(super) fn of(provider: &ProviderId, context: &Context<'_>) -> Result<Self, Failure> {
        let now = context.parts.clock.now();
        let cookie = &context.settings.checks(&context.origin).challenge;
        let outer = cookie.claims(&context.cookies, provider, now);
        // What an Auth.js application began carries no browser: only a page of ours may send its answer, and none of the other
        // origins that are allowed otherwise.
        let is_ours = || {
            context.request.headers.get(header::ORIGIN).is_some_and(|from| from == context.origin.as_str())
        };
        let outer = outer.filter(|outer| outer.text(BROWSER).is_some() || is_ours());
        let outer = outer.filter(|outer| is_this_browsers(outer, context));
        let inner = outer.as_ref().and_then(|outer| outer.text("value"));
        let inner = inner.and_then(|value| context.settings.challenge_keys.open(value, now.as_secs()).ok());
        inner.and_then(|claims| Self::read(&claims)).ok_or(Failure::Check("challenge"))
    }

    fn read(claims: &Claims) -> Option<Self> {
        let challenge = vestibule_webauthn::Challenge::parse(claims.text("challenge")?)?;
        let purpose = match claims.get("registerData").filter(|data| !data.is_null()) {
            None => Purpose::Authenticate,
            Some(data) => Purpose::Register(Registrant::read(data.as_object()?)?),
        };
        Some(Self { challenge, purpose })
    }

    /// Takes note that the challenge was answered; one that was answered before is refused. One round trip.
    ///
    /// The cookie alone could be sent again, with the same answer, for as long as it counts: keys that are synchronized do not
    /// count their signatures. Nothing is written before an answer holds, so that strangers fill no table.
    pub(super) async fn spend(&self, context: &Context<'_>) -> Result<(), Failure> {
        let is_first = is_first_use(USED_CHALLENGES, self.challenge.as_str(), KEPT, context).await?;
        if is_first { Ok(()) } else { Err(Failure::Check("challenge")) }
    }
}

impl Registrant {
    /// Reads what Auth.js writes too, the whole user: where users are counted, their ids are numbers there.
    fn read(data: &Claims) -> Option<Self> {
        let id = match data.get("id").filter(|id| !id.is_null()) {
            None => None,
            Some(Claim::Number(number)) => Some(number.to_string()),
            Some(id) => Some(id.as_str()?.to_owned()),
        };
        let given = data.text("email")?;
        // Auth.js takes for an address whatever a stranger gives.
        let email = match id {
            None => email::normalize_by_default(given).ok()?,
            Some(_) => given.to_owned(),
        };
        Some(Self { id: id.map(UserId::from), email, name: data.text("name").map(str::to_owned) })
    }
}

/// Deletes the cookie, if it came.
pub(super) fn forget(context: &Context<'_>) -> Option<HeaderValue> {
    let cookie = &context.names.challenge;
    context.cookies.get(&cookie.name).map(|_| cookie.delete(&cookie.name))
}
