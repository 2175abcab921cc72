//! The shell of the program's own pages: no script, nothing from elsewhere, light and dark.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use vestibule_engine::Theme;

/// Where [`style`] is served.
pub(crate) const STYLE_PATH: &str = "/vestibule.css";

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What these pages have beyond the engine's.
const OWN_STYLE: &str = "\
main.wide { max-width: 44rem; }
p + .button { margin-top: 1.5rem; }
h2 { margin: 1.75rem 0 0; padding-top: 1.75rem; border-top: 1px solid var(--edge); font-size: 1.0625rem; }
";

/// A page; `class` is that of its `main` element.
pub(crate) fn page(status: StatusCode, title: &str, class: &str, content: &Markup) -> Response {
    let html = html! {
        (DOCTYPE)
        html lang="en" class="auto" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body {
                main class=(class) {
                    h1 { (title) }
                    (content)
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    (status, headers, html.into_string()).into_response()
}

/// The style sheet of the pages: the engine's and a little more.
pub(crate) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Theme::default().stylesheet() + OWN_STYLE).into_response()
}
