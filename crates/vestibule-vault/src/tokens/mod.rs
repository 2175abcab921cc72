//! OAuth tokens, encrypted.

mod accounts;
mod migrate;
mod users;

use std::fmt;
use std::sync::Arc;

use vestibule_core::{
    Account, AccountTokens, Adapter, AdapterError, Clock, NewAccount, OsRandom, ProviderAccountId,
    ProviderId, Random, SecretToken, SystemClock,
};

use crate::key::KeyRing;
use crate::pass::pass_on;
use crate::seal::{self, Place, Stored};

/// What to make of tokens that stand in the store as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainTokens {
    /// They are read as they are: while a table is being migrated.
    #[default]
    Read,
    /// They are an [`AdapterError::CorruptRow`]: once it is.
    Refused,
}

/// Keeps the OAuth tokens of accounts encrypted in another adapter.
///
/// `access_token`, `refresh_token` and `id_token` are encrypted whenever they are written, and decrypted when
/// they are read. A value is bound to its provider, to the user's id there and to its column, so one that
/// somebody moves to another row or column does not decrypt. What does not decrypt is an
/// [`AdapterError::CorruptRow`] that names table and column as Auth.js does, and never a value. The other four
/// columns (`expires_at`, `scope`, `token_type`, `session_state`) stay as they are, so that one can still ask the
/// database whose tokens expire.
///
/// Everything else is passed on, and no operation costs another round trip. An operation that writes a row and
/// returns it may report a corrupt row when it has written: [`unlink_account`](vestibule_core::Accounts) of an
/// account whose tokens do not decrypt unlinks it and says so.
///
/// ```
/// use std::sync::Arc;
///
/// use vestibule_core::{AccountType, Accounts, Adapter, NewAccount, NewUser, Users};
/// use vestibule_memory::Memory;
/// use vestibule_vault::{EncryptedTokens, Key, KeyRing};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let memory = Memory::new();
/// let key = Key::from_secret("a secret of 32 or more random characters")?;
/// let store = EncryptedTokens::new(Arc::new(memory.clone()), KeyRing::new([("2026-02", key)])?);
///
/// let mut account = NewAccount::new(AccountType::OAuth, "github", "583231");
/// account.tokens.access_token = Some("gho_16C7e42F292c6912E7710c838347Ae178B4a".into());
/// store.create_user(&NewUser::with_email("ada@example.com"), Some(&account)).await?;
///
/// let read = store.account(&account.provider, &account.provider_account_id).await?;
/// assert_eq!(read.map(|read| read.tokens), Some(account.tokens));
/// let stored = memory.account(&"github".into(), &"583231".into()).await?;
/// let stored = stored.and_then(|stored| stored.tokens.access_token);
/// assert!(stored.is_some_and(|token| token.expose().starts_with("vst1.2026-02.")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EncryptedTokens {
    inner: Arc<dyn Adapter>,
    ring: KeyRing,
    plain: PlainTokens,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl EncryptedTokens {
    /// Encrypts with the first key of the ring what `inner` keeps, and reads what is plain as it is.
    pub fn new(inner: Arc<dyn Adapter>, ring: KeyRing) -> Self {
        let plain = PlainTokens::default();
        Self { inner, ring, plain, random: Arc::new(OsRandom), clock: Arc::new(SystemClock) }
    }

    /// Says what to make of tokens that stand in the store as they are. New ones are always encrypted.
    #[must_use]
    pub fn with_plain_tokens(mut self, plain: PlainTokens) -> Self {
        self.plain = plain;
        self
    }

    /// Takes nonces from another source of random bytes than the operating system.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Takes the time of leases from another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The account as it is to be stored.
    fn sealed(&self, operation: &'static str, account: &NewAccount) -> Result<NewAccount, AdapterError> {
        let tokens =
            self.seal(operation, &account.provider, &account.provider_account_id, &account.tokens)?;
        Ok(NewAccount { tokens, ..account.clone() })
    }

    /// The tokens of an account as they are to be stored.
    fn seal(
        &self,
        operation: &'static str,
        provider: &ProviderId,
        account: &ProviderAccountId,
        tokens: &AccountTokens,
    ) -> Result<AccountTokens, AdapterError> {
        let mut sealed = tokens.clone();
        for (column, cell) in secret_cells(&mut sealed) {
            let Some(value) = cell else { continue };
            let place = Place { provider, account, column };
            let Some(text) = seal::seal(&self.ring, &*self.random, place, value) else {
                return Err(AdapterError::Refused { operation, source: "the token is too long".into() });
            };
            *value = text;
        }
        Ok(sealed)
    }

    /// The account with its tokens as they were given.
    fn opened(&self, stored: Account) -> Result<Account, AdapterError> {
        Ok(self.open(stored)?.0)
    }

    /// The account with its tokens as they were given, and whether all of them are stored as they would be now.
    fn open(&self, mut account: Account) -> Result<(Account, bool), AdapterError> {
        let mut is_current = true;
        let (provider, id) = (&account.provider, &account.provider_account_id);
        for (column, cell) in secret_cells(&mut account.tokens) {
            let Some(stored) = cell else { continue };
            let place = Place { provider, account: id, column };
            match seal::open(&self.ring, place, stored) {
                Ok(Stored::Sealed { value, is_current: under_first }) => {
                    is_current &= under_first;
                    *stored = value;
                }
                Ok(Stored::Plain) if self.plain == PlainTokens::Read => is_current = false,
                Ok(Stored::Plain) => return Err(corrupt(column, "is not encrypted")),
                Err(reason) => return Err(corrupt(column, reason.as_str())),
            }
        }
        Ok((account, is_current))
    }
}

/// The three tokens that are secret, each with its column.
fn secret_cells(tokens: &mut AccountTokens) -> [(&'static str, &mut Option<SecretToken>); 3] {
    [
        ("access_token", &mut tokens.access_token),
        ("refresh_token", &mut tokens.refresh_token),
        ("id_token", &mut tokens.id_token),
    ]
}

fn corrupt(column: &'static str, problem: &str) -> AdapterError {
    AdapterError::CorruptRow { table: "accounts".into(), column: column.into(), problem: problem.into() }
}

impl fmt::Debug for EncryptedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedTokens")
            .field("inner", &self.inner)
            .field("ring", &self.ring)
            .field("plain", &self.plain)
            .finish_non_exhaustive()
    }
}

pass_on!(EncryptedTokens: Sessions, VerificationTokens, Authenticators);
