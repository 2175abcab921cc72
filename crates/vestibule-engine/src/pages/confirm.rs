//! The page behind the link of a mail: only its button signs in, so a mail scanner that opens the link changes
//! nothing.

use http::StatusCode;
use maud::html;

use crate::language::{fill, marked};
use crate::pages::layout::{hidden, page};
use crate::pages::{Look, Page};

/// The page behind the link of a mail.
pub(crate) fn confirm(look: &Look<'_>, provider: &str, email: &str, token: &str, callback_url: &str) -> Page {
    let Look { settings, origin, texts } = *look;
    let content = html! {
        h1 { (fill(&texts.sign_in_to, "host", origin.host())) }
        p { (marked(&texts.confirm_as, "email", email)) }
        form method="post" action=(format!("{}/callback/{provider}", settings.base_path)) {
            (hidden("callbackUrl", callback_url))
            (hidden("token", token))
            (hidden("email", email))
            button class="button" type="submit" autofocus { (texts.sign_in) }
        }
        p class="foot" { (texts.confirm_not_you) }
    };
    page(look, StatusCode::OK, &texts.confirm_title, &content)
}
