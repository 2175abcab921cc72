//! The page behind the link of a mail: only its button signs in, so a mail scanner that opens the link changes
//! nothing.

use http::StatusCode;
use maud::html;

use crate::config::settings::Settings;
use crate::http::Origin;
use crate::pages::Page;
use crate::pages::layout::{hidden, page};

/// The page behind the link of a mail.
pub(crate) fn confirm(
    settings: &Settings,
    origin: &Origin,
    provider: &str,
    email: &str,
    token: &str,
    callback_url: &str,
) -> Page {
    let content = html! {
        h1 { "Sign in to " (origin.host()) }
        p { "You are about to sign in as " strong { (email) } "." }
        form method="post" action=(format!("{}/callback/{provider}", settings.base_path)) {
            (hidden("callbackUrl", callback_url))
            (hidden("token", token))
            (hidden("email", email))
            button class="button" type="submit" autofocus { "Sign in" }
        }
        p class="foot" { "If you did not ask for this link, close this page." }
    };
    page(settings, origin, StatusCode::OK, "Confirm to sign in", &content)
}
