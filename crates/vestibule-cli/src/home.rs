//! `/`: whether you are signed in, and the way in or out.

use axum::response::Response;
use http::StatusCode;
use maud::html;
use vestibule_axum::SignedIn;

use crate::page::page;

/// What the page shows besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offers {
    /// There is a development mailbox.
    pub(crate) mailbox: bool,
    /// Passkeys can be added.
    pub(crate) passkeys: bool,
}

/// The page at `/`.
pub(crate) fn home(who: Option<&SignedIn>, base_path: &str, offers: Offers) -> Response {
    let content = html! {
        @if let Some(who) = who {
            p { "You are signed in as " strong { (who.user.email.as_deref().or(who.user.name.as_deref()).unwrap_or("a user without a name")) } "." }
            @if offers.passkeys {
                a.button href={ (base_path) "/signin?callbackUrl=%2F" } { "Add a passkey" }
            }
            a.button href={ (base_path) "/signout" } { "Sign out" }
        } @else {
            p { "You are not signed in." }
            a.button href={ (base_path) "/signin?callbackUrl=%2F" } { "Sign in" }
        }
        @if offers.mailbox {
            p.note { "E-mail is not sent; it is caught in the " a href=(crate::mailbox::PATH) { "development mailbox" } "." }
        }
    };
    page(StatusCode::OK, "Vestibule", "", &content)
}
