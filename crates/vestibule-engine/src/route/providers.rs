//! `GET /providers`: the ways to sign in, in the order of the configuration.
//!
//! Unlike in Auth.js caches are told to keep off: with the list may come the CSRF cookie of one browser.

use serde_json::json;

use crate::http::{Content, Reply};
use crate::route::Context;

pub(super) fn get(context: &Context<'_>) -> Reply {
    // Written by hand, because the order of the members is part of the interface.
    let members: Vec<String> = context
        .settings
        .providers
        .iter()
        .map(|provider| {
            let id = provider.id().as_str();
            format!(
                "{}:{{\"id\":{},\"name\":{},\"type\":{},\"signinUrl\":{},\"callbackUrl\":{}}}",
                json!(id),
                json!(id),
                json!(provider.name()),
                json!(provider.kind()),
                json!(context.url(&format!("/signin/{id}"))),
                json!(context.url(&format!("/callback/{id}"))),
            )
        })
        .collect();
    Content::FreshJson(format!("{{{}}}", members.join(",")).into()).into()
}
