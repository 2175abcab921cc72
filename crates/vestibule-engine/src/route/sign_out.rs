//! `GET` and `POST /signout`: the end of a session.

use crate::error::Failure;
use crate::http::{Content, Reply};
use crate::pages;
use crate::route::Context;
use crate::session;

pub(super) fn get(context: &Context<'_>) -> Reply {
    if let Some(page) = &context.settings.pages.sign_out {
        return Reply::redirect(page);
    }
    let page = pages::sign_out(&context.look(), &context.csrf.token, &context.callback_url);
    Content::Page(page).into()
}

/// Deletes the session and its cookies; a session that is gone already is no error.
///
/// During an outage the answer is 503 and the cookies stay: the session still exists, and a browser that
/// believes otherwise could not end it any more.
pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    context.check_csrf()?;
    let cookies = session::end(context).await?;
    Ok(Reply::redirect(context.callback_url.clone()).with_cookies(cookies))
}
