//! Sessions that are rows of the store.

use vestibule_core::{
    AdapterError, FirstSession, SecretToken, Session, Timestamp, TouchPolicy, User, UserId,
};

use crate::Parts;
use crate::random::random_hex;

/// A session that is alive.
#[derive(Debug)]
pub(crate) struct Live {
    /// The session, with the expiry that is now stored.
    pub(crate) session: Session,
    pub(crate) user: User,
    /// The expiry that was found, before the session was extended.
    pub(crate) found_expiry: Timestamp,
}

impl Live {
    pub(crate) fn was_extended(&self) -> bool {
        self.session.expires != self.found_expiry
    }
}

/// Finds a live session, extends it if that is due, and drops it if it has expired.
///
/// One round trip for a read, which almost every call is; a second one, atomic, if the row has to change.
pub(crate) async fn read(
    token: &SecretToken,
    policy: &TouchPolicy,
    parts: &Parts,
) -> Result<Option<Live>, AdapterError> {
    let now = parts.clock.now();
    let Some((session, user)) = parts.adapter.session_and_user(token).await? else {
        tracing::debug!("a session token is nobody's");
        return Ok(None);
    };
    if !TouchPolicy::is_expired(session.expires, now) && !policy.is_due(session.expires, now) {
        let found_expiry = session.expires;
        return Ok(Some(Live { session, user, found_expiry }));
    }
    let touched = parts.adapter.touch_session(token, now, policy).await?;
    if touched.is_none() {
        tracing::debug!("a session has expired or was ended");
    }
    Ok(touched.map(|touched| Live {
        session: touched.session,
        user: touched.user,
        found_expiry: touched.previous_expiry,
    }))
}

/// Begins a session for a user. One round trip.
pub(crate) async fn create(
    user_id: UserId,
    policy: &TouchPolicy,
    parts: &Parts,
) -> Result<Session, AdapterError> {
    parts.adapter.create_session(&first(policy, parts).of(user_id)).await
}

/// A session under a token of 256 random bits, of nobody yet.
pub(crate) fn first(policy: &TouchPolicy, parts: &Parts) -> FirstSession {
    FirstSession::new(random_hex(&*parts.random), policy.expiry(parts.clock.now()))
}
