//! What all pages have in common.

use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::config::ColorScheme;
use crate::language::fill;
use crate::pages::{Look, Page};

/// A whole page around its content.
pub(super) fn page(look: &Look<'_>, status: StatusCode, title: &str, content: &Markup) -> Page {
    let Look { settings, origin, texts } = *look;
    let (class, scheme) = match settings.theme.color_scheme {
        ColorScheme::Auto => ("auto", "light dark"),
        ColorScheme::Light => ("light", "light"),
        ColorScheme::Dark => ("dark", "dark"),
    };
    let markup = html! {
        (DOCTYPE)
        html lang=(texts.tag) dir=(texts.direction.as_str()) class=(class) {
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
    Page {
        status,
        html: markup.into_string(),
        policy: settings.style.policy(settings, origin),
        retry_after: None,
    }
}

/// A message that something went wrong.
pub(super) fn alert(message: &str) -> Markup {
    html! {
        p class="alert" id="alert" role="alert" { (message) }
    }
}

/// A link back to the site.
pub(super) fn home(look: &Look<'_>) -> Markup {
    html! {
        p class="foot" { a href=(look.origin.as_str()) { (fill(&look.texts.go_to, "host", look.origin.host())) } }
    }
}

/// A field that is not shown.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    html! {
        input type="hidden" name=(name) value=(value);
    }
}
