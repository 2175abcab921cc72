//! A store that fails when it is told to, and says what it was asked.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, Accounts, Adapter, AdapterError, Authenticator, Authenticators, Capabilities,
    CredentialId, FirstSession, Lease, NewAccount, NewSession, NewUser, ProviderAccountId, ProviderId,
    SecretToken, Session, SessionChanges, Sessions, Timestamp, TokenHash, TouchPolicy, Touched, User,
    UserChanges, UserId, Users, VerificationToken, VerificationTokens,
};

/// How a [`FaultyAdapter`] fails. The sources hold the secret-looking text `postgres://app:hunter2@db/app`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// [`AdapterError::CorruptRow`].
    Corrupt,
    /// [`AdapterError::Refused`].
    Refused,
    /// [`AdapterError::Unavailable`].
    Unavailable,
}

/// Another adapter behind switches: it can fail, counts its calls, and lets other tasks run before each.
///
/// Clones share their switches.
#[derive(Clone)]
pub struct FaultyAdapter {
    inner: Arc<dyn Adapter>,
    state: Arc<Mutex<State>>,
}

type Meanwhile = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

#[derive(Default)]
struct State {
    calls: Vec<&'static str>,
    /// How many more calls succeed, and how they fail from then on.
    fault: Option<(usize, Fault)>,
    meanwhile: HashMap<&'static str, Meanwhile>,
}

impl FaultyAdapter {
    /// An adapter that works like `inner`, as yet.
    pub fn new(inner: Arc<dyn Adapter>) -> Self {
        Self { inner, state: Arc::default() }
    }

    /// From now on every call fails.
    pub fn fail(&self, fault: Fault) {
        self.fail_after(0, fault);
    }

    /// The next `calls` calls succeed, every later one fails.
    pub fn fail_after(&self, calls: usize, fault: Fault) {
        self.state(|state| state.fault = Some((calls, fault)));
    }

    /// From now on calls succeed again.
    pub fn recover(&self) {
        self.state(|state| state.fault = None);
    }

    /// Does something just before the next call of this operation: what another process might do meanwhile.
    pub fn meanwhile<F>(&self, operation: &'static str, act: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let act: Meanwhile = Box::new(|| Box::pin(act()));
        self.state(|state| state.meanwhile.insert(operation, act));
    }

    /// The operations that were called since the last time this was asked.
    pub fn take_calls(&self) -> Vec<&'static str> {
        self.state(|state| std::mem::take(&mut state.calls))
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn enter(&self, operation: &'static str) -> Result<(), AdapterError> {
        tokio::task::yield_now().await;
        let meanwhile = self.state(|state| {
            state.calls.push(operation);
            state.meanwhile.remove(operation)
        });
        if let Some(act) = meanwhile {
            act().await;
        }
        let fault = self.state(|state| match &mut state.fault {
            Some((0, fault)) => Some(*fault),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        });
        match fault {
            None => Ok(()),
            Some(fault) => Err(fault.error(operation)),
        }
    }
}

impl Fault {
    fn error(self, operation: &'static str) -> AdapterError {
        let source = || "cannot connect to postgres://app:hunter2@db/app".into();
        match self {
            Self::Corrupt => AdapterError::CorruptRow {
                table: "sessions".into(),
                column: "expires".into(),
                problem: "text, not a point in time".into(),
            },
            Self::Refused => AdapterError::Refused { operation, source: source() },
            Self::Unavailable => AdapterError::Unavailable(source()),
        }
    }
}

impl fmt::Debug for FaultyAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyAdapter").finish_non_exhaustive()
    }
}

/// Writes a role of the contract: each operation enters, and then does what the adapter behind does.
macro_rules! role {
    ($role:ident: $($operation:ident($($name:ident: $type:ty),*) -> $output:ty;)*) => {
        #[async_trait]
        impl $role for FaultyAdapter {
            $(async fn $operation(&self, $($name: $type),*) -> Result<$output, AdapterError> {
                self.enter(stringify!($operation)).await?;
                self.inner.$operation($($name),*).await
            })*
        }
    };
}

role! { Users:
    create_user(user: &NewUser, account: Option<&NewAccount>) -> User;
    user(id: &UserId) -> Option<User>;
    user_by_email(email: &str) -> Option<User>;
    user_by_account(provider: &ProviderId, account: &ProviderAccountId) -> Option<User>;
    update_user(id: &UserId, changes: &UserChanges) -> Option<User>;
    delete_user(id: &UserId) -> Option<User>;
}

role! { Accounts:
    link_account(user: &UserId, account: &NewAccount) -> Account;
    unlink_account(provider: &ProviderId, account: &ProviderAccountId) -> Option<Account>;
    account(provider: &ProviderId, account: &ProviderAccountId) -> Option<Account>;
    accounts_of_user(user: &UserId) -> Vec<Account>;
    update_account(provider: &ProviderId, account: &ProviderAccountId, changes: &AccountChanges) -> Option<Account>;
}

role! { Sessions:
    create_session(session: &NewSession) -> Session;
    session_and_user(token: &SecretToken) -> Option<(Session, User)>;
    touch_session(token: &SecretToken, now: Timestamp, policy: &TouchPolicy) -> Option<Touched>;
    update_session(token: &SecretToken, changes: &SessionChanges) -> Option<Session>;
    delete_session(token: &SecretToken) -> Option<Session>;
    sessions_of_user(user: &UserId) -> Vec<Session>;
    delete_sessions_of_user(user: &UserId, keep: Option<&SecretToken>) -> u64;
    delete_expired_sessions(now: Timestamp, limit: u32) -> u64;
}

role! { VerificationTokens:
    create_verification_token(token: &VerificationToken) -> ();
    consume_verification_token(identifier: &str, token: &TokenHash) -> Option<VerificationToken>;
    delete_expired_tokens(now: Timestamp, limit: u32) -> u64;
    acquire_lease(name: &str, now: Timestamp, until: Timestamp) -> Option<Lease>;
    release_lease(lease: &Lease) -> bool;
}

role! { Authenticators:
    create_authenticator(authenticator: &Authenticator) -> ();
    authenticator(id: &CredentialId) -> Option<Authenticator>;
    authenticators_of_user(user: &UserId) -> Vec<Authenticator>;
    advance_counter(id: &CredentialId, from: u32, to: u32) -> bool;
    delete_authenticator(id: &CredentialId) -> Option<Authenticator>;
}

#[async_trait]
impl Adapter for FaultyAdapter {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.enter("ping").await?;
        self.inner.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        self.enter("sign_up").await?;
        self.inner.sign_up(user, account, session).await
    }
}
