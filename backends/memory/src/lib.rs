//! A store in memory: the reference for every other adapter.
//!
//! It keeps every promise of the contract in the plainest way: all rows in maps behind one mutex, and each
//! operation done whole while the mutex is held, which is never across an `.await`. Use it in tests and in
//! development; what it holds is gone when the last clone is dropped.
//!
//! ```
//! use vestibule_core::{NewUser, Users};
//! use vestibule_memory::Memory;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vestibule_core::AdapterError> {
//! let store = Memory::new();
//!
//! let ada = store.create_user(&NewUser::with_email("ada@example.com"), None).await?;
//!
//! assert_eq!(store.user_by_email("ada@example.com").await?, Some(ada));
//! # Ok(())
//! # }
//! ```

mod accounts;
mod authenticators;
mod columns;
mod sessions;
mod tokens;
mod users;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use vestibule_core::{
    Account, Adapter, AdapterError, Authenticator, Capabilities, CredentialId, FirstSession, IdKind,
    NewAccount, NewUser, ProviderAccountId, ProviderId, RowId, SecretToken, Session, Timestamp,
    TimestampPrecision, User, UserId, VerificationToken,
};

use crate::columns::Columns;

/// A store in memory. A clone is cheap and is the same store.
///
/// Set the options before the first clone; a clone keeps those it was made with.
#[derive(Clone)]
pub struct Memory {
    options: Arc<Options>,
    tables: Arc<Mutex<Tables>>,
}

#[derive(Clone)]
struct Options {
    id_kind: IdKind,
    authenticators: bool,
    user_columns: Columns,
    account_columns: Columns,
    session_columns: Columns,
}

/// Every row there is.
#[derive(Default)]
struct Tables {
    /// How many ids have been made; an id is never made twice.
    ids: u64,
    users: BTreeMap<UserId, User>,
    accounts: BTreeMap<AccountKey, Account>,
    sessions: BTreeMap<SessionKey, Session>,
    /// The tokens of each identifier.
    tokens: BTreeMap<Box<str>, Vec<VerificationToken>>,
    /// When each lease ends.
    leases: BTreeMap<Box<str>, Timestamp>,
    authenticators: BTreeMap<CredentialId, Authenticator>,
}

type AccountKey = (ProviderId, ProviderAccountId);

/// A session token as a key of a map.
#[derive(PartialEq, Eq)]
struct SessionKey(SecretToken);

impl PartialOrd for SessionKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SessionKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.expose().cmp(other.0.expose())
    }
}

impl std::borrow::Borrow<str> for SessionKey {
    fn borrow(&self) -> &str {
        self.0.expose()
    }
}

impl Memory {
    /// An empty store with text ids, where every extra column is welcome.
    pub fn new() -> Self {
        Self {
            options: Arc::new(Options {
                id_kind: IdKind::Text,
                authenticators: true,
                user_columns: Columns::Open,
                account_columns: Columns::Open,
                session_columns: Columns::Open,
            }),
            tables: Arc::default(),
        }
    }

    /// Makes user ids in another way. Ids that the store makes are counted, UUIDs too: they can be guessed.
    #[must_use]
    pub fn with_id_kind(mut self, id_kind: IdKind) -> Self {
        Arc::make_mut(&mut self.options).id_kind = id_kind;
        self
    }

    /// Declares all extra columns of users, each with its default; any other is refused from now on.
    #[must_use]
    pub fn with_user_columns<N: Into<Box<str>>>(
        mut self,
        columns: impl IntoIterator<Item = (N, Value)>,
    ) -> Self {
        Arc::make_mut(&mut self.options).user_columns = Columns::declared(columns);
        self
    }

    /// Declares all extra columns of accounts, each with its default; any other is refused from now on.
    #[must_use]
    pub fn with_account_columns<N: Into<Box<str>>>(
        mut self,
        columns: impl IntoIterator<Item = (N, Value)>,
    ) -> Self {
        Arc::make_mut(&mut self.options).account_columns = Columns::declared(columns);
        self
    }

    /// Declares all extra columns of sessions, each with its default; any other is refused from now on.
    #[must_use]
    pub fn with_session_columns<N: Into<Box<str>>>(
        mut self,
        columns: impl IntoIterator<Item = (N, Value)>,
    ) -> Self {
        Arc::make_mut(&mut self.options).session_columns = Columns::declared(columns);
        self
    }

    /// Takes the place for authenticators away: every operation of that role is refused from now on.
    #[must_use]
    pub fn without_authenticators(mut self) -> Self {
        Arc::make_mut(&mut self.options).authenticators = false;
        self
    }

    /// Every operation validates before it writes, so a panic elsewhere leaves nothing half done.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn next_row_id(&mut self) -> RowId {
        self.ids += 1;
        RowId::from(self.ids.to_string())
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("id_kind", &self.options.id_kind).finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for Memory {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            id_kind: self.options.id_kind,
            timestamp_precision: TimestampPrecision::Millis,
            authenticators: self.options.authenticators,
        }
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        Ok(())
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        const OPERATION: &str = "sign_up";
        let prepared = self.prepared(OPERATION, user, account)?;
        let extra = self.options.session_columns.row(OPERATION, &session.extra)?;
        let tables = &mut *self.tables();
        prepared.check(tables)?;
        tables.token_is_free(&session.token)?;
        let user = prepared.insert(tables);
        let session = tables.insert_session(&session.clone().of(user.id.clone()), extra);
        Ok((user, session))
    }
}
