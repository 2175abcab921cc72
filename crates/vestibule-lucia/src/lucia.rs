//! The session manager.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_core::{
    Clock, NewSession, OsRandom, Random, SecretToken, SessionChanges, Sessions, SystemClock, Timestamp,
    TouchPolicy, UserId,
};

use crate::{
    Cookie, LuciaError, NoAttributes, Session, SessionCookie, User, Validated, attributes, id,
    read_bearer_token,
};

/// How many expired sessions one statement deletes.
const BATCH: u32 = 1000;
/// No id that goes into a cookie is longer.
const MAX_ID: usize = 4096;

/// Keeps sessions as Lucia v3 does: creates, validates, extends, lists and ends them.
///
/// `S` and `U` are the application's own types for the columns of its own on sessions and users; see
/// [`with_attributes`](Self::with_attributes). Cheap to clone; clones share the store.
pub struct Lucia<S = NoAttributes, U = NoAttributes> {
    sessions: Arc<dyn Sessions>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    policy: TouchPolicy,
    cookie: SessionCookie,
    attributes: PhantomData<fn() -> (S, U)>,
}

impl Lucia {
    /// A manager of the sessions in a store, with Lucia's own settings: sessions live 30 days.
    ///
    /// An `Arc<dyn Adapter>` will do, and so will an `Arc` of any store.
    pub fn new(sessions: Arc<dyn Sessions>) -> Self {
        Self {
            sessions,
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            policy: sliding(Duration::from_hours(30 * 24)),
            cookie: SessionCookie::default(),
            attributes: PhantomData,
        }
    }
}

/// Half of a session's life has to pass before it is extended. Of an odd number of milliseconds that is the
/// smaller half, as it is for Lucia.
fn sliding(expires_in: Duration) -> TouchPolicy {
    let millis = u64::try_from(expires_in.as_millis()).unwrap_or(u64::MAX);
    TouchPolicy { max_age: Duration::from_millis(millis), update_age: Duration::from_millis(millis / 2) }
}

impl<S, U> Lucia<S, U> {
    /// Reads columns of the application's own into these types: `S2` from the table of sessions, `U2` from that of
    /// users. Stands for Lucia's `getSessionAttributes` and `getUserAttributes`.
    ///
    /// The profile of the store says which columns there are. A type leaves out what it does not want to know; a
    /// point in time is the text that JavaScript's `Date.toJSON` writes.
    #[doc(alias = "getSessionAttributes")]
    #[doc(alias = "getUserAttributes")]
    #[must_use]
    pub fn with_attributes<S2, U2>(self) -> Lucia<S2, U2> {
        let Self { sessions, clock, random, policy, cookie, attributes: _ } = self;
        Lucia { sessions, clock, random, policy, cookie, attributes: PhantomData }
    }

    /// How long a session lives from its creation or last extension. In whole milliseconds.
    #[doc(alias = "sessionExpiresIn")]
    #[must_use]
    pub fn with_session_expires_in(self, expires_in: Duration) -> Self {
        Self { policy: sliding(expires_in), ..self }
    }

    /// The two periods of Lucia v2: a session is extended once `active` has passed, and ends when `idle` has
    /// passed after that. Lucia v2's own are one day and 14 days.
    #[doc(alias = "activePeriod")]
    #[doc(alias = "idlePeriod")]
    #[must_use]
    pub fn with_session_periods(self, active: Duration, idle: Duration) -> Self {
        Self { policy: TouchPolicy { max_age: active.saturating_add(idle), update_age: active }, ..self }
    }

    /// The settings of the session cookie.
    #[must_use]
    pub fn with_session_cookie(self, cookie: SessionCookie) -> Self {
        Self { cookie, ..self }
    }

    /// Another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Another source of random bytes.
    #[must_use]
    pub fn with_random(self, random: Arc<dyn Random>) -> Self {
        Self { random, ..self }
    }

    /// Finds a session that counts, and its user; extends it if less than half of its life is left.
    ///
    /// `None` if there is no such session, if it has expired, or if its user is gone; in the last two cases the row
    /// is deleted. A session that is extended comes back as [`fresh`](Session::fresh), and its cookie is to be sent
    /// again. Run at the same time as a deletion it never brings the session back. Of several calls at once, one
    /// extends it, and all that found it due call it fresh.
    ///
    /// One round trip; two if the session is extended or has expired, or if there is none.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`], which is never to be taken for "no session"; [`LuciaError::Attributes`].
    #[doc(alias = "validateSession")]
    pub async fn validate_session(&self, id: &SecretToken) -> Result<Option<Validated<S, U>>, LuciaError>
    where
        S: DeserializeOwned,
        U: DeserializeOwned,
    {
        if !is_plausible(id) {
            return Ok(None);
        }
        let now = self.clock.now();
        let Some((session, user)) = self.sessions.session_and_user(id).await? else {
            self.drop_orphan(id).await?;
            return Ok(None);
        };
        let found = session.expires;
        if !TouchPolicy::is_expired(found, now) && !self.policy.is_due(found, now) {
            return validated(session, &user, false).map(Some);
        }
        let Some(touched) = self.sessions.touch_session(id, now, &self.policy).await? else {
            return Ok(None);
        };
        let fresh = touched.session.expires != found;
        validated(touched.session, &touched.user, fresh).map(Some)
    }

    /// Deletes a session that has no user, so that it does not count again if the user's id does.
    async fn drop_orphan(&self, id: &SecretToken) -> Result<(), LuciaError> {
        // With nothing set this only reads. The session may have been created since it was not found.
        let exists = self.sessions.update_session(id, &SessionChanges::default()).await?.is_some();
        if exists && self.sessions.session_and_user(id).await?.is_none() {
            self.sessions.delete_session(id).await?;
        }
        Ok(())
    }

    /// Creates a session for a user, under an id of 25 random bytes in lower-case base32.
    ///
    /// `attributes` is a struct or a map of columns of the application's own; `&()` gives none. `None` writes NULL;
    /// what is skipped gets the default of the database. One round trip.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`], with [`OwnerAbsent`](vestibule_core::AdapterError::OwnerAbsent) if there is no such
    /// user and [`Refused`](vestibule_core::AdapterError::Refused) if there is no such column;
    /// [`LuciaError::Attributes`].
    #[doc(alias = "createSession")]
    pub async fn create_session(
        &self,
        user_id: &UserId,
        attributes: &impl Serialize,
    ) -> Result<Session<S>, LuciaError>
    where
        S: DeserializeOwned,
    {
        self.create_session_with_id(id::session_id(&*self.random), user_id, attributes).await
    }

    /// Creates a session under a given id, which nobody must be able to guess.
    ///
    /// As [`create_session`](Self::create_session) otherwise. Of several calls with one id, one succeeds.
    ///
    /// # Errors
    ///
    /// Those of [`create_session`](Self::create_session); [`LuciaError::SessionIdRefused`]; and
    /// [`Conflict`](vestibule_core::AdapterError::Conflict) if the id is taken.
    pub async fn create_session_with_id(
        &self,
        id: SecretToken,
        user_id: &UserId,
        attributes: &impl Serialize,
    ) -> Result<Session<S>, LuciaError>
    where
        S: DeserializeOwned,
    {
        if !is_plausible(&id) {
            return Err(LuciaError::SessionIdRefused);
        }
        let mut new = NewSession::new("", user_id.clone(), self.policy.expiry(self.clock.now()));
        new.token = id;
        new.extra = attributes::of_new_session(attributes)?;
        session(self.sessions.create_session(&new).await?, true)
    }

    /// Lists the sessions of a user that count, those that last longest first. One round trip.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`], [`LuciaError::Attributes`]. An unknown user has none.
    #[doc(alias = "getUserSessions")]
    pub async fn user_sessions(&self, user_id: &UserId) -> Result<Vec<Session<S>>, LuciaError>
    where
        S: DeserializeOwned,
    {
        let now = self.clock.now();
        let rows = self.sessions.sessions_of_user(user_id).await?;
        let live = rows.into_iter().filter(|row| !TouchPolicy::is_expired(row.expires, now));
        live.map(|row| session(row, false)).collect()
    }

    /// Ends a session, and tells whether there was one. One round trip.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`].
    #[doc(alias = "invalidateSession")]
    pub async fn invalidate_session(&self, id: &SecretToken) -> Result<bool, LuciaError> {
        if !is_plausible(id) {
            return Ok(false);
        }
        Ok(self.sessions.delete_session(id).await?.is_some())
    }

    /// Ends all sessions of a user, and says how many there were. One round trip.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`].
    #[doc(alias = "invalidateUserSessions")]
    pub async fn invalidate_user_sessions(&self, user_id: &UserId) -> Result<u64, LuciaError> {
        Ok(self.sessions.delete_sessions_of_user(user_id, None).await?)
    }

    /// Deletes the sessions that have expired, and says how many there were. One round trip a thousand, so that no
    /// statement locks many rows for long.
    ///
    /// # Errors
    ///
    /// [`LuciaError::Store`]; what was deleted before stays deleted.
    #[doc(alias = "deleteExpiredSessions")]
    pub async fn delete_expired_sessions(&self) -> Result<u64, LuciaError> {
        let now = self.clock.now();
        let mut total = 0;
        loop {
            let deleted = self.sessions.delete_expired_sessions(now, BATCH).await?;
            total += deleted;
            if deleted < u64::from(BATCH) {
                return Ok(total);
            }
        }
    }

    /// The session id in a `Cookie` header; see [`SessionCookie::read`].
    #[doc(alias = "readSessionCookie")]
    pub fn read_session_cookie(&self, header: &str) -> Option<SecretToken> {
        self.cookie.read(header)
    }

    /// The session id in an `Authorization` header; see [`read_bearer_token`].
    #[doc(alias = "readBearerToken")]
    pub fn read_bearer_token(&self, header: &str) -> Option<SecretToken> {
        read_bearer_token(header)
    }

    /// The cookie to send after a session was created or extended.
    #[doc(alias = "createSessionCookie")]
    pub fn create_session_cookie(&self, id: &SecretToken) -> Cookie {
        self.cookie.write(id, self.policy.max_age)
    }

    /// The cookie to send when a session was ended or did not count: it takes the session cookie away.
    #[doc(alias = "createBlankSessionCookie")]
    pub fn create_blank_session_cookie(&self) -> Cookie {
        self.cookie.blank()
    }
}

fn is_plausible(id: &SecretToken) -> bool {
    let id = id.expose();
    !id.is_empty() && id.len() <= MAX_ID && !id.contains(char::is_control)
}

fn session<S: DeserializeOwned>(row: vestibule_core::Session, fresh: bool) -> Result<Session<S>, LuciaError> {
    let attributes = attributes::of_session(&row.extra)?;
    let expires_at: Timestamp = row.expires;
    Ok(Session { id: row.token, user_id: row.user_id, expires_at, fresh, attributes })
}

fn validated<S: DeserializeOwned, U: DeserializeOwned>(
    row: vestibule_core::Session,
    user: &vestibule_core::User,
    fresh: bool,
) -> Result<Validated<S, U>, LuciaError> {
    let user = User { id: user.id.clone(), attributes: attributes::of_user(user)? };
    Ok(Validated { session: session(row, fresh)?, user })
}

impl<S, U> Clone for Lucia<S, U> {
    fn clone(&self) -> Self {
        Self {
            sessions: Arc::clone(&self.sessions),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            policy: self.policy,
            cookie: self.cookie.clone(),
            attributes: PhantomData,
        }
    }
}

impl<S, U> fmt::Debug for Lucia<S, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lucia")
            .field("sessions", &self.sessions)
            .field("policy", &self.policy)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
