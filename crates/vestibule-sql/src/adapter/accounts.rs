use async_trait::async_trait;
use vestibule_core::{
    Account, AccountChanges, AccountTokens, AccountType, Accounts, AdapterError, Entity, NewAccount,
    ProviderAccountId, ProviderId, RowId, SecretToken, Timestamp, UserId,
};

use super::fill::Occasion;
use super::{About, Inserted, SqlAdapter, first_made};
use crate::decode::opt_text;
use crate::profile::Table;
use crate::statements::accounts::{AccountStatements, FIELDS, TOKENS_CHANGED};
use crate::{Driver, Row, Value};

fn push_tokens(args: &mut Vec<Value>, tokens: &AccountTokens) {
    let secret = |token: &Option<SecretToken>| opt_text(token.as_ref().map(SecretToken::expose));
    args.extend([
        secret(&tokens.access_token),
        secret(&tokens.refresh_token),
        secret(&tokens.id_token),
        tokens.expires_at.map_or(Value::Null, |at| Value::Time(Timestamp::from_secs(at.as_secs()))),
        opt_text(tokens.token_type.as_deref()),
        opt_text(tokens.scope.as_deref()),
        opt_text(tokens.session_state.as_deref()),
    ]);
}

/// Adds a new account to the arguments, without its owner, its row id, and the columns of its own.
pub(super) fn push_account(args: &mut Vec<Value>, account: &NewAccount) {
    args.extend([
        Value::Text(account.account_type.as_str().to_owned()),
        Value::Text(account.provider.as_str().to_owned()),
        Value::Text(account.provider_account_id.as_str().to_owned()),
    ]);
    push_tokens(args, &account.tokens);
}

impl<D: Driver> SqlAdapter<D> {
    pub(super) fn account_statements(
        &self,
        operation: &'static str,
    ) -> Result<&AccountStatements, AdapterError> {
        Self::statements(self.accounts.as_ref(), operation, "table for accounts")
    }

    /// Adds the columns of a new account's own, and says which they are.
    pub(super) fn push_account_extra(
        &self,
        args: &mut Vec<Value>,
        account: &NewAccount,
        operation: &'static str,
    ) -> Result<u128, AdapterError> {
        let key = (account.provider.as_str(), account.provider_account_id.as_str());
        if self.sql.joins_account_key() && key.0.contains(':') {
            let source =
                "a colon parts a provider from the id there, so that a provider can have none".into();
            return Err(AdapterError::Refused { operation, source });
        }
        // SQLite takes a joined text apart only as far as the first one.
        if self.sql.joins_account_key() && (key.0.contains('\0') || key.1.contains('\0')) {
            let source = "a NUL cannot be part of a key that joins a provider and the id there".into();
            return Err(AdapterError::Refused { operation, source });
        }
        let occasion = Occasion::CreateAccount(key.0, key.1);
        self.push_extra(args, Table::Accounts, &account.extra, occasion, operation)
    }

    fn decode_account(&self, row: &mut std::vec::IntoIter<Value>) -> Result<Account, AdapterError> {
        let mut cells = self.cells(Table::Accounts, &FIELDS, row);
        Ok(Account {
            id: cells.opt_id()?.map(RowId::new),
            user_id: UserId::new(cells.id()?),
            account_type: AccountType::from(&*cells.text()?),
            provider: cells.text()?.into(),
            provider_account_id: cells.text()?.into(),
            tokens: AccountTokens {
                access_token: cells.opt_text()?.map(SecretToken::from),
                refresh_token: cells.opt_text()?.map(SecretToken::from),
                id_token: cells.opt_text()?.map(SecretToken::from),
                expires_at: cells.opt_time()?.map(|at| Timestamp::from_secs(at.as_secs())),
                token_type: cells.opt_text()?,
                scope: cells.opt_text()?,
                session_state: cells.opt_text()?,
            },
            extra: cells.extra()?,
        })
    }

    /// What names an account; `None` if none can have that name.
    pub(super) fn account_key(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Option<[Value; 2]> {
        if self.sql.joins_account_key() && provider.as_str().contains(':') {
            return None;
        }
        self.key([provider.as_str(), provider_account_id.as_str()])
    }

    fn first_account(&self, rows: Vec<Row>) -> Result<Option<Account>, AdapterError> {
        first_made(rows).map(|row| self.decode_account(&mut row.into_iter())).transpose()
    }
}

#[async_trait]
impl<D: Driver> Accounts for SqlAdapter<D> {
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError> {
        let about = About::new("link_account", Entity::Account);
        let Some(owner) = self.user_id(user_id) else {
            return Err(AdapterError::OwnerAbsent { entity: about.entity });
        };
        let statements = self.account_statements(about.operation)?;
        let mut args = vec![owner, self.new_row_id(Table::Accounts)];
        push_account(&mut args, account);
        let mask = self.push_account_extra(&mut args, account, about.operation)?;
        let mut row = self.insert_owned(&statements.link.get(mask), &args, about).await?;
        self.decode_account(&mut row)
    }

    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let Some(key) = self.account_key(provider, provider_account_id) else {
            return Ok(None);
        };
        let about = About::new("unlink_account", Entity::Account);
        self.first_account(self.run(&self.account_statements(about.operation)?.unlink, &key, about).await?)
    }

    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError> {
        let Some(key) = self.account_key(provider, provider_account_id) else {
            return Ok(None);
        };
        let about = About::new("account", Entity::Account);
        self.first_account(self.run(&self.account_statements(about.operation)?.one, &key, about).await?)
    }

    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError> {
        let Some(id) = self.user_id(user_id) else {
            return Ok(Vec::new());
        };
        let about = About::new("accounts_of_user", Entity::Account);
        let statements = self.account_statements(about.operation)?;
        let rows = self.run(&statements.of_user, &[id], about).await?;
        let accounts = rows.into_iter().map(|row| self.decode_account(&mut row.into_iter()));
        let mut accounts = accounts.collect::<Result<Vec<_>, _>>()?;
        accounts.sort_by(|a, b| {
            (&a.provider, &a.provider_account_id).cmp(&(&b.provider, &b.provider_account_id))
        });
        Ok(accounts)
    }

    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError> {
        let about = About::new("update_account", Entity::Account);
        let Some(key) = self.account_key(provider, provider_account_id) else {
            return Ok(None);
        };
        let statements = self.account_statements(about.operation)?;
        let (mut mask, mut args) = (0, Vec::from(key));
        if let Some(tokens) = changes.tokens.as_set() {
            push_tokens(&mut args, tokens);
            mask |= TOKENS_CHANGED;
        }
        if mask == 0 && changes.extra.is_empty() {
            return self.account(provider, provider_account_id).await;
        }
        let extra = &changes.extra;
        mask |= self.push_extra(&mut args, Table::Accounts, extra, Occasion::Change, about.operation)? << 1;
        self.first_account(self.run(&statements.update.get(mask), &args, about).await?)
    }
}

impl<D: Driver> SqlAdapter<D> {
    /// Runs a plan that inserts a row that belongs to a user, and returns the cells of that row.
    pub(super) async fn insert_owned(
        &self,
        plan: &crate::statement::Plan,
        args: &[Value],
        about: About,
    ) -> Result<std::vec::IntoIter<Value>, AdapterError> {
        let results = match &*plan.steps {
            [_] => vec![self.run(plan, args, about).await?],
            _ => self.run_all(plan, args, about).await?,
        };
        let inserted = Inserted::read(plan, results, 2);
        match (inserted.probe, inserted.row) {
            ([false, ..], _) => Err(AdapterError::OwnerAbsent { entity: about.entity }),
            ([true, true, _], _) | (_, None) => Err(AdapterError::Conflict { entity: about.entity }),
            (_, Some(row)) => Ok(row),
        }
    }
}
