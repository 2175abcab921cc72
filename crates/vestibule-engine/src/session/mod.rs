//! Sessions as the engine sees them.

pub(crate) mod database;

use http::HeaderValue;
use vestibule_core::{Session, User};

/// Who is signed in, as [`Engine::session`](crate::Engine::session) finds it. Only a live session becomes one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CurrentSession {
    /// The session, with the expiry that is now stored.
    pub session: Session,
    /// The session's user.
    pub user: User,
    /// A `Set-Cookie` value that belongs into the response; set if the session was extended, so that the
    /// cookie lives as long.
    pub set_cookie: Option<HeaderValue>,
}
