//! The shell of the program's own pages: no script, nothing from elsewhere, light and dark.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

/// Where [`style`] is served.
pub(crate) const STYLE_PATH: &str = "/vestibule.css";

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#f3f4f6;--card:#fff;--text:#111827;--soft:#4b5563;--line:#d1d5db;--brand:#1d4ed8;--on-brand:#fff}\
@media(prefers-color-scheme:dark){:root{--ground:#111827;--card:#1f2937;--text:#f9fafb;--soft:#d1d5db;--line:#4b5563;--brand:#93c5fd;--on-brand:#0b1220}}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;padding:1rem;display:grid;place-items:center;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}\
main{width:100%;max-width:26rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}\
main.wide{max-width:44rem}\
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}\
h2{margin:0 0 .25rem;font-size:1rem}\
p{margin:0 0 1rem;overflow-wrap:anywhere}\
.soft{color:var(--soft)}\
ul{margin:0 0 1rem;padding:0;list-style:none}\
li{padding:1rem 0;border-top:1px solid var(--line)}\
a{color:var(--brand)}\
a.button{display:block;padding:.625rem 1rem;border-radius:.5rem;background:var(--brand);color:var(--on-brand);font-weight:600;text-align:center;text-decoration:none}\
a:focus-visible{outline:3px solid var(--brand);outline-offset:2px}\
";

/// A page; `class` is that of its `main` element.
pub(crate) fn page(status: StatusCode, title: &str, class: &str, content: &Markup) -> Response {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
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

/// The style sheet of the pages.
pub(crate) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, STYLE).into_response()
}
