//! Accounts.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{
    Account, AccountChanges, AccountTokens, AccountType, Accounts, AdapterError, Entity, Extra, NewAccount,
    ProviderAccountId, ProviderId, RowId, SecretToken, Timestamp, UserId,
};

use crate::{Data, JsonFile};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    id: String,
    pub(crate) user_id: String,
    account_type: String,
    provider: String,
    provider_account_id: String,
    tokens: Tokens,
    extra: Extra,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Tokens {
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    /// Whole seconds, as the contract says.
    expires_at: Option<i64>,
    token_type: Option<String>,
    scope: Option<String>,
    session_state: Option<String>,
}

impl From<&AccountTokens> for Tokens {
    fn from(tokens: &AccountTokens) -> Self {
        let text = |secret: &Option<SecretToken>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Self {
            access_token: text(&tokens.access_token),
            refresh_token: text(&tokens.refresh_token),
            id_token: text(&tokens.id_token),
            expires_at: tokens.expires_at.map(Timestamp::as_secs),
            token_type: tokens.token_type.clone(),
            scope: tokens.scope.clone(),
            session_state: tokens.session_state.clone(),
        }
    }
}

impl From<&Tokens> for AccountTokens {
    fn from(tokens: &Tokens) -> Self {
        let secret = |text: &Option<String>| text.as_deref().map(SecretToken::from);
        Self {
            access_token: secret(&tokens.access_token),
            refresh_token: secret(&tokens.refresh_token),
            id_token: secret(&tokens.id_token),
            expires_at: tokens.expires_at.map(Timestamp::from_secs),
            token_type: tokens.token_type.clone(),
            scope: tokens.scope.clone(),
            session_state: tokens.session_state.clone(),
        }
    }
}

impl Row {
    /// A row that has no id and no user yet.
    pub(crate) fn new(account: &NewAccount, store: &JsonFile) -> Self {
        Self {
            id: String::new(),
            user_id: String::new(),
            account_type: account.account_type.as_str().to_owned(),
            provider: account.provider.as_str().to_owned(),
            provider_account_id: account.provider_account_id.as_str().to_owned(),
            tokens: Tokens::from(&account.tokens),
            extra: store.row_extra(&account.extra),
        }
    }

    pub(crate) fn is(&self, provider: &ProviderId, provider_account_id: &ProviderAccountId) -> bool {
        self.provider == provider.as_str() && self.provider_account_id == provider_account_id.as_str()
    }

    fn to_account(&self) -> Account {
        Account {
            id: Some(RowId::from(&*self.id)),
            user_id: UserId::from(&*self.user_id),
            account_type: AccountType::from(&*self.account_type),
            provider: ProviderId::from(&*self.provider),
            provider_account_id: ProviderAccountId::from(&*self.provider_account_id),
            tokens: AccountTokens::from(&self.tokens),
            extra: self.extra.clone(),
        }
    }
}

impl Data {
    pub(crate) fn insert_account(&mut self, user_id: &UserId, new: Row) -> Result<Account, AdapterError> {
        let same = |row: &Row| {
            (&row.provider, &row.provider_account_id) == (&new.provider, &new.provider_account_id)
        };
        if self.accounts.iter().any(same) {
            return Err(AdapterError::Conflict { entity: Entity::Account });
        }
        let row = Row { id: self.next_id(), user_id: user_id.as_str().to_owned(), ..new };
        let account = row.to_account();
        self.accounts.push(row);
        Ok(account)
    }
}

#[async_trait]
impl Accounts for JsonFile {
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError> {
        let (user_id, row) = (user_id.clone(), Row::new(account, self));
        self.change(move |data| {
            data.owner(&user_id, Entity::Account)?;
            data.insert_account(&user_id, row)
        })
        .await
    }

    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let (provider, id) = (provider.clone(), provider_account_id.clone());
        self.change(move |data| {
            let at = data.accounts.iter().position(|account| account.is(&provider, &id));
            Ok(at.map(|at| data.accounts.remove(at).to_account()))
        })
        .await
    }

    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let data = self.read();
        let account = data.accounts.iter().find(|account| account.is(provider, provider_account_id));
        Ok(account.map(Row::to_account))
    }

    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError> {
        let data = self.read();
        let of_user = data.accounts.iter().filter(|account| account.user_id == user_id.as_str());
        let mut accounts: Vec<Account> = of_user.map(Row::to_account).collect();
        let key = |account: &Account| (account.provider.clone(), account.provider_account_id.clone());
        accounts.sort_by_cached_key(key);
        Ok(accounts)
    }

    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError> {
        let (provider, id, changes) = (provider.clone(), provider_account_id.clone(), changes.clone());
        self.change(move |data| {
            let Some(account) = data.accounts.iter_mut().find(|account| account.is(&provider, &id)) else {
                return Ok(None);
            };
            if let Some(tokens) = changes.tokens.as_set() {
                account.tokens = Tokens::from(tokens);
            }
            account.extra.extend(changes.extra);
            Ok(Some(account.to_account()))
        })
        .await
    }
}
