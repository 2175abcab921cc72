//! `/`: whether you are signed in, and the way in or out.

use axum::response::Response;
use http::StatusCode;
use maud::html;
use vestibule_axum::SignedIn;

use crate::page::page;

/// The page at `/`.
pub(crate) fn home(who: Option<&SignedIn>, base_path: &str, mailbox: bool) -> Response {
    let content = html! {
        @if let Some(who) = who {
            p { "You are signed in as " strong { (who.user.email.as_deref().or(who.user.name.as_deref()).unwrap_or("a user without a name")) } "." }
            a.button href={ (base_path) "/signout" } { "Sign out" }
        } @else {
            p { "You are not signed in." }
            a.button href={ (base_path) "/signin?callbackUrl=%2F" } { "Sign in" }
        }
        @if mailbox {
            p.note { "E-mail is not sent; it is caught in the " a href=(crate::mailbox::PATH) { "development mailbox" } "." }
        }
    };
    page(StatusCode::OK, "Vestibule", "", &content)
}
