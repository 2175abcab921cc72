//! The answer to what is too much.

use std::time::Duration;

use http::StatusCode;

use crate::error::{Answer, message_json, with_query};
use crate::http::Inbound;
use crate::language::fill;
use crate::pages::{self, Look};

/// What programs are told.
pub(crate) const TOO_MANY: &str = "There were too many tries. Please wait before the next one.";

/// A page for people, JSON for programs, and for clients of Auth.js the page to sign in as well: they look for one to go to,
/// whatever the status is.
pub(crate) fn too_many(wait: Duration, sign_in: &str, look: &Look<'_>, request: &Inbound<'_>) -> Answer {
    let seconds = in_seconds(wait);
    if request.returns_redirect() {
        let url = with_query(sign_in, &[("error", "TooManyRequests")]);
        let body = serde_json::json!({ "url": url, "message": TOO_MANY });
        return Answer::TooMany(body.to_string(), seconds);
    }
    if !request.wants_page() {
        return Answer::TooMany(message_json(TOO_MANY), seconds);
    }
    let minutes = seconds.div_ceil(60).to_string();
    let text = fill(&look.texts.too_many_text, "minutes", &minutes);
    Answer::Page(pages::message(look, StatusCode::TOO_MANY_REQUESTS, &text).with_retry_after(seconds))
}

/// How long somebody has to wait, in the whole seconds of `Retry-After`.
pub(crate) fn in_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}
