//! `GET /error`: what went wrong.

use crate::error::with_query;
use crate::http::{Content, Reply};
use crate::pages;
use crate::route::Context;

pub(super) fn get(context: &Context<'_>) -> Reply {
    let code = context.request.query.filled("error");
    match (&context.settings.pages.error, code) {
        (Some(page), Some(code)) => Reply::redirect(with_query(page, &[("error", code)])),
        (Some(page), None) => Reply::redirect(page),
        (None, code) => Content::Page(pages::error(&context.look(), code)).into(),
    }
}
