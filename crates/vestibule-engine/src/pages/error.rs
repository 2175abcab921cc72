//! The page that says what went wrong.

use http::StatusCode;
use maud::{Markup, html};

use crate::config::settings::Settings;
use crate::http::Origin;
use crate::pages::Page;
use crate::pages::layout::{alert, home, page};

/// The page for an error code of Auth.js.
pub(crate) fn error(settings: &Settings, origin: &Origin, code: Option<&str>) -> Page {
    let (status, title, text) = match code {
        Some("Configuration") => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Server error",
            "Something is wrong with the server. Its log says more.",
        ),
        Some("AccessDenied") => {
            (StatusCode::FORBIDDEN, "Access denied", "You do not have permission to sign in.")
        }
        Some("Verification") => (
            StatusCode::FORBIDDEN,
            "This link cannot be used",
            "It may have been used already, or it has expired. Ask for a new one.",
        ),
        _ => (StatusCode::OK, "Error", "Something went wrong."),
    };
    let sign_in = matches!(code, Some("AccessDenied" | "Verification"));
    show(settings, origin, status, title, text, sign_in)
}

/// A page for a failure that has no code.
pub(crate) fn message(settings: &Settings, origin: &Origin, status: StatusCode, text: &str) -> Page {
    let title = match status {
        StatusCode::SERVICE_UNAVAILABLE => "One moment, please",
        StatusCode::NOT_FOUND => "Not found",
        _ => "This did not work",
    };
    show(settings, origin, status, title, text, true)
}

fn show(
    settings: &Settings,
    origin: &Origin,
    status: StatusCode,
    title: &str,
    text: &str,
    sign_in: bool,
) -> Page {
    let content: Markup = html! {
        h1 { (title) }
        (alert(text))
        @if sign_in {
            p class="action" { a class="button" href=(format!("{}/signin", settings.base_path)) { "Sign in" } }
        }
        (home(origin))
    };
    page(settings, origin, status, title, &content)
}
