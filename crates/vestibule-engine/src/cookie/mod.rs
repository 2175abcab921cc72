//! Cookies, byte for byte as Auth.js reads and writes them.

mod names;
mod read;
mod session;
mod write;

pub(crate) use names::{CookieSet, CookieSpec};
pub(crate) use read::RequestCookies;
pub(crate) use session::SessionCookie;
