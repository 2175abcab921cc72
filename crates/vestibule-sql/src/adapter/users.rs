use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, NewAccount, NewUser, ProviderAccountId, ProviderId, User, UserChanges, UserId,
    Users,
};

use super::accounts::push_account;
use super::fill::Occasion;
use super::{About, Inserted, MOST_ATTEMPTS, SqlAdapter};
use crate::decode::opt_text;
use crate::profile::Table;
use crate::statements::users::{ACCOUNT_EXTRA, CHANGEABLE, EMAIL_CHANGED, FIELDS};
use crate::{Driver, Row, Value};

impl<D: Driver> SqlAdapter<D> {
    pub(super) fn decode_user(&self, row: &mut std::vec::IntoIter<Value>) -> Result<User, AdapterError> {
        let mut cells = self.cells(Table::Users, &FIELDS, row);
        Ok(User {
            id: UserId::new(cells.id()?),
            name: cells.opt_text()?,
            email: cells.opt_text()?,
            email_verified: cells.opt_time()?,
            image: cells.opt_text()?,
            extra: cells.extra()?,
        })
    }

    fn first_user(&self, rows: Vec<Row>) -> Result<Option<User>, AdapterError> {
        rows.into_iter().next().map(|row| self.decode_user(&mut row.into_iter())).transpose()
    }
}

impl<D: Driver> SqlAdapter<D> {
    /// An address that would be lost is refused. Names, images and the like are left out where there is no
    /// column for them.
    fn refuse_email(&self, email: Option<&str>, about: About) -> Result<(), AdapterError> {
        if email.is_none() || self.sql.has(Table::Users, "email") {
            return Ok(());
        }
        let source = "the schema profile has no column for e-mail addresses".into();
        Err(AdapterError::Refused { operation: about.operation, source })
    }
}

#[async_trait]
impl<D: Driver> Users for SqlAdapter<D> {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let about = About::new("create_user", Entity::User);
        self.refuse_email(user.email.as_deref(), about)?;
        let mut args = vec![
            self.new_user_id(user.id.as_ref()),
            opt_text(user.name.as_deref()),
            opt_text(user.email.as_deref()),
            user.email_verified.map_or(Value::Null, Value::Time),
            opt_text(user.image.as_deref()),
        ];
        if let Some(account) = account {
            self.account_statements(about.operation)?;
            args.push(self.new_row_id(Table::Accounts));
            push_account(&mut args, account);
        }
        let mut mask =
            self.push_extra(&mut args, Table::Users, &user.extra, Occasion::Create, about.operation)?;
        if let Some(account) = account {
            mask |= self.push_account_extra(&mut args, account, about.operation)? << ACCOUNT_EXTRA;
        }

        let variants = if account.is_some() { &self.users.create_with_account } else { &self.users.create };
        let plan = variants.get(mask);
        let mut attempt = 1;
        let inserted = loop {
            let results = match &*plan.steps {
                [_] => vec![self.run(&plan, &args, about).await?],
                _ => self.run_all(&plan, &args, about).await?,
            };
            let inserted = Inserted::read(&plan, results, 2);
            // Nothing was taken, and then something was: somebody was faster, and the next probe tells at what.
            let is_overtaken =
                inserted.row.is_none() && inserted.was_probed_before && inserted.probe == [false, false];
            if !is_overtaken || attempt == MOST_ATTEMPTS {
                break inserted;
            }
            attempt += 1;
        };
        match (inserted.probe, inserted.row) {
            ([true, _], _) => Err(AdapterError::Conflict { entity: Entity::User }),
            ([false, true], _) => Err(AdapterError::Conflict { entity: Entity::Account }),
            (_, Some(mut row)) => self.decode_user(&mut row),
            (_, None) => Err(AdapterError::Conflict { entity: Entity::User }),
        }
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        let Some(id) = self.user_id(id) else {
            return Ok(None);
        };
        self.first_user(self.run(&self.users.by_id, &[id], About::new("user", Entity::User)).await?)
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError> {
        let Some(key) = self.key([email]) else {
            return Ok(None);
        };
        let about = About::new("user_by_email", Entity::User);
        let Some(plan) = &self.users.by_email else {
            return Ok(None);
        };
        self.first_user(self.run(plan, &key, about).await?)
    }

    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError> {
        let Some(key) = self.account_key(provider, provider_account_id) else {
            return Ok(None);
        };
        let about = About::new("user_by_account", Entity::User);
        let plan = Self::statements(self.users.by_account.as_ref(), about.operation, "table for accounts")?;
        self.first_user(self.run(plan, &key, about).await?)
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        let about = About::new("update_user", Entity::User);
        let Some(user_id) = self.user_id(id) else {
            return Ok(None);
        };
        self.refuse_email(changes.email.as_set().and_then(Option::as_deref), about)?;
        let verified = changes.email_verified.as_set();
        let own = [
            changes.name.as_set().map(|name| opt_text(name.as_deref())),
            changes.email.as_set().map(|email| opt_text(email.as_deref())),
            verified.map(|at| at.map_or(Value::Null, Value::Time)),
            changes.image.as_set().map(|image| opt_text(image.as_deref())),
        ];
        let (mut mask, mut args) = (0, vec![user_id]);
        for (bit, (value, field)) in own.into_iter().zip(CHANGEABLE).enumerate() {
            if let Some(value) = value.filter(|_| self.sql.has(Table::Users, field)) {
                args.push(value);
                mask |= 1 << bit;
            }
        }
        if mask == 0 && changes.extra.is_empty() {
            return self.user(id).await;
        }
        let extra =
            self.push_extra(&mut args, Table::Users, &changes.extra, Occasion::Change, about.operation)?;
        mask |= extra << CHANGEABLE.len();

        let plan = self.users.update.get(mask);
        if mask & EMAIL_CHANGED == 0 || self.sql.guarantees.unique_email {
            return self.first_user(self.run(&plan, &args, about).await?);
        }
        let results = match &*plan.steps {
            [_] => vec![self.run(&plan, &args, about).await?],
            _ => self.run_all(&plan, &args, about).await?,
        };
        let Inserted { probe: [taken, _], row, .. } = Inserted::read(&plan, results, 1);
        match (row, taken) {
            (_, true) => Err(AdapterError::Conflict { entity: Entity::User }),
            (Some(mut row), false) => self.decode_user(&mut row).map(Some),
            (None, false) => Ok(None),
        }
    }

    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        let Some(id) = self.user_id(id) else {
            return Ok(None);
        };
        let about = About::new("delete_user", Entity::User);
        let marks = self.sql.profile.deleted_at.is_some();
        let args = if marks { vec![id, self.now()] } else { vec![id] };
        self.first_user(self.run(&self.users.delete, &args, about).await?)
    }
}
