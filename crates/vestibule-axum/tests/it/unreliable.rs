//! A store in memory that can be taken down and brought up again, and that counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, Accounts, Adapter, AdapterError, Authenticator, Authenticators, Capabilities,
    CredentialId, FirstSession, Lease, NewAccount, NewSession, NewUser, ProviderAccountId, ProviderId,
    SecretToken, Session, SessionChanges, Sessions, Timestamp, TokenHash, TouchPolicy, Touched, User,
    UserChanges, UserId, Users, VerificationToken, VerificationTokens,
};
use vestibule_memory::Memory;

/// Clones share one store.
#[derive(Clone, Debug)]
pub(crate) struct Unreliable {
    inner: Memory,
    down: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
}

impl Unreliable {
    pub(crate) fn new(inner: Memory) -> Self {
        Self { inner, down: Arc::default(), asked: Arc::default() }
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How often it was asked so far.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), AdapterError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(AdapterError::Unavailable("connection refused".into()));
        }
        Ok(())
    }
}

macro_rules! forward {
    ($role:ident: $(fn $name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $role for Unreliable {
            $(
                async fn $name(&self, $($arg: $kind),*) -> Result<$answer, AdapterError> {
                    self.check()?;
                    self.inner.$name($($arg),*).await
                }
            )*
        }
    };
}

forward! { Users:
    fn create_user(user: &NewUser, account: Option<&NewAccount>) -> User;
    fn user(id: &UserId) -> Option<User>;
    fn user_by_email(email: &str) -> Option<User>;
    fn user_by_account(provider: &ProviderId, id: &ProviderAccountId) -> Option<User>;
    fn update_user(id: &UserId, changes: &UserChanges) -> Option<User>;
    fn delete_user(id: &UserId) -> Option<User>;
}
forward! { Accounts:
    fn link_account(user_id: &UserId, account: &NewAccount) -> Account;
    fn unlink_account(provider: &ProviderId, id: &ProviderAccountId) -> Option<Account>;
    fn account(provider: &ProviderId, id: &ProviderAccountId) -> Option<Account>;
    fn accounts_of_user(user_id: &UserId) -> Vec<Account>;
    fn update_account(
        provider: &ProviderId, id: &ProviderAccountId, changes: &AccountChanges
    ) -> Option<Account>;
}
forward! { Sessions:
    fn create_session(session: &NewSession) -> Session;
    fn session_and_user(token: &SecretToken) -> Option<(Session, User)>;
    fn touch_session(token: &SecretToken, now: Timestamp, policy: &TouchPolicy) -> Option<Touched>;
    fn update_session(token: &SecretToken, changes: &SessionChanges) -> Option<Session>;
    fn delete_session(token: &SecretToken) -> Option<Session>;
    fn sessions_of_user(user_id: &UserId) -> Vec<Session>;
    fn delete_sessions_of_user(user_id: &UserId, keep: Option<&SecretToken>) -> u64;
    fn delete_expired_sessions(now: Timestamp, limit: u32) -> u64;
}
forward! { VerificationTokens:
    fn create_verification_token(token: &VerificationToken) -> ();
    fn consume_verification_token(identifier: &str, token: &TokenHash) -> Option<VerificationToken>;
    fn delete_expired_tokens(now: Timestamp, limit: u32) -> u64;
    fn acquire_lease(name: &str, now: Timestamp, until: Timestamp) -> Option<Lease>;
    fn release_lease(lease: &Lease) -> bool;
}
forward! { Authenticators:
    fn create_authenticator(authenticator: &Authenticator) -> ();
    fn authenticator(id: &CredentialId) -> Option<Authenticator>;
    fn authenticators_of_user(user_id: &UserId) -> Vec<Authenticator>;
    fn advance_counter(id: &CredentialId, from: u32, to: u32) -> bool;
    fn delete_authenticator(id: &CredentialId) -> Option<Authenticator>;
}

#[async_trait]
impl Adapter for Unreliable {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.check()?;
        self.inner.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        self.check()?;
        self.inner.sign_up(user, account, session).await
    }
}
