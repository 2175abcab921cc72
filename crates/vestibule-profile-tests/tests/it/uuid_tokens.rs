//! A store that takes any session token, over one whose tokens are UUIDs: what the suite writes as `session` stands there
//! as a UUID that is told back as `session`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, Accounts, Adapter, AdapterError, Authenticator, Authenticators, Capabilities,
    CredentialId, FirstSession, Lease, NewAccount, NewSession, NewUser, ProviderAccountId, ProviderId,
    SecretToken, Session, SessionChanges, Sessions, Timestamp, TokenHash, TouchPolicy, Touched, User,
    UserChanges, UserId, Users, VerificationToken, VerificationTokens,
};

#[derive(Debug)]
pub(crate) struct UuidTokens {
    inner: Arc<dyn Adapter>,
    /// The tokens by their UUIDs.
    tokens: Mutex<HashMap<String, SecretToken>>,
}

impl UuidTokens {
    pub(crate) fn new(inner: Arc<dyn Adapter>) -> Self {
        Self { inner, tokens: Mutex::default() }
    }

    /// Always the same for a token: its FNV-1a hash of 128 bits, marked as version 8 (RFC 9562).
    fn uuid(&self, token: &SecretToken) -> SecretToken {
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let step = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        let hash = token.expose().bytes().fold(BASIS, step);
        let marked = hash & !(0xf << 76 | 0b11 << 62) | 8 << 76 | 0b10 << 62;
        let hex = format!("{marked:032x}");
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        self.tokens.lock().unwrap().insert(uuid.clone(), token.clone());
        uuid.into()
    }

    fn named(&self, mut session: Session) -> Session {
        if let Some(token) = self.tokens.lock().unwrap().get(session.token.expose()) {
            session.token = token.clone();
        }
        session
    }
}

type Result<T> = std::result::Result<T, AdapterError>;

#[async_trait]
impl Sessions for UuidTokens {
    async fn create_session(&self, session: &NewSession) -> Result<Session> {
        let session = NewSession { token: self.uuid(&session.token), ..session.clone() };
        Ok(self.named(self.inner.create_session(&session).await?))
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>> {
        let found = self.inner.session_and_user(&self.uuid(token)).await?;
        Ok(found.map(|(session, user)| (self.named(session), user)))
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>> {
        let touched = self.inner.touch_session(&self.uuid(token), now, policy).await?;
        Ok(touched.map(|touched| Touched { session: self.named(touched.session.clone()), ..touched }))
    }

    async fn update_session(&self, token: &SecretToken, changes: &SessionChanges) -> Result<Option<Session>> {
        let updated = self.inner.update_session(&self.uuid(token), changes).await?;
        Ok(updated.map(|session| self.named(session)))
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>> {
        let deleted = self.inner.delete_session(&self.uuid(token)).await?;
        Ok(deleted.map(|session| self.named(session)))
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>> {
        let sessions = self.inner.sessions_of_user(user_id).await?;
        Ok(sessions.into_iter().map(|session| self.named(session)).collect())
    }

    async fn delete_sessions_of_user(&self, user_id: &UserId, keep: Option<&SecretToken>) -> Result<u64> {
        let keep = keep.map(|token| self.uuid(token));
        self.inner.delete_sessions_of_user(user_id, keep.as_ref()).await
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64> {
        self.inner.delete_expired_sessions(now, limit).await
    }
}

#[async_trait]
impl Adapter for UuidTokens {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session)> {
        let session = FirstSession { token: self.uuid(&session.token), ..session.clone() };
        let (user, session) = self.inner.sign_up(user, account, &session).await?;
        Ok((user, self.named(session)))
    }
}

/// What has no session in it is passed on.
macro_rules! pass_on {
    ($($role:ident { $($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)+ })+) => {
        $(
            #[async_trait]
            impl $role for UuidTokens {
                $(
                    async fn $name(&self, $($arg: $type),*) -> Result<$answer> {
                        self.inner.$name($($arg),*).await
                    }
                )+
            }
        )+
    };
}

pass_on! {
    Users {
        create_user(user: &NewUser, account: Option<&NewAccount>) -> User;
        user(id: &UserId) -> Option<User>;
        user_by_email(email: &str) -> Option<User>;
        user_by_account(provider: &ProviderId, id: &ProviderAccountId) -> Option<User>;
        update_user(id: &UserId, changes: &UserChanges) -> Option<User>;
        delete_user(id: &UserId) -> Option<User>;
    }
    Accounts {
        link_account(user_id: &UserId, account: &NewAccount) -> Account;
        unlink_account(provider: &ProviderId, id: &ProviderAccountId) -> Option<Account>;
        account(provider: &ProviderId, id: &ProviderAccountId) -> Option<Account>;
        accounts_of_user(user_id: &UserId) -> Vec<Account>;
        update_account(provider: &ProviderId, id: &ProviderAccountId, changes: &AccountChanges) -> Option<Account>;
    }
    VerificationTokens {
        create_verification_token(token: &VerificationToken) -> ();
        consume_verification_token(identifier: &str, token: &TokenHash) -> Option<VerificationToken>;
        delete_expired_tokens(now: Timestamp, limit: u32) -> u64;
        acquire_lease(name: &str, now: Timestamp, until: Timestamp) -> Option<Lease>;
        release_lease(lease: &Lease) -> bool;
    }
    Authenticators {
        create_authenticator(authenticator: &Authenticator) -> ();
        authenticator(id: &CredentialId) -> Option<Authenticator>;
        authenticators_of_user(user_id: &UserId) -> Vec<Authenticator>;
        advance_counter(id: &CredentialId, from: u32, to: u32) -> bool;
        delete_authenticator(id: &CredentialId) -> Option<Authenticator>;
    }
}
