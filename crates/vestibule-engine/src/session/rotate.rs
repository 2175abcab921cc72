//! Another session in place of the one that a browser has, for whoever has just been given more rights.

use http::{HeaderMap, Uri};
use serde_json::Value;
use vestibule_core::{Adapter, AdapterError, Extra, NewSession, Session, SessionChanges, TouchPolicy};
use vestibule_token::Claim;

use crate::callbacks::JwtCause;
use crate::config::SessionStrategy;
use crate::config::settings::Settings;
use crate::cookie::{RequestCookies, SessionCookie};
use crate::http::Origin;
use crate::random::random_hex;
use crate::session::jwt::{self, Jwt};
use crate::session::{CurrentSession, KeptIn};
use crate::{Engine, Parts, SessionError};

impl Engine {
    /// Gives a browser a new session of the same user in place of the one that it has, and writes `data` into it: for an
    /// application that has just checked a second factor, or given somebody more rights. A copy of the old cookie that
    /// somebody else has gets none of them.
    ///
    /// `None` if nobody is signed in, or if the session ended meanwhile; sign in anew then, and show nothing that the new rights
    /// are needed for.
    ///
    /// [`CurrentSession::set_cookies`] belong into the response, or the browser is signed out. Under the layer of
    /// `vestibule-axum` they take the place of what it would have set.
    ///
    /// A session in the store gets a new token and a new expiry; its own columns stay as they are but for `data`, by the names
    /// that they have in the profile. The old token counts no more. What another request writes into the columns meanwhile is
    /// kept. Of any number of calls at once with one session exactly one gets a session, and every other one `None`, as after
    /// signing out.
    ///
    /// A session in the cookie gets a new token, with `data` among its claims, and the callback `jwt` is asked with
    /// [`JwtCause::Rotation`]. An old copy of it cannot be ended and counts until it expires, but what is in `data` is not in it:
    /// grant nothing to a session that lacks it. An absolute age is not moved. Of calls at once with one token every one gets a
    /// session, each with its own `data` alone; the browser keeps the one whose response comes last.
    ///
    /// Have the browser load a page with the response, by a redirect or a form, and not by a script beside others: a
    /// `GET /session` that is under way with the old cookie, from another tab or from a component that polls, finds nobody once
    /// the row is gone, is answered with `null` and deletes the cookie, also the new one if its answer comes last. With sessions
    /// in the cookie it puts the old session back instead, without `data`.
    ///
    /// The engine does not know where the request comes from: protect the handler that calls this as any other that changes
    /// something. Three round trips for a session in the store, four if its columns were changed meanwhile; none for one in the
    /// cookie.
    ///
    /// # Errors
    ///
    /// [`SessionError`], as of [`session`](Self::session). After an outage the old session counts or has ended;
    /// [`SessionError::Shape`] if `data` would say whose session it is (`sub`).
    ///
    /// ```
    /// # use http::{HeaderMap, Uri};
    /// # use vestibule_engine::{CurrentSession, Engine, SessionError};
    /// # async fn second_factor(engine: &Engine, uri: &Uri, headers: &HeaderMap) -> Result<Option<CurrentSession>, SessionError> {
    /// // The code of the second factor was right.
    /// let data = [("secondFactor".into(), true.into())].into_iter().collect();
    /// let session = engine.rotate_session(uri, headers, &data).await?;
    /// # Ok(session)
    /// # }
    /// ```
    pub async fn rotate_session(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        data: &Extra,
    ) -> Result<Option<CurrentSession>, SessionError> {
        let (settings, parts) = (self.settings(), self.parts());
        let origin = settings.origin.origin(uri, headers)?;
        let cookies = RequestCookies::parse(headers);
        let spec = &settings.cookies(&origin).session_token;
        let cookie = SessionCookie::find(&cookies, spec, settings.session.longest_token);
        let request = Request { origin: &origin, settings, parts, cookies: &cookies, cookie: &cookie };
        match &settings.session.strategy {
            SessionStrategy::Database(policy) => in_store(policy, &request, data).await,
            SessionStrategy::Jwt(_) => in_cookie(&request, data).await,
        }
    }
}

/// What a request says, and what it is read with.
struct Request<'a> {
    origin: &'a Origin,
    settings: &'a Settings,
    parts: &'a Parts,
    cookies: &'a RequestCookies<'a>,
    cookie: &'a SessionCookie<'a>,
}

/// The new session comes first, as when somebody signs in. Whoever then deletes the old one is the one who has rotated it; if
/// it is gone already, somebody has signed out or rotated it meanwhile, and the new one must not outlive that.
async fn in_store(
    policy: &TouchPolicy,
    request: &Request<'_>,
    data: &Extra,
) -> Result<Option<CurrentSession>, SessionError> {
    let Parts { adapter, clock, random, .. } = request.parts;
    let Some(token) = &request.cookie.token else { return Ok(None) };
    let now = clock.now();
    let found = adapter.session_and_user(token).await?;
    let Some((old, user)) = found.filter(|(old, _)| !TouchPolicy::is_expired(old.expires, now)) else {
        return Ok(None);
    };
    let mut extra = old.extra.clone();
    extra.extend(data.clone());
    let new = NewSession {
        token: random_hex(&**random).into(),
        user_id: user.id.clone(),
        expires: policy.expiry(now),
        extra,
    };
    let session = match adapter.create_session(&new).await {
        Err(AdapterError::OwnerAbsent { .. }) => return Ok(None),
        created => created?,
    };
    let ended = adapter.delete_session(token).await?;
    let Some(ended) = ended.filter(|ended| !TouchPolicy::is_expired(ended.expires, now)) else {
        adapter.delete_session(&session.token).await?;
        return Ok(None);
    };
    let extra = changed(&old.extra, ended.extra, data);
    let Some(session) = brought_up_to_date(session, extra, &**adapter).await? else {
        return Ok(None);
    };
    let spec = &request.settings.cookies(request.origin).session_token;
    let set_cookies = request.cookie.set(session.token.expose(), session.expires, spec);
    Ok(Some(CurrentSession {
        user,
        expires: session.expires,
        source: KeptIn::Database(session),
        set_cookies,
    }))
}

/// What others have written into the session's own columns since they were read, but for what `data` says.
fn changed(read: &Extra, mut ended: Extra, data: &Extra) -> Extra {
    for name in read.keys() {
        ended.entry(name.clone()).or_insert(Value::Null);
    }
    ended.retain(|name, value| read.get(name) != Some(value) && !data.contains_key(name));
    ended
}

/// The new session with what others have written into the old one; a right that they took from it must not live on. Nobody
/// knows its token yet. `None` if it has ended.
async fn brought_up_to_date(
    session: Session,
    extra: Extra,
    adapter: &dyn Adapter,
) -> Result<Option<Session>, AdapterError> {
    if extra.is_empty() {
        return Ok(Some(session));
    }
    let changes = SessionChanges { extra, ..SessionChanges::default() };
    let updated = adapter.update_session(&session.token, &changes).await;
    if updated.is_err() {
        // If that fails too, a row is left that no browser has the token of.
        let _ = adapter.delete_session(&session.token).await;
    }
    updated
}

async fn in_cookie(request: &Request<'_>, data: &Extra) -> Result<Option<CurrentSession>, SessionError> {
    if data.contains_key("sub") {
        return Err(SessionError::Shape("the data of a session cannot say whose it is".into()));
    }
    let Some(jwt) = Jwt::new(request.settings, request.origin, request.parts) else { return Ok(None) };
    let names = request.settings.cookies(request.origin);
    let opened = match &request.cookie.token {
        Some(token) => jwt.open(token),
        None => jwt.open_v4(request.cookies, &names.nextauth_v4),
    };
    let Some(opened) = opened.filter(|opened| jwt::subject(&opened.claims).is_some()) else {
        return Ok(None);
    };
    let mut claims = opened.claims;
    for (name, value) in data {
        claims.insert(&**name, Claim::from(value.clone()));
    }
    let asked = jwt.ask(claims, &JwtCause::Rotation(data)).await.map_err(SessionError::Callback)?;
    let Some(mut claims) = asked.filter(|claims| jwt::subject(claims).is_some()) else { return Ok(None) };
    let renewed = jwt.renew(&mut claims, opened.end);
    let mut set_cookies = request.cookie.set(&renewed.token, renewed.expires, &names.session_token);
    set_cookies.extend(jwt.delete_v4(request.cookies, &names.nextauth_v4));
    let expires = renewed.expires;
    Ok(Some(CurrentSession { user: jwt::user(&claims), expires, source: KeptIn::Jwt(claims), set_cookies }))
}
