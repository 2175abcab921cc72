//! The built-in pages. They work without scripts, passkeys apart, and nothing in them comes from elsewhere but the logo.

mod confirm;
mod error;
mod layout;
mod passkey;
mod script;
mod sign_in;
mod sign_out;
mod style;
mod verify_request;

use http::StatusCode;

use crate::config::settings::Settings;
use crate::http::Origin;
use crate::language::Texts;

pub(crate) use confirm::confirm;
pub(crate) use error::{error, message};
pub(crate) use sign_in::{SignIn, sign_in};
pub(crate) use sign_out::sign_out;
pub(crate) use style::Style;
pub(crate) use verify_request::{CodeForm, verify_request};

/// What every page is shown with.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) origin: &'a Origin,
    pub(crate) texts: &'a Texts,
}

/// A page to be shown.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) html: String,
    /// The `Content-Security-Policy`.
    pub(crate) policy: String,
    /// The seconds after which it may be tried again.
    pub(crate) retry_after: Option<u64>,
}

impl Page {
    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}
