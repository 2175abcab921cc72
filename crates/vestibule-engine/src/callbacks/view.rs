//! What callbacks see of a session.

use serde_json::Value;
use vestibule_core::{Extra, NewAccount, Session, User};
use vestibule_token::Claims;

/// Why the token of a JWT session is made anew.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum JwtCause<'a> {
    /// Somebody signed in (`trigger: "signIn"`, or `"signUp"` for a new user).
    SignIn {
        /// Who.
        user: &'a User,
        /// Their account at the provider, if it was one.
        account: Option<&'a NewAccount>,
        /// What the provider told about them, unchanged.
        profile: Option<&'a Value>,
        /// Whether the user was created just now.
        is_new_user: bool,
    },
    /// The browser sent something to update the session with (`trigger: "update"`). It is not checked.
    Update(&'a Value),
    /// The application gives the browser another session, with this among its claims already; see
    /// [`Engine::rotate_session`](crate::Engine::rotate_session). In Auth.js it is an update by the server.
    Rotation(&'a Extra),
    /// The session is read, and renewed with it.
    Read,
}

/// A session that a browser asks for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionView<'a> {
    /// Where the session is kept.
    pub source: SessionSource<'a>,
    /// What the browser sent to update it with (`newSession`). It is not checked.
    pub update: Option<&'a Value>,
}

/// Where a session is kept.
#[derive(Clone, Copy, Debug)]
pub enum SessionSource<'a> {
    /// In the store.
    Database {
        /// The row.
        session: &'a Session,
        /// Its user.
        user: &'a User,
    },
    /// In the cookie.
    Jwt(&'a Claims),
}
