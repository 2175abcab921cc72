//! What stands in for the store where there is none.
//!
//! It refuses everything, look-ups too: that there is no store must never be read as that somebody is absent. The flows that
//! go without a store ask [`Parts::has_store`](crate::Parts::has_store) and leave it alone.

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, Accounts, Adapter, AdapterError, Authenticator, Authenticators, Capabilities,
    CredentialId, FirstSession, IdKind, Lease, NewAccount, NewSession, NewUser, ProviderAccountId,
    ProviderId, SecretToken, Session, SessionChanges, Sessions, Timestamp, TimestampPrecision, TokenHash,
    TouchPolicy, Touched, User, UserChanges, UserId, Users, VerificationToken, VerificationTokens,
};

use crate::{Mail, MailError, Mailer};

const REASON: &str = "there is no store: the engine was made with Parts::without_store (MissingAdapter)";

type Refusal<T> = Result<T, AdapterError>;

fn refused<T>(operation: &'static str) -> Refusal<T> {
    Err(AdapterError::Refused { operation, source: REASON.into() })
}

/// No store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoStore;

/// No mailer: without a store nobody signs in by e-mail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Refused(REASON.into()))
    }
}

#[async_trait]
impl Users for NoStore {
    async fn create_user(&self, _: &NewUser, _: Option<&NewAccount>) -> Refusal<User> {
        refused("create_user")
    }

    async fn user(&self, _: &UserId) -> Refusal<Option<User>> {
        refused("user")
    }

    async fn user_by_email(&self, _: &str) -> Refusal<Option<User>> {
        refused("user_by_email")
    }

    async fn user_by_account(&self, _: &ProviderId, _: &ProviderAccountId) -> Refusal<Option<User>> {
        refused("user_by_account")
    }

    async fn update_user(&self, _: &UserId, _: &UserChanges) -> Refusal<Option<User>> {
        refused("update_user")
    }

    async fn delete_user(&self, _: &UserId) -> Refusal<Option<User>> {
        refused("delete_user")
    }
}

#[async_trait]
impl Accounts for NoStore {
    async fn link_account(&self, _: &UserId, _: &NewAccount) -> Refusal<Account> {
        refused("link_account")
    }

    async fn unlink_account(&self, _: &ProviderId, _: &ProviderAccountId) -> Refusal<Option<Account>> {
        refused("unlink_account")
    }

    async fn account(&self, _: &ProviderId, _: &ProviderAccountId) -> Refusal<Option<Account>> {
        refused("account")
    }

    async fn accounts_of_user(&self, _: &UserId) -> Refusal<Vec<Account>> {
        refused("accounts_of_user")
    }

    async fn update_account(
        &self,
        _: &ProviderId,
        _: &ProviderAccountId,
        _: &AccountChanges,
    ) -> Refusal<Option<Account>> {
        refused("update_account")
    }
}

#[async_trait]
impl Sessions for NoStore {
    async fn create_session(&self, _: &NewSession) -> Refusal<Session> {
        refused("create_session")
    }

    async fn session_and_user(&self, _: &SecretToken) -> Refusal<Option<(Session, User)>> {
        refused("session_and_user")
    }

    async fn touch_session(
        &self,
        _: &SecretToken,
        _: Timestamp,
        _: &TouchPolicy,
    ) -> Refusal<Option<Touched>> {
        refused("touch_session")
    }

    async fn update_session(&self, _: &SecretToken, _: &SessionChanges) -> Refusal<Option<Session>> {
        refused("update_session")
    }

    async fn delete_session(&self, _: &SecretToken) -> Refusal<Option<Session>> {
        refused("delete_session")
    }

    async fn sessions_of_user(&self, _: &UserId) -> Refusal<Vec<Session>> {
        refused("sessions_of_user")
    }

    async fn delete_sessions_of_user(&self, _: &UserId, _: Option<&SecretToken>) -> Refusal<u64> {
        refused("delete_sessions_of_user")
    }

    async fn delete_expired_sessions(&self, _: Timestamp, _: u32) -> Refusal<u64> {
        refused("delete_expired_sessions")
    }
}

#[async_trait]
impl VerificationTokens for NoStore {
    async fn create_verification_token(&self, _: &VerificationToken) -> Refusal<()> {
        refused("create_verification_token")
    }

    async fn consume_verification_token(&self, _: &str, _: &TokenHash) -> Refusal<Option<VerificationToken>> {
        refused("consume_verification_token")
    }

    async fn delete_expired_tokens(&self, _: Timestamp, _: u32) -> Refusal<u64> {
        refused("delete_expired_tokens")
    }

    async fn acquire_lease(&self, _: &str, _: Timestamp, _: Timestamp) -> Refusal<Option<Lease>> {
        refused("acquire_lease")
    }

    async fn release_lease(&self, _: &Lease) -> Refusal<bool> {
        refused("release_lease")
    }
}

#[async_trait]
impl Authenticators for NoStore {
    async fn create_authenticator(&self, _: &Authenticator) -> Refusal<()> {
        refused("create_authenticator")
    }

    async fn authenticator(&self, _: &CredentialId) -> Refusal<Option<Authenticator>> {
        refused("authenticator")
    }

    async fn authenticators_of_user(&self, _: &UserId) -> Refusal<Vec<Authenticator>> {
        refused("authenticators_of_user")
    }

    async fn advance_counter(&self, _: &CredentialId, _: u32, _: u32) -> Refusal<bool> {
        refused("advance_counter")
    }

    async fn delete_authenticator(&self, _: &CredentialId) -> Refusal<Option<Authenticator>> {
        refused("delete_authenticator")
    }
}

#[async_trait]
impl Adapter for NoStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            id_kind: IdKind::Text,
            timestamp_precision: TimestampPrecision::Millis,
            authenticators: false,
        }
    }

    async fn ping(&self) -> Refusal<()> {
        refused("ping")
    }

    async fn sign_up(
        &self,
        _: &NewUser,
        _: Option<&NewAccount>,
        _: &FirstSession,
    ) -> Refusal<(User, Session)> {
        refused("sign_up")
    }
}
