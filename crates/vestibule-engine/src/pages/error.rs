//! The page that says what went wrong.

use http::StatusCode;
use maud::{Markup, html};

use crate::pages::layout::{alert, home, page};
use crate::pages::{Look, Page};

/// The page for an error code of Auth.js.
pub(crate) fn error(look: &Look<'_>, code: Option<&str>) -> Page {
    let texts = look.texts;
    let (status, title, text) = match code {
        Some("Configuration") => {
            (StatusCode::INTERNAL_SERVER_ERROR, &texts.error_configuration, &texts.error_configuration_text)
        }
        Some("AccessDenied") => {
            (StatusCode::FORBIDDEN, &texts.error_access_denied, &texts.error_access_denied_text)
        }
        Some("Verification") => {
            (StatusCode::FORBIDDEN, &texts.error_verification, &texts.error_verification_text)
        }
        Some("WebAuthnVerificationError") => {
            (StatusCode::OK, &texts.error_passkey, &texts.error_passkey_text)
        }
        _ => (StatusCode::OK, &texts.error, &texts.error_text),
    };
    let sign_in = matches!(code, Some("AccessDenied" | "Verification" | "WebAuthnVerificationError"));
    show(look, status, title, text, sign_in)
}

/// A page for a failure that has no code.
pub(crate) fn message(look: &Look<'_>, status: StatusCode, text: &str) -> Page {
    let title = match status {
        StatusCode::SERVICE_UNAVAILABLE => &look.texts.outage,
        StatusCode::TOO_MANY_REQUESTS => &look.texts.too_many,
        StatusCode::NOT_FOUND => &look.texts.not_found,
        _ => &look.texts.did_not_work,
    };
    show(look, status, title, text, true)
}

fn show(look: &Look<'_>, status: StatusCode, title: &str, text: &str, sign_in: bool) -> Page {
    let content: Markup = html! {
        h1 { (title) }
        (alert(text))
        @if sign_in {
            p class="action" {
                a class="button" href=(format!("{}/signin", look.settings.base_path)) { (look.texts.sign_in) }
            }
        }
        (home(look))
    };
    page(look, status, title, &content)
}
