//! Cookies, byte for byte as Auth.js reads and writes them.

mod names;
mod read;
mod sealed;
mod session;
mod write;

pub(crate) use names::{CookieSet, CookieSpec};
pub(crate) use read::RequestCookies;
pub(crate) use sealed::{MAX_AGE, SealedCookie, seal};
pub(crate) use session::SessionCookie;
