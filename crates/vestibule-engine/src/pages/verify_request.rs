//! The page after a mail was sent. It says the same for every address, known or not.

use http::StatusCode;
use maud::html;

use crate::language::marked;
use crate::pages::layout::{home, page};
use crate::pages::{Look, Page};

/// The page after a mail was sent.
pub(crate) fn verify_request(look: &Look<'_>) -> Page {
    let Look { settings, origin, texts } = *look;
    let content = html! {
        h1 { (texts.check_mail) }
        p { (marked(&texts.mail_on_its_way, "host", origin.host())) }
        p { (texts.mail_not_there) }
        @if let Some(mailbox) = &settings.mailbox_url {
            p class="note" {
                (texts.mailbox) " "
                a href=(mailbox) { (texts.mailbox_link) }
            }
        }
        (home(look))
    };
    page(look, StatusCode::OK, &texts.check_mail, &content)
}
