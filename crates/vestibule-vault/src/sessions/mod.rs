//! Sessions, found by the hash of their token.

mod adopt;
mod migrate;
mod name;
mod role;

use std::fmt;
use std::sync::Arc;

use vestibule_core::{Adapter, OsRandom, Random, SecretToken, Session};
use zeroize::Zeroizing;

use crate::Key;
use crate::pass::pass_on;
use name::ListKey;

/// What to make of sessions that stand in the store by their token as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainSessions {
    /// They count, and are replaced by hashed ones when they are used: while a table is being migrated.
    #[default]
    Adopted,
    /// They are not looked for: once it is. Saves the round trips that looking for them costs.
    Ignored,
}

/// Keeps session tokens hashed in another adapter, so that what stands in the database signs nobody in.
///
/// The store gets `sha256:` and the SHA-256 of the token in hexadecimal, 71 letters; tokens have enough random
/// bits ([128 are plenty](https://pages.nist.gov/800-63-4/sp800-63b.html#session-secrets)) that nothing
/// slower is needed. What an operation returns has the token that it was given. A token that looks like a stored
/// hash is nobody's, without a look into the store, and no session is created under one. All other roles are
/// passed on.
///
/// Turn it on where nobody else uses the table: to Auth.js, or to a Vestibule without it, a hashed session is
/// unknown.
///
/// # Sessions from before
///
/// With [`PlainSessions::Adopted`] a session whose token stands in the store as it is counts. The first operation that
/// finds it by its token replaces it: a hashed row is created, with the same expiry and columns, and then the
/// plain one is deleted. (Columns that the schema profile does not declare get their defaults; the row's own id is
/// new.) Of many at once one does it, and all of them find the session. Whoever ends the session at the same
/// time ends it: when the plain row turns out to be gone already, the hashed one is deleted again.
/// If the process dies in between, both rows are there, and the hashed one counts. The plain one goes when the
/// session is next extended but one, ends, or expires.
///
/// Until then, what costs more than one round trip: a token that is not found (three), the one time that a
/// session is adopted (five or six), ending a session or setting its expiry (two), extending one (two),
/// `delete_sessions_of_user` with one to keep (two, and two for each other session if the one to keep is not
/// hashed yet). With [`PlainSessions::Ignored`] every operation is one round trip.
///
/// # Lists
///
/// `sessions_of_user` cannot show tokens, for nobody knows them any more. What it shows in place of each is good
/// for `delete_session` and as the one that `delete_sessions_of_user` keeps, and for nothing else: it signs nobody
/// in. It cannot be made from what stands in the database, and can be shown to the user whose session it is.
/// [`listed`](Self::listed) tells which of them the session of a request is.
///
/// By default what a list shows is good in this process, until it ends. Give all processes one key by
/// [`with_list_key`](Self::with_list_key) if it is to be good in all of them.
///
/// ```
/// use std::sync::Arc;
///
/// use vestibule_core::{Adapter, NewSession, NewUser, Sessions, Timestamp, Users};
/// use vestibule_memory::Memory;
/// use vestibule_vault::HashedSessions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), vestibule_core::AdapterError> {
/// let store = HashedSessions::new(Arc::new(Memory::new()));
/// let ada = store.create_user(&NewUser::with_email("ada@example.com"), None).await?;
/// let expires = Timestamp::from_secs(2_000_000_000);
///
/// // A cookie holds the token; the store holds its hash.
/// let here = store.create_session(&NewSession::new("a random token", ada.id.clone(), expires)).await?;
/// store.create_session(&NewSession::new("that of a phone", ada.id.clone(), expires)).await?;
///
/// // Ends the other one.
/// for session in store.sessions_of_user(&ada.id).await? {
///     if session.token != store.listed(&here) {
///         store.delete_session(&session.token).await?;
///     }
/// }
/// assert!(store.session_and_user(&"a random token".into()).await?.is_some());
/// assert!(store.session_and_user(&"that of a phone".into()).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HashedSessions {
    inner: Arc<dyn Adapter>,
    plain: PlainSessions,
    list_key: ListKey,
}

impl HashedSessions {
    /// Hashes the tokens of sessions that `inner` keeps, and adopts plain sessions.
    pub fn new(inner: Arc<dyn Adapter>) -> Self {
        let mut random = Zeroizing::new([0; 32]);
        OsRandom.fill(&mut *random);
        Self { inner, plain: PlainSessions::default(), list_key: ListKey::new(&Key::new(*random)) }
    }

    /// Says what to make of sessions that stand in the store by their token as it is.
    #[must_use]
    pub fn with_plain_sessions(mut self, plain: PlainSessions) -> Self {
        self.plain = plain;
        self
    }

    /// Makes what a list shows good wherever this key is used.
    #[must_use]
    pub fn with_list_key(mut self, key: &Key) -> Self {
        self.list_key = ListKey::new(key);
        self
    }

    /// What [`sessions_of_user`](vestibule_core::Sessions::sessions_of_user) shows as the token of a session that
    /// any other operation returned. Costs nothing.
    pub fn listed(&self, session: &Session) -> SecretToken {
        if name::is_reserved(&session.token) {
            return session.token.clone();
        }
        self.list_key.write(&name::name_of(&session.token), &session.user_id)
    }

    fn adopts(&self) -> bool {
        self.plain == PlainSessions::Adopted
    }
}

impl fmt::Debug for HashedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashedSessions")
            .field("inner", &self.inner)
            .field("plain", &self.plain)
            .finish_non_exhaustive()
    }
}

pass_on!(HashedSessions: Users, Accounts, VerificationTokens, Authenticators);
