//! `GET` and `POST /session`: who is signed in.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;
use vestibule_core::{Timestamp, TouchPolicy};
use vestibule_token::Claims;

use crate::Parts;
use crate::callbacks::{JwtCause, SessionEvent, SessionSource, SessionView, told};
use crate::config::SessionStrategy;
use crate::cookie::SessionCookie;
use crate::error::Failure;
use crate::http::{Content, Reply};
use crate::route::Context;
use crate::session::database::{self, Live};
use crate::session::jwt::{self, Jwt};
use crate::time::iso;

pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    read(context, None).await
}

/// The session update of Auth.js: what the browser sends as `data` is for the callbacks.
pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    if let Err(failure) = context.check_csrf() {
        failure.log(context.request);
        return Ok(Content::NoUpdate.into());
    }
    let sent: Option<Value> = serde_json::from_slice(context.request.raw_body).ok();
    let data = sent.as_ref().and_then(|body| body.get("data")).unwrap_or(&Value::Null);
    read(context, Some(data)).await
}

/// The session as JSON that no cache keeps, `null` if there is none, and the cookies that follow from it.
///
/// As in Auth.js the body has the expiry that was found, and the cookie is set anew whether or not the row was
/// extended. Unlike there, an outage is not `null`: the answer is 503, and the cookie stays.
async fn read(context: &Context<'_>, update: Option<&Value>) -> Result<Reply, Failure> {
    let cookie = context.session_cookie();
    let shown = match (&context.settings.session.strategy, context.jwt()) {
        (SessionStrategy::Jwt(_), Some(jwt)) => in_cookie(&jwt, &cookie, context, update).await?,
        (SessionStrategy::Database(policy), _) => in_store(policy, &cookie, context, update).await?,
        (SessionStrategy::Jwt(_), None) => None,
    };
    let (body, mut cookies) =
        shown.unwrap_or_else(|| (Bytes::from_static(b"null"), cookie.delete(&context.names.session_token)));
    // It would count as soon as the cookie of v5 is gone, whoever deleted that and why.
    cookies.extend(jwt::delete_v4(context));
    Ok(Reply { content: Content::FreshJson(body), cookies })
}

type Shown = Option<(Bytes, Vec<HeaderValue>)>;

async fn in_store(
    policy: &TouchPolicy,
    cookie: &SessionCookie<'_>,
    context: &Context<'_>,
    update: Option<&Value>,
) -> Result<Shown, Failure> {
    let live = match &cookie.token {
        Some(token) => database::read(token, policy, context.parts).await?,
        None => None,
    };
    let Some(live) = live else {
        return Ok(None);
    };
    let Live { session, user, found_expiry } = &live;
    let view = SessionView { source: SessionSource::Database { session, user }, update };
    let write = |json: &mut Vec<u8>| {
        let texts = [("name", &user.name), ("email", &user.email), ("image", &user.image)];
        // A vector does not refuse to be written to, so that nothing is lost here.
        for (at, (name, text)) in texts.into_iter().enumerate() {
            begin_member(json, name, at == 0);
            let _ = serde_json::to_writer(&mut *json, text);
        }
    };
    let body = body(*found_expiry, write, &view, context).await?;
    let expires = policy.expiry(context.parts.clock.now());
    let cookies = cookie.set(session.token.expose(), expires, &context.names.session_token);
    Ok(Some((body, cookies)))
}

async fn in_cookie(
    jwt: &Jwt<'_>,
    cookie: &SessionCookie<'_>,
    context: &Context<'_>,
    update: Option<&Value>,
) -> Result<Shown, Failure> {
    let Some(opened) = jwt::found(cookie, context) else {
        return Ok(None);
    };
    let cause = update.map_or(JwtCause::Read, JwtCause::Update);
    let asked = jwt.ask(opened.claims, &cause).await.map_err(|error| Failure::Callback("jwt", error))?;
    let Some(mut claims) = asked else {
        return Ok(None);
    };
    let renewed = jwt.renew(&mut claims, opened.end);
    let view = SessionView { source: SessionSource::Jwt(&claims), update };
    let write = |json: &mut Vec<u8>| {
        let mut is_first = true;
        for (name, claim) in [("name", "name"), ("email", "email"), ("image", "picture")] {
            if let Some(claim) = claims.get(claim) {
                begin_member(json, name, is_first);
                let _ = serde_json::to_writer(&mut *json, claim);
                is_first = false;
            }
        }
    };
    let body = body(renewed.expires, write, &view, context).await?;
    let cookies = cookie.set(&renewed.token, renewed.expires, &context.names.session_token);
    Ok(Some((body, cookies)))
}

fn begin_member(json: &mut Vec<u8>, name: &str, is_first: bool) {
    if !is_first {
        json.push(b',');
    }
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

/// What Auth.js' default `session` callback lets a browser know, in the order in which it writes it; and what the
/// application makes of it.
async fn body(
    expires: Timestamp,
    write_user: impl FnOnce(&mut Vec<u8>),
    view: &SessionView<'_>,
    context: &Context<'_>,
) -> Result<Bytes, Failure> {
    let mut json = Vec::with_capacity(192);
    json.extend_from_slice(b"{\"user\":{");
    write_user(&mut json);
    json.extend_from_slice(b"},\"expires\":\"");
    json.extend_from_slice(iso(expires).as_str().as_bytes());
    json.extend_from_slice(b"\"}");
    let Parts { callbacks, events, .. } = context.parts;
    if callbacks.is_none() && events.is_none() {
        return Ok(json.into());
    }
    Box::pin(asked(json, view, context)).await
}

/// What the application makes of the body.
async fn asked(mut json: Vec<u8>, view: &SessionView<'_>, context: &Context<'_>) -> Result<Bytes, Failure> {
    let Parts { callbacks, events, .. } = context.parts;
    let failed = |error| Failure::Callback("session", error);
    let text = std::str::from_utf8(&json).map_err(|error| failed(error.into()))?;
    let mut body = Claims::from_json(text).map_err(|error| failed(error.into()))?;
    if let Some(callbacks) = callbacks {
        body = callbacks.session(body, view).await.map_err(failed)?;
        json = body.to_json().into();
    }
    let event = SessionEvent { body: &body, view: *view };
    told("session", events.as_deref().map(|events| events.session(&event)), context.request).await;
    Ok(json.into())
}
