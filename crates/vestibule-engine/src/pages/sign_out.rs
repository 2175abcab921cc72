//! The page that asks before signing out.

use http::StatusCode;
use maud::html;

use crate::config::settings::Settings;
use crate::http::Origin;
use crate::pages::Page;
use crate::pages::layout::{hidden, home, page};

/// The page that asks before signing out.
pub(crate) fn sign_out(settings: &Settings, origin: &Origin, csrf_token: &str, callback_url: &str) -> Page {
    let content = html! {
        h1 { "Sign out?" }
        p { "You will be signed out of " strong { (origin.host()) } " in this browser." }
        form method="post" action=(format!("{}/signout", settings.base_path)) {
            (hidden("csrfToken", csrf_token))
            (hidden("callbackUrl", callback_url))
            button class="button" type="submit" autofocus { "Sign out" }
        }
        (home(origin))
    };
    page(settings, origin, StatusCode::OK, "Sign out", &content)
}
