//! Users: two operations write an account along.

use async_trait::async_trait;
use vestibule_core::{
    Adapter, AdapterError, Capabilities, FirstSession, NewAccount, NewUser, ProviderAccountId, ProviderId,
    Session, User, UserChanges, UserId, Users,
};

use super::EncryptedTokens;

#[async_trait]
impl Users for EncryptedTokens {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let account = account.map(|account| self.sealed("create_user", account)).transpose()?;
        self.inner.create_user(user, account.as_ref()).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        self.inner.user(id).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError> {
        self.inner.user_by_email(email).await
    }

    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError> {
        self.inner.user_by_account(provider, provider_account_id).await
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        self.inner.update_user(id, changes).await
    }

    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        self.inner.delete_user(id).await
    }
}

#[async_trait]
impl Adapter for EncryptedTokens {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.inner.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        let account = account.map(|account| self.sealed("sign_up", account)).transpose()?;
        self.inner.sign_up(user, account.as_ref(), session).await
    }
}
