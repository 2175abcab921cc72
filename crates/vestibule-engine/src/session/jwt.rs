//! Sessions in the cookie alone.

use http::HeaderValue;
use vestibule_core::{Random, SecretToken, Timestamp, User, UserId};
use vestibule_token::{Claim, Claims};

use crate::callbacks::JwtCause;
use crate::config::settings::{JwtKeys, Settings};
use crate::config::{JwtPolicy, SessionStrategy};
use crate::cookie::{CookieSpec, RequestCookies, SessionCookie, seal};
use crate::error::Failure;
use crate::http::Origin;
use crate::route::Context;
use crate::sign_in::SignedIn;
use crate::{CallbackError, Parts};

/// The claim that says when somebody signed in (OIDC Core §2).
const AUTH_TIME: &str = "auth_time";

/// The policy that is in force, with the keys for the origin's cookies.
#[derive(Clone, Copy)]
pub(crate) struct Jwt<'a> {
    pub(crate) policy: &'a JwtPolicy,
    pub(crate) keys: &'a JwtKeys,
    pub(crate) parts: &'a Parts,
}

/// A token that counts now.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) claims: Claims,
    /// When the session ends whatever happens.
    pub(crate) end: Option<i64>,
}

/// A session that was renewed.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
}

impl<'a> Jwt<'a> {
    /// For an origin; `None` if sessions are kept in the store.
    pub(crate) fn new(settings: &'a Settings, origin: &Origin, parts: &'a Parts) -> Option<Self> {
        match &settings.session.strategy {
            SessionStrategy::Jwt(policy) => Some(Self { policy, keys: settings.jwt_keys(origin), parts }),
            SessionStrategy::Database(_) => None,
        }
    }

    /// Reads a token; `None` if it is forged, expired, or otherwise none. Costs no round trip.
    pub(crate) fn open(&self, token: &SecretToken) -> Option<Opened> {
        self.check(self.keys.v5.open(token.expose(), self.parts.clock.now().as_secs()))
    }

    /// Reads the cookie of NextAuth v4, if that is wanted.
    pub(crate) fn open_v4(&self, cookies: &RequestCookies<'_>, spec: &CookieSpec) -> Option<Opened> {
        let keys = self.keys.v4.as_ref()?;
        let token = SessionCookie::find(cookies, spec, MAX_TOKEN).token?;
        let opened = self.check(keys.open(token.expose(), self.parts.clock.now().as_secs()))?;
        // NextAuth v4 seals other things under the keys of its sessions, and none of them is about anybody.
        if subject(&opened.claims).is_none() {
            tracing::debug!("a session token of NextAuth v4 without a subject was refused");
            return None;
        }
        Some(opened)
    }

    /// Deletes the cookie of NextAuth v4 if it came and would count.
    pub(crate) fn delete_v4(&self, cookies: &RequestCookies<'_>, spec: &CookieSpec) -> Vec<HeaderValue> {
        match self.keys.v4 {
            Some(_) => SessionCookie::find(cookies, spec, MAX_TOKEN).delete(spec),
            None => Vec::new(),
        }
    }

    fn check(&self, opened: Result<Claims, vestibule_token::TokenError>) -> Option<Opened> {
        let claims = match opened {
            Ok(claims) => claims,
            Err(error) => {
                tracing::debug!(%error, "a session token was refused");
                return None;
            }
        };
        let end = self.policy.absolute_age.map(|age| {
            let begun = integer(&claims, AUTH_TIME).or_else(|| integer(&claims, "iat")).unwrap_or(0);
            begun.saturating_add(seconds(age.as_secs()))
        });
        let now = self.parts.clock.now().as_secs();
        if end.is_some_and(|end| now >= end) {
            tracing::debug!("a session token is older than any may be");
            return None;
        }
        Some(Opened { claims, end })
    }

    /// Asks the application what the token is to hold; `None` ends the session.
    pub(crate) async fn ask(
        &self,
        claims: Claims,
        cause: &JwtCause<'_>,
    ) -> Result<Option<Claims>, CallbackError> {
        match &self.parts.callbacks {
            Some(callbacks) => callbacks.jwt(claims, cause).await,
            None => Ok(Some(claims)),
        }
    }

    /// Makes the token anew, for the whole of its life or until the end that nothing moves.
    pub(crate) fn renew(&self, claims: &mut Claims, end: Option<i64>) -> Renewed {
        let now = self.parts.clock.now();
        let left = end.map_or(u64::MAX, |end| u64::try_from(end.saturating_sub(now.as_secs())).unwrap_or(0));
        let max_age = self.policy.max_age.as_secs().min(left);
        let token_age = self.policy.token_max_age.map_or(max_age, |age| age.as_secs().min(left));
        // Whatever a callback has made of it: many copy into the token what the browser sends.
        if let Some(end) = end {
            let begun = end - self.policy.absolute_age.map_or(0, |age| seconds(age.as_secs()));
            claims.insert(AUTH_TIME, begun);
        }
        let token = seal(&self.keys.v5, claims, now, token_age, &*self.parts.random as &dyn Random);
        Renewed { token, expires: now.after(std::time::Duration::from_secs(max_age)) }
    }

    /// The end of a session that begins now.
    fn end_from_now(&self) -> Option<i64> {
        let now = self.parts.clock.now().as_secs();
        self.policy.absolute_age.map(|age| now.saturating_add(seconds(age.as_secs())))
    }

    /// When a token stops to count.
    pub(crate) fn expiry(&self, claims: &Claims) -> Timestamp {
        integer(claims, "exp").map_or_else(|| self.parts.clock.now(), Timestamp::from_secs)
    }

    /// Whether a token is old enough to be made anew when it is read in passing: a day, or half of its life.
    pub(crate) fn is_due(&self, claims: &Claims) -> bool {
        const DAY: u64 = 24 * 60 * 60;
        let age = DAY.min(self.policy.max_age.as_secs() / 2);
        let made = integer(claims, "iat").unwrap_or(0);
        made.saturating_add(seconds(age)) <= self.parts.clock.now().as_secs()
    }
}

/// The longest token that is read, in bytes: browsers and servers take less in one header.
pub(crate) const MAX_TOKEN: usize = 64 * 1024;

/// Whose session it is.
pub(crate) fn subject(claims: &Claims) -> Option<UserId> {
    claims.text("sub").filter(|sub| !sub.is_empty()).map(UserId::from)
}

/// The user as a token tells it.
pub(crate) fn user(claims: &Claims) -> User {
    let text = |name| claims.text(name).map(str::to_owned);
    User {
        id: subject(claims).unwrap_or_else(|| UserId::from("")),
        name: text("name"),
        email: text("email"),
        email_verified: None,
        image: text("picture"),
        extra: vestibule_core::Extra::new(),
    }
}

/// Begins a session, or none if the application says so.
pub(crate) async fn begin(
    signed_in: &SignedIn,
    before: &SessionCookie<'_>,
    context: &Context<'_>,
) -> Result<Vec<HeaderValue>, Failure> {
    let Some(jwt) = context.jwt() else {
        return Ok(Vec::new());
    };
    let SignedIn { user, account, profile, is_new_user, .. } = signed_in;
    let mut claims = Claims::new();
    for (name, text) in [("name", &user.name), ("email", &user.email), ("picture", &user.image)] {
        claims.insert(name, text.as_deref().map_or(Claim::Null, Claim::from));
    }
    claims.insert("sub", user.id.as_str());
    let cause = JwtCause::SignIn {
        user,
        account: Some(account),
        profile: profile.as_ref(),
        is_new_user: *is_new_user,
    };
    let asked = jwt.ask(claims, &cause).await.map_err(|error| Failure::Callback("jwt", error))?;
    let spec = &context.names.session_token;
    Ok(match asked {
        None => before.delete(spec),
        Some(mut claims) => {
            let renewed = jwt.renew(&mut claims, jwt.end_from_now());
            let mut cookies = before.set(&renewed.token, renewed.expires, spec);
            cookies.extend(delete_v4(context));
            cookies
        }
    })
}

/// The token of the request's cookie: of v5, or else of NextAuth v4 if that is wanted.
pub(crate) fn found(cookie: &SessionCookie<'_>, context: &Context<'_>) -> Option<Opened> {
    let jwt = context.jwt()?;
    match &cookie.token {
        Some(token) => jwt.open(token),
        None => jwt.open_v4(&context.cookies, &context.names.nextauth_v4),
    }
}

/// The claims of the request's token, unless the application has ended the session.
pub(crate) async fn alive(context: &Context<'_>) -> Result<Option<Claims>, Failure> {
    match (context.jwt(), found(&context.session_cookie(), context)) {
        (Some(jwt), Some(opened)) => {
            let asked = jwt.ask(opened.claims, &JwtCause::Read).await;
            asked.map_err(|error| Failure::Callback("jwt", error))
        }
        _ => Ok(None),
    }
}

/// Deletes the cookie of NextAuth v4 if it came and would count.
pub(crate) fn delete_v4(context: &Context<'_>) -> Vec<HeaderValue> {
    let delete = |jwt: Jwt<'_>| jwt.delete_v4(&context.cookies, &context.names.nextauth_v4);
    context.jwt().map(delete).unwrap_or_default()
}

fn integer(claims: &Claims, name: &str) -> Option<i64> {
    claims.get(name).and_then(Claim::as_i64)
}

fn seconds(age: u64) -> i64 {
    i64::try_from(age).unwrap_or(i64::MAX)
}
