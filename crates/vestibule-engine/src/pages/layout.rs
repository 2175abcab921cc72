//! What all pages have in common.

use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::config::ColorScheme;
use crate::config::settings::Settings;
use crate::http::Origin;
use crate::pages::Page;

/// A whole page around its content.
pub(super) fn page(
    settings: &Settings,
    origin: &Origin,
    status: StatusCode,
    title: &str,
    content: &Markup,
) -> Page {
    let (class, scheme) = match settings.theme.color_scheme {
        ColorScheme::Auto => ("auto", "light dark"),
        ColorScheme::Light => ("light", "light"),
        ColorScheme::Dark => ("dark", "dark"),
    };
    let markup = html! {
        (DOCTYPE)
        html lang="en" class=(class) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(scheme);
                meta name="robots" content="noindex";
                title { (title) " · " (origin.host()) }
                style { (PreEscaped(&settings.style.css)) }
            }
            body {
                main {
                    @if let Some(logo) = &settings.theme.logo {
                        img class="logo" src=(logo) alt="";
                    }
                    (content)
                }
            }
        }
    };
    Page { status, html: markup.into_string(), policy: settings.style.policy(settings, origin) }
}

/// A message that something went wrong.
pub(super) fn alert(message: &str) -> Markup {
    html! {
        p class="alert" id="alert" role="alert" { (message) }
    }
}

/// A link back to the site.
pub(super) fn home(origin: &Origin) -> Markup {
    html! {
        p class="foot" { a href=(origin.as_str()) { "Go to " (origin.host()) } }
    }
}

/// A field that is not shown.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    html! {
        input type="hidden" name=(name) value=(value);
    }
}
