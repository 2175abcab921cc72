//! Sessions that are rows of the store.

use vestibule_core::{
    AdapterError, NewSession, Random, SecretToken, Session, Timestamp, TouchPolicy, User, UserId,
};

use crate::Parts;

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
        return Ok(None);
    };
    if !TouchPolicy::is_expired(session.expires, now) && !policy.is_due(session.expires, now) {
        let found_expiry = session.expires;
        return Ok(Some(Live { session, user, found_expiry }));
    }
    let touched = parts.adapter.touch_session(token, now, policy).await?;
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
    let expires = policy.expiry(parts.clock.now());
    let session = NewSession::new(uuid(&*parts.random), user_id, expires);
    parts.adapter.create_session(&session).await
}

/// A random UUID (version 4), which is what Auth.js' session tokens are: 122 random bits.
pub(crate) fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        for _ in 0..64 {
            let uuid = uuid(&OsRandom);

            assert_eq!(uuid.len(), 36);
            assert_eq!(uuid.match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
            assert_eq!(&uuid[14..15], "4");
            assert!(["8", "9", "a", "b"].contains(&&uuid[19..20]));
        }
    }
}
