//! The page that asks before signing out.

use http::StatusCode;
use maud::html;

use crate::language::marked;
use crate::pages::layout::{hidden, home, page};
use crate::pages::{Look, Page};

/// The page that asks before signing out.
pub(crate) fn sign_out(look: &Look<'_>, csrf_token: &str, callback_url: &str) -> Page {
    let Look { settings, origin, texts } = *look;
    let content = html! {
        h1 { (texts.sign_out_question) }
        p { (marked(&texts.sign_out_of, "host", origin.host())) }
        form method="post" action=(format!("{}/signout", settings.base_path)) {
            (hidden("csrfToken", csrf_token))
            (hidden("callbackUrl", callback_url))
            button class="button" type="submit" autofocus { (texts.sign_out) }
        }
        (home(look))
    };
    page(look, StatusCode::OK, &texts.sign_out, &content)
}
