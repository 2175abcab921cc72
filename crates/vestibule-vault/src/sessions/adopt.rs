//! A plain row becomes a hashed one, in two steps, each of which the store does whole.
//!
//! First the hashed row is created, then the plain one is deleted. Creating it succeeds for one of all who are at it; the
//! others look for the hashed row again. Deleting tells whether the session was still there. Whoever ends a session
//! deletes the plain row first and the hashed one after it. So either the deletion of the plain row here finds nothing,
//! and the hashed row is taken back; or it came first, and then the hashed row was there for the other one to delete.
//!
//! That holds as long as nobody else deletes the plain row of a session that goes on. [`HashedSessions::drop_left_over`]
//! does, and only when no one can be between the two steps any more.

use std::time::Duration;

use vestibule_core::{
    AdapterError, NewSession, SecretToken, Session, SessionChanges, Timestamp, TouchPolicy, Touched,
};

use super::HashedSessions;

/// Longer than anybody takes for the two steps. A store gives up waiting before that.
const STEPS: Duration = Duration::from_mins(5);

/// What became of a plain session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adopted {
    /// The hashed row was created, and the plain one is gone.
    Here,
    /// The hashed row was there already.
    Elsewhere,
    /// It ended meanwhile, or its user did.
    Ended,
}

impl HashedSessions {
    /// After `name` was not found: replaces the plain row of `token`, if there is one, and tells whether to look for
    /// `name` again.
    ///
    /// If there is none, somebody else may have replaced it since.
    pub(super) async fn adopt(&self, token: &SecretToken, name: &SecretToken) -> Result<bool, AdapterError> {
        if !self.adopts() {
            return Ok(false);
        }
        match self.plain_session(token).await? {
            Some(plain) => Ok(self.replace(&plain, name).await? != Adopted::Ended),
            None => Ok(true),
        }
    }

    /// Reads the plain row of a token, whether it has a user or not.
    async fn plain_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        // With nothing set, an update only reads.
        self.inner.update_session(token, &SessionChanges::default()).await
    }

    /// Replaces a plain row, whose token is that of the cookie, by a hashed one.
    pub(super) async fn replace(&self, plain: &Session, name: &SecretToken) -> Result<Adopted, AdapterError> {
        let hashed = NewSession {
            token: name.clone(),
            user_id: plain.user_id.clone(),
            expires: plain.expires,
            extra: plain.extra.clone(),
        };
        match self.inner.create_session(&hashed).await {
            Ok(_) => {}
            Err(AdapterError::Conflict { .. }) => return Ok(Adopted::Elsewhere),
            Err(AdapterError::OwnerAbsent { .. }) => {
                self.inner.delete_session(&plain.token).await?;
                return Ok(Adopted::Ended);
            }
            Err(error) => return Err(error),
        }
        if self.inner.delete_session(&plain.token).await?.is_some() {
            return Ok(Adopted::Here);
        }
        self.inner.delete_session(name).await?;
        Ok(Adopted::Ended)
    }

    /// Deletes the plain row beside a hashed one that was extended: what is left of a process that died between the two
    /// steps.
    ///
    /// The hashed row begins with the expiry of the plain one, which nobody extends. If the expiry before this
    /// extension was another, the session has been extended since it was hashed; and that was `max_age` before that
    /// expiry, long enough ago.
    pub(super) async fn drop_left_over(
        &self,
        token: &SecretToken,
        touched: &Touched,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<(), AdapterError> {
        let before = touched.previous_expiry;
        let is_extended = touched.session.expires != before;
        if !self.adopts() || !is_extended || now < before.before(policy.max_age).after(STEPS) {
            return Ok(());
        }
        let left_over = self.plain_session(token).await?;
        if left_over.is_some_and(|plain| plain.expires != before) {
            self.inner.delete_session(token).await?;
        }
        Ok(())
    }
}
