use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, NewAccount, NewUser, ProviderAccountId, ProviderId, User, UserChanges, UserId,
    Users,
};

use super::fill::Occasion;
use super::{About, Inserted, SqlAdapter};
use crate::decode::opt_text;
use crate::profile::Table;
use crate::statements::users::{CHANGEABLE, EMAIL_CHANGED, FIELDS};
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
        let mut row = self.insert_user(user, account, None).await?;
        self.decode_user(&mut row)
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
        let Inserted { probe: [taken, ..], row, .. } = Inserted::read(&plan, results, 1);
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
