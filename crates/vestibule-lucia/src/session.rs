//! What the session manager answers with.

use vestibule_core::{SecretToken, Timestamp, UserId};

use crate::NoAttributes;

/// A session that is alive.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session<S = NoAttributes> {
    /// The id, which is the secret that the cookie holds.
    pub id: SecretToken,
    /// Whose session it is.
    #[doc(alias = "userId")]
    pub user_id: UserId,
    /// From this millisecond on the session does not count.
    #[doc(alias = "expiresAt")]
    pub expires_at: Timestamp,
    /// Whether it was created or extended just now, so that the cookie is to be sent again.
    pub fresh: bool,
    /// The application's own columns.
    pub attributes: S,
}

/// The user of a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct User<U = NoAttributes> {
    /// The user's id.
    pub id: UserId,
    /// The application's own columns.
    pub attributes: U,
}

/// A session that counts, and its user.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Validated<S = NoAttributes, U = NoAttributes> {
    /// The session.
    pub session: Session<S>,
    /// Its user.
    pub user: User<U>,
}
