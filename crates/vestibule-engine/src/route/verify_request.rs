//! `GET /verify-request`: a mail is on its way.

use crate::callback_url::encode;
use crate::http::{Content, Reply};
use crate::pages;
use crate::route::Context;

pub(super) fn get(context: &Context<'_>) -> Reply {
    let Some(page) = &context.settings.pages.verify_request else {
        return Content::Page(pages::verify_request(&context.look())).into();
    };
    match context.request.uri.query().map(encode) {
        Some(query) if page.contains('?') => Reply::redirect(format!("{page}&{query}")),
        Some(query) => Reply::redirect(format!("{page}?{query}")),
        None => Reply::redirect(page),
    }
}
