//! `GET /csrf`: the token that forms must send.

use crate::http::{Content, Reply};
use crate::route::Context;

pub(super) fn get(context: &Context<'_>) -> Reply {
    let body = serde_json::json!({ "csrfToken": context.csrf.token });
    Content::FreshJson(body.to_string().into()).into()
}
