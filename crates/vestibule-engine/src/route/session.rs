//! `GET` and `POST /session`: who is signed in.

use std::io::Write as _;

use bytes::Bytes;

use crate::error::Failure;
use crate::http::{Content, Reply};
use crate::route::Context;
use crate::session::database::{self, Live};
use crate::time::iso;

pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    read(context, Content::FreshJson).await
}

/// The session update of Auth.js. It reads the session; what the client sends with it is for callbacks, of
/// which there are none yet.
pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    if context.check_csrf().is_err() {
        return Ok(Content::NoUpdate.into());
    }
    read(context, Content::Json).await
}

/// The session as JSON of the kind given, `null` if there is none, and the cookies that follow from it.
///
/// As in Auth.js the body has the expiry that was found, and the cookie is set anew whether or not the row was
/// extended. Unlike there, an outage is not `null`: the answer is 503, and the cookie stays.
async fn read(context: &Context<'_>, kind: fn(Bytes) -> Content) -> Result<Reply, Failure> {
    let cookie = context.session_cookie();
    let spec = &context.names.session_token;
    let policy = &context.settings.session;
    let live = match &cookie.token {
        Some(token) => database::read(token, policy, context.parts).await?,
        None => None,
    };
    let (body, cookies) = match live {
        None => (Bytes::from_static(b"null"), cookie.delete(spec)),
        Some(live) => {
            let expires = policy.expiry(context.parts.clock.now());
            let mut cookies = cookie.delete_chunks(spec);
            cookies.push(spec.set_until(live.session.token.expose(), expires));
            (to_json(&live).into(), cookies)
        }
    };
    Ok(Reply { content: kind(body), cookies })
}

/// What Auth.js' default `session` callback lets a browser know, in the order in which it writes it.
fn to_json(live: &Live) -> Vec<u8> {
    let user = &live.user;
    let mut json = Vec::with_capacity(192);
    let texts =
        [("{\"user\":{\"name\":", &user.name), (",\"email\":", &user.email), (",\"image\":", &user.image)];
    // Neither a text nor a vector refuses to be written to, so that nothing is lost here.
    for (name, text) in texts {
        json.extend_from_slice(name.as_bytes());
        let _ = serde_json::to_writer(&mut json, text);
    }
    let _ = write!(json, "}},\"expires\":\"{}\"}}", iso(live.found_expiry));
    json
}
