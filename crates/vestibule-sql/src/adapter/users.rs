use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, NewAccount, NewUser, ProviderAccountId, ProviderId, User, UserChanges, UserId,
    Users,
};

use super::{About, Inserted, SqlAdapter};
use crate::decode::{opt_text, time};
use crate::profile::Table;
use crate::statements::users::{ACCOUNT_EXTRA, CHANGEABLE, EMAIL_CHANGED, FIELDS, ID_GIVEN};
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

#[async_trait]
impl<D: Driver> Users for SqlAdapter<D> {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let about = About::new("create_user", Entity::User);
        let dialect = self.sql.dialect;
        // An id of the wrong shape is not this store's; the database makes one.
        let id = user.id.as_ref().and_then(|id| self.user_id(id));
        let id = id.filter(|_| self.sql.profile.id_kind != vestibule_core::IdKind::Serial);
        let mut mask = if id.is_some() { ID_GIVEN } else { 0 };
        let mut args = vec![
            id.unwrap_or(Value::Null),
            opt_text(user.name.as_deref()),
            opt_text(user.email.as_deref()),
            user.email_verified.map_or(Value::Null, |at| time(dialect, at)),
            opt_text(user.image.as_deref()),
        ];
        mask |= self.push_extra(&mut args, Table::Users, &user.extra, about.operation)?;
        if let Some(account) = account {
            mask |= self.push_account(&mut args, account, about.operation)? << ACCOUNT_EXTRA;
        }

        let variants = if account.is_some() { &self.users.create_with_account } else { &self.users.create };
        let plan = variants.get(mask);
        let results = match &*plan.steps {
            [_] => vec![self.run(&plan, &args, about).await?],
            _ => self.run_all(&plan, &args, about).await?,
        };
        let inserted = Inserted::read(dialect, results, 2);
        match (inserted.row, inserted.probe) {
            (Some(mut row), _) => self.decode_user(&mut row),
            (None, [false, true]) => Err(AdapterError::Conflict { entity: Entity::Account }),
            (None, _) => Err(AdapterError::Conflict { entity: Entity::User }),
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
        self.first_user(self.run(&self.users.by_email, &key, about).await?)
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
        self.first_user(self.run(&self.users.by_account, &key, about).await?)
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        let about = About::new("update_user", Entity::User);
        let Some(user_id) = self.user_id(id) else {
            return Ok(None);
        };
        let dialect = self.sql.dialect;
        let verified = changes.email_verified.as_set();
        let own = [
            changes.name.as_set().map(|name| opt_text(name.as_deref())),
            changes.email.as_set().map(|email| opt_text(email.as_deref())),
            verified.map(|at| at.map_or(Value::Null, |at| time(dialect, at))),
            changes.image.as_set().map(|image| opt_text(image.as_deref())),
        ];
        let (mut mask, mut args) = (0, vec![user_id]);
        for (bit, value) in own.into_iter().enumerate() {
            if let Some(value) = value {
                args.push(value);
                mask |= 1 << bit;
            }
        }
        mask |=
            self.push_extra(&mut args, Table::Users, &changes.extra, about.operation)? << CHANGEABLE.len();
        if mask == 0 {
            return self.user(id).await;
        }

        let plan = self.users.update.get(mask);
        if mask & EMAIL_CHANGED == 0 || self.sql.guarantees.unique_email {
            return self.first_user(self.run(&plan, &args, about).await?);
        }
        let results = self.run_all(&plan, &args, about).await?;
        let Inserted { probe: [taken, _], row } = Inserted::read(dialect, results, 1);
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
        self.first_user(self.run(&self.users.delete, &[id], about).await?)
    }
}
