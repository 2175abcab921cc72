//! Sessions that live in the store.

use std::time::Duration;

use crate::{Change, Extra, RowId, SecretToken, Timestamp, User, UserId};

/// A session as the store holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The row's own id, where the schema has one apart from the token.
    pub id: Option<RowId>,
    /// The value that the session is found by.
    #[doc(alias = "sessionToken")]
    pub token: SecretToken,
    /// Whose session it is.
    pub user_id: UserId,
    /// From this point on the session does not count.
    pub expires: Timestamp,
    /// The application's own columns, every declared one present.
    pub extra: Extra,
}

/// A session to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// The value that the session will be found by.
    pub token: SecretToken,
    /// Whose session it is.
    pub user_id: UserId,
    /// From this point on the session does not count.
    pub expires: Timestamp,
    /// The application's own columns; one that is not given gets the database's default.
    pub extra: Extra,
}

impl NewSession {
    /// A session without columns of the application's own.
    pub fn new(token: impl Into<SecretToken>, user_id: UserId, expires: Timestamp) -> Self {
        Self { token: token.into(), user_id, expires, extra: Extra::new() }
    }
}

/// A session to be created together with its user, who has no id yet.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstSession {
    /// The value that the session will be found by.
    pub token: SecretToken,
    /// From this point on the session does not count.
    pub expires: Timestamp,
    /// The application's own columns; one that is not given gets the database's default.
    pub extra: Extra,
}

impl FirstSession {
    /// A session without columns of the application's own.
    pub fn new(token: impl Into<SecretToken>, expires: Timestamp) -> Self {
        Self { token: token.into(), expires, extra: Extra::new() }
    }

    /// The session of this user.
    pub fn of(self, user_id: UserId) -> NewSession {
        NewSession { token: self.token, user_id, expires: self.expires, extra: self.extra }
    }
}

/// Changes to a session: only what is set is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionChanges {
    /// A new expiry.
    pub expires: Change<Timestamp>,
    /// The application's own columns; one that is not given stays as it is.
    pub extra: Extra,
}

/// How sessions live on: Auth.js' `maxAge` and `updateAge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TouchPolicy {
    /// How long a session lives from its last extension.
    pub max_age: Duration,
    /// How long after its last extension it is extended again at the earliest.
    pub update_age: Duration,
}

impl Default for TouchPolicy {
    /// Auth.js' defaults: 30 days and one day.
    fn default() -> Self {
        Self { max_age: Duration::from_hours(30 * 24), update_age: Duration::from_hours(24) }
    }
}

impl TouchPolicy {
    /// Whether a session that ends at `expires` has ended at `now`.
    ///
    /// Auth.js calls a session expired when `expires < now`; here the very millisecond of `expires` is expired
    /// too, as it is for Lucia, so that a session never counts at a time that its cookie does not.
    pub fn is_expired(expires: Timestamp, now: Timestamp) -> bool {
        expires <= now
    }

    /// The latest expiry that is due for extension at `now`: due means `expires - max_age + update_age <= now`.
    pub fn due_until(&self, now: Timestamp) -> Timestamp {
        now.after(self.max_age).before(self.update_age)
    }

    /// Whether a live session that ends at `expires` is due for extension at `now`.
    pub fn is_due(&self, expires: Timestamp, now: Timestamp) -> bool {
        expires <= self.due_until(now)
    }

    /// The expiry of a session that is created or extended at `now`.
    pub fn expiry(&self, now: Timestamp) -> Timestamp {
        now.after(self.max_age)
    }
}

/// A live session after [`touch_session`](crate::Sessions::touch_session).
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// The session, with the expiry that is now stored.
    pub session: Session,
    /// The session's user.
    pub user: User,
    /// The expiry before this call; it differs from the session's if the session was extended.
    pub previous_expiry: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: TouchPolicy =
        TouchPolicy { max_age: Duration::from_secs(100), update_age: Duration::from_secs(10) };

    #[test]
    fn extension_is_due_once_update_age_has_passed() {
        let created = Timestamp::from_secs(1000);
        let expires = POLICY.expiry(created);

        assert!(!POLICY.is_due(expires, Timestamp::from_millis(1_009_999)));
        assert!(POLICY.is_due(expires, Timestamp::from_secs(1010)));
    }

    #[test]
    fn the_millisecond_of_expiry_is_expired() {
        let expires = Timestamp::from_secs(5);

        assert!(!TouchPolicy::is_expired(expires, Timestamp::from_millis(4_999)));
        assert!(TouchPolicy::is_expired(expires, expires));
    }
}
