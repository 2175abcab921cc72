//! Accounts: sealed on the way in, opened on the way out.

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, Accounts, AdapterError, Change, NewAccount, ProviderAccountId, ProviderId,
    UserId,
};

use super::EncryptedTokens;

#[async_trait]
impl Accounts for EncryptedTokens {
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError> {
        let sealed = self.sealed("link_account", account)?;
        self.opened(self.inner.link_account(user_id, &sealed).await?)
    }

    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let unlinked = self.inner.unlink_account(provider, provider_account_id).await?;
        unlinked.map(|account| self.opened(account)).transpose()
    }

    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let found = self.inner.account(provider, provider_account_id).await?;
        found.map(|account| self.opened(account)).transpose()
    }

    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError> {
        let accounts = self.inner.accounts_of_user(user_id).await?;
        accounts.into_iter().map(|account| self.opened(account)).collect()
    }

    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError> {
        let tokens = match &changes.tokens {
            Change::Keep => Change::Keep,
            Change::Set(tokens) => {
                Change::Set(self.seal("update_account", provider, provider_account_id, tokens)?)
            }
        };
        let sealed = AccountChanges { tokens, extra: changes.extra.clone() };
        let updated = self.inner.update_account(provider, provider_account_id, &sealed).await?;
        updated.map(|account| self.opened(account)).transpose()
    }
}
