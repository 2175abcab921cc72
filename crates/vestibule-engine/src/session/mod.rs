//! Sessions as the engine sees them, wherever they are kept.

pub(crate) mod database;
pub(crate) mod jwt;
mod rotate;
mod typed;

use http::{HeaderMap, HeaderValue};
use vestibule_core::{AdapterError, Session, Timestamp, TouchPolicy, User};
use vestibule_token::Claims;

use crate::callbacks::{JwtCause, SignedOutEvent, told};
use crate::config::SessionStrategy;
use crate::config::settings::Settings;
use crate::cookie::{RequestCookies, SessionCookie};
use crate::error::Failure;
use crate::http::Origin;
use crate::route::Context;
use crate::session::jwt::Jwt;
use crate::sign_in::SignedIn;
use crate::{Parts, SessionError};

/// Who is signed in, as [`Engine::session`](crate::Engine::session) finds it. Only a live session becomes one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CurrentSession {
    /// The session's user. Of a JWT session it is what the token says: id, name, address and picture as they were
    /// when the token was made.
    pub user: User,
    /// From this point on the session does not count.
    pub expires: Timestamp,
    /// Where the session is kept.
    pub source: KeptIn,
    /// `Set-Cookie` values that belong into the response; there are some if the session was extended, so that the
    /// cookie lives as long.
    pub set_cookies: Vec<HeaderValue>,
}

impl CurrentSession {
    /// The row of the session; `None` if it is kept in the cookie.
    pub fn row(&self) -> Option<&Session> {
        match &self.source {
            KeptIn::Database(session) => Some(session),
            KeptIn::Jwt(_) => None,
        }
    }

    /// The claims of the session's token; `None` if the session is kept in the store.
    pub fn claims(&self) -> Option<&Claims> {
        match &self.source {
            KeptIn::Database(_) => None,
            KeptIn::Jwt(claims) => Some(claims),
        }
    }
}

/// Where a session is kept.
#[derive(Clone, Debug)]
pub enum KeptIn {
    /// In this row, with the expiry that is now stored.
    Database(Session),
    /// In the cookie, as these claims.
    Jwt(Claims),
}

/// Who a browser is signed in as while it signs in once more, or links.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) user: User,
}

/// Who the browser is signed in as. A session that has expired is nobody's, and stays as it is.
///
/// No round trip without a session cookie, one otherwise.
pub(crate) async fn current(context: &Context<'_>) -> Result<Option<Current>, Failure> {
    let adapter = &context.parts.adapter;
    let user = match context.settings.session.strategy {
        SessionStrategy::Database(_) => {
            let found = match &context.session_cookie().token {
                Some(token) => adapter.session_and_user(token).await?,
                None => None,
            };
            let now = context.parts.clock.now();
            found.filter(|(session, _)| !TouchPolicy::is_expired(session.expires, now)).map(|(_, user)| user)
        }
        SessionStrategy::Jwt(_) => match jwt::alive(context).await?.as_ref().and_then(jwt::subject) {
            Some(id) => adapter.user(&id).await?,
            None => None,
        },
    };
    Ok(user.map(|user| Current { user }))
}

/// Who is signed in, by the cookies of a request, for the application itself.
pub(crate) async fn read(
    headers: &HeaderMap,
    origin: &Origin,
    settings: &Settings,
    parts: &Parts,
) -> Result<Option<CurrentSession>, SessionError> {
    let names = settings.cookies(origin);
    let spec = &names.session_token;
    let cookies = RequestCookies::parse(headers);
    let cookie = SessionCookie::find(&cookies, spec, settings.session.longest_token);
    let jwt = match &settings.session.strategy {
        SessionStrategy::Jwt(_) => Jwt::new(settings, origin, parts),
        SessionStrategy::Database(policy) => {
            let Some(token) = &cookie.token else {
                return Ok(None);
            };
            let live = database::read(token, policy, parts).await?;
            return Ok(live.map(|live| {
                let set = || vec![spec.set_until(live.session.token.expose(), live.session.expires)];
                let set_cookies = if live.was_extended() { set() } else { Vec::new() };
                let expires = live.session.expires;
                CurrentSession {
                    user: live.user,
                    expires,
                    source: KeptIn::Database(live.session),
                    set_cookies,
                }
            }));
        }
    };
    let opened = jwt.as_ref().and_then(|jwt| match &cookie.token {
        Some(token) => jwt.open(token),
        None => jwt.open_v4(&cookies, &names.nextauth_v4),
    });
    let (Some(jwt), Some(opened)) = (jwt, opened) else {
        return Ok(None);
    };
    let asked = jwt.ask(opened.claims, &JwtCause::Read).await.map_err(SessionError::Callback)?;
    // `GET /session` shows such a token to the browser; to the application it would be a user without an id, the same one
    // for everybody.
    let asked = asked.filter(|claims| jwt::subject(claims).is_some());
    Ok(asked.map(|mut claims| {
        let mut set_cookies = Vec::new();
        let mut expires = jwt.expiry(&claims);
        if jwt.is_due(&claims) {
            let renewed = jwt.renew(&mut claims, opened.end);
            expires = renewed.expires;
            set_cookies = cookie.set(&renewed.token, renewed.expires, spec);
            set_cookies.extend(jwt.delete_v4(&cookies, &names.nextauth_v4));
        }
        CurrentSession { user: jwt::user(&claims), expires, source: KeptIn::Jwt(claims), set_cookies }
    }))
}

/// Begins a session, always a new one, unless it was begun together with the user, and ends the one that the browser had.
///
/// The new one comes first: a store that fails in between leaves a session too many, which nobody knows, and not
/// somebody signed out.
pub(crate) async fn begin(signed_in: &SignedIn, context: &Context<'_>) -> Result<Vec<HeaderValue>, Failure> {
    let before = context.session_cookie();
    match context.settings.session.strategy {
        SessionStrategy::Database(policy) => {
            let session = match &signed_in.session {
                Some(begun) => begun.clone(),
                None => match database::create(signed_in.user.id.clone(), &policy, context.parts).await {
                    Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
                    session => session?,
                },
            };
            if let Some(token) = &before.token {
                context.parts.adapter.delete_session(token).await?;
            }
            Ok(before.set(session.token.expose(), session.expires, &context.names.session_token))
        }
        SessionStrategy::Jwt(_) => jwt::begin(signed_in, &before, context).await,
    }
}

/// Ends the session of the browser, and tells the application. One that is gone already is no error.
pub(crate) async fn end(context: &Context<'_>) -> Result<Vec<HeaderValue>, Failure> {
    let cookie = context.session_cookie();
    let events = context.parts.events.as_deref();
    match (context.settings.session.strategy, &cookie.token) {
        (SessionStrategy::Database(_), Some(token)) => {
            let ended = context.parts.adapter.delete_session(token).await?;
            let event = SignedOutEvent::Database(ended.as_ref());
            told("signOut", events.map(|events| events.sign_out(&event)), context.request).await;
        }
        (SessionStrategy::Database(_), None) => {}
        (SessionStrategy::Jwt(_), _) => {
            if let Some(opened) = jwt::found(&cookie, context) {
                let event = SignedOutEvent::Jwt(&opened.claims);
                told("signOut", events.map(|events| events.sign_out(&event)), context.request).await;
            }
        }
    }
    let mut cookies = cookie.delete(&context.names.session_token);
    cookies.extend(jwt::delete_v4(context));
    Ok(cookies)
}
