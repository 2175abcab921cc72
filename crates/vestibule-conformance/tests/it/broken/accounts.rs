use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, AccountTokens, Accounts, AdapterError, NewAccount, ProviderAccountId,
    ProviderId, UserId,
};

use super::{Broken, Fault};

#[async_trait]
impl Accounts for Broken {
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError> {
        self.refuse_if_bare()?;
        let mut new = account.clone();
        match self.fault {
            Fault::LinkOverwrites => {
                self.memory.unlink_account(&account.provider, &account.provider_account_id).await?;
            }
            Fault::LinkDropsTokens => new.tokens = AccountTokens::default(),
            _ => {}
        }
        self.memory.link_account(user_id, &new).await
    }

    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        self.refuse_if_bare()?;
        if self.has(Fault::UnlinkForgets) {
            return self.memory.account(provider, provider_account_id).await;
        }
        self.memory.unlink_account(provider, provider_account_id).await
    }

    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        self.refuse_if_bare()?;
        self.memory.account(provider, provider_account_id).await
    }

    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError> {
        self.refuse_if_bare()?;
        let mut accounts = self.memory.accounts_of_user(user_id).await?;
        if self.has(Fault::ListsAccountsBackwards) {
            accounts.reverse();
        }
        Ok(accounts)
    }

    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError> {
        self.refuse_if_bare()?;
        self.memory.update_account(provider, provider_account_id, changes).await
    }
}
