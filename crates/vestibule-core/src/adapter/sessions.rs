use std::fmt;

use async_trait::async_trait;

use crate::{
    AdapterError, NewSession, SecretToken, Session, SessionChanges, Timestamp, TouchPolicy, Touched, User,
    UserId,
};

/// Keeps sessions.
#[async_trait]
pub trait Sessions: fmt::Debug + Send + Sync + 'static {
    /// Creates a session and returns the stored row.
    ///
    /// Run at the same time as [`delete_user`](crate::Users::delete_user), either the session is refused or it
    /// is deleted with the user: no orphan is left. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] if the token is taken, [`AdapterError::OwnerAbsent`] if there is no such user.
    #[doc(alias = "createSession")]
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError>;

    /// Finds a session and its user, **expired or not**; the caller compares the expiry. One round trip.
    ///
    /// Returns `None` if there is no such session, or if its user is gone.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getSessionAndUser")]
    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError>;

    /// Uses a session at `now`: drops it if it has expired, extends it if that is due, and returns it with its
    /// user if it is alive.
    ///
    /// Expired and due are what [`TouchPolicy`] says; an extended session expires at `now + max_age`. Run at
    /// the same time as a deletion it never brings the session back. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError>;

    /// Changes what is set and nothing else, and returns the whole row as it is then.
    ///
    /// Returns `None`, and creates nothing, if there is no such session. With nothing set, the row is only
    /// read. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    #[doc(alias = "updateSession")]
    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError>;

    /// Deletes a session and returns it as it was; `None` if it was not there. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    #[doc(alias = "deleteSession")]
    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError>;

    /// Lists a user's sessions, expired ones too, those that last longest first; those that end together are in
    /// no certain order. One round trip.
    ///
    /// The token that it shows of each is good for [`delete_session`](Sessions::delete_session) and for
    /// [`delete_sessions_of_user`](Sessions::delete_sessions_of_user). Whether it is the one that the session was
    /// created with is up to the store: one that keeps hashes does not know that.
    ///
    /// # Errors
    ///
    /// Only those of the store itself. An unknown user has none.
    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError>;

    /// Deletes a user's sessions, save for `keep` if given, and says how many they were. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError>;

    /// Deletes at most `limit` sessions that have expired at `now` (`expires <= now`) and says how many.
    ///
    /// Fewer than `limit` means that none is left. Calls that run at the same time do not wait for each other
    /// where the database can help it. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError>;
}
