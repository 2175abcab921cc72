//! Accounts.

use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, AccountTokens, Accounts, AdapterError, Entity, Extra, NewAccount,
    ProviderAccountId, ProviderId, Timestamp, UserId,
};

use crate::{Memory, Tables, columns};

#[async_trait]
impl Accounts for Memory {
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError> {
        let extra = self.options.account_columns.row("link_account", &account.extra)?;
        let tables = &mut *self.tables();
        tables.user_exists(user_id, Entity::Account)?;
        tables.account_is_free(account)?;

        Ok(tables.insert_account(user_id, account, extra))
    }

    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let key = (provider.clone(), provider_account_id.clone());
        Ok(self.tables().accounts.remove(&key))
    }

    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let key = (provider.clone(), provider_account_id.clone());
        Ok(self.tables().accounts.get(&key).cloned())
    }

    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError> {
        let tables = self.tables();
        // The key orders them by provider and the id there.
        let accounts = tables.accounts.values().filter(|account| account.user_id == *user_id);
        Ok(accounts.cloned().collect())
    }

    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError> {
        self.options.account_columns.check("update_account", &changes.extra)?;
        let key = (provider.clone(), provider_account_id.clone());
        let tables = &mut *self.tables();
        let Some(account) = tables.accounts.get_mut(&key) else {
            return Ok(None);
        };

        if let Some(tokens) = changes.tokens.as_set() {
            account.tokens = stored_tokens(tokens);
        }
        columns::update(&mut account.extra, &changes.extra);
        Ok(Some(account.clone()))
    }
}

impl Tables {
    pub(crate) fn account_is_free(&self, account: &NewAccount) -> Result<(), AdapterError> {
        let key = (account.provider.clone(), account.provider_account_id.clone());
        if self.accounts.contains_key(&key) {
            return Err(AdapterError::Conflict { entity: Entity::Account });
        }
        Ok(())
    }

    pub(crate) fn insert_account(&mut self, user_id: &UserId, account: &NewAccount, extra: Extra) -> Account {
        let stored = Account {
            id: Some(self.next_row_id()),
            user_id: user_id.clone(),
            account_type: account.account_type.clone(),
            provider: account.provider.clone(),
            provider_account_id: account.provider_account_id.clone(),
            tokens: stored_tokens(&account.tokens),
            extra,
        };
        let key = (stored.provider.clone(), stored.provider_account_id.clone());
        self.accounts.insert(key, stored.clone());
        stored
    }
}

/// `expires_at` is kept in whole seconds.
fn stored_tokens(tokens: &AccountTokens) -> AccountTokens {
    AccountTokens {
        expires_at: tokens.expires_at.map(|at| Timestamp::from_secs(at.as_secs())),
        ..tokens.clone()
    }
}
