//! The page after a mail was sent. It says the same for every address, known or not.

use http::StatusCode;
use maud::html;

use crate::config::settings::Settings;
use crate::http::Origin;
use crate::pages::Page;
use crate::pages::layout::{home, page};

/// The page after a mail was sent.
pub(crate) fn verify_request(settings: &Settings, origin: &Origin) -> Page {
    let content = html! {
        h1 { "Check your e-mail" }
        p { "A link to sign in to " strong { (origin.host()) } " is on its way to your address." }
        p { "Nothing there after a few minutes? Look among the unwanted mail, or ask for another link." }
        @if let Some(mailbox) = &settings.mailbox_url {
            p class="note" {
                "Mails are caught here, for development, and not sent. "
                a href=(mailbox) { "Open the development mailbox" }
            }
        }
        (home(origin))
    };
    page(settings, origin, StatusCode::OK, "Check your e-mail", &content)
}
