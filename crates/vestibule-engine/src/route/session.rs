//! `GET` and `POST /session`: who is signed in.

use serde_json::json;

use crate::error::Failure;
use crate::http::{Content, Reply};
use crate::route::Context;
use crate::session::database::{self, Live};
use crate::time::iso;

pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    let (body, reply) = read(context).await?;
    Ok(Reply { content: Content::FreshJson(body), ..reply })
}

/// The session update of Auth.js. It reads the session; what the client sends with it is for callbacks, of
/// which there are none yet.
pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    if context.check_csrf().is_err() {
        return Ok(Content::NoUpdate.into());
    }
    match read(context).await {
        Ok((body, reply)) => Ok(Reply { content: Content::Json(body), ..reply }),
        Err(failure) => Err(failure),
    }
}

/// The session as JSON, `null` if there is none, and the cookies that follow from it.
///
/// As in Auth.js the body has the expiry that was found, and the cookie is set anew whether or not the row was
/// extended. Unlike there, an outage is not `null`: the answer is 503, and the cookie stays.
async fn read(context: &Context<'_>) -> Result<(String, Reply), Failure> {
    let cookie = context.session_cookie();
    let spec = &context.names.session_token;
    let policy = &context.settings.session;
    let live = match &cookie.token {
        Some(token) => database::read(token, policy, context.parts).await?,
        None => None,
    };
    let (body, cookies) = match live {
        None => ("null".to_owned(), cookie.delete(spec)),
        Some(live) => {
            let expires = policy.expiry(context.parts.clock.now());
            let mut cookies = cookie.delete_chunks(spec);
            cookies.push(spec.set_until(live.session.token.expose(), expires));
            (to_json(&live), cookies)
        }
    };
    Ok((body, Reply::from(Content::Json(String::new())).with_cookies(cookies)))
}

/// What Auth.js' default `session` callback lets a browser know, in the order in which it writes it.
fn to_json(live: &Live) -> String {
    format!(
        "{{\"user\":{{\"name\":{},\"email\":{},\"image\":{}}},\"expires\":{}}}",
        json!(live.user.name),
        json!(live.user.email),
        json!(live.user.image),
        json!(iso(live.found_expiry)),
    )
}
