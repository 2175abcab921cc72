//! Users.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{
    AdapterError, Entity, Extra, NewAccount, NewUser, ProviderAccountId, ProviderId, Timestamp, User,
    UserChanges, UserId, Users,
};

use crate::{Data, JsonFile, accounts};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<i64>,
    image: Option<String>,
    extra: Extra,
}

impl Row {
    pub(crate) fn to_user(&self) -> User {
        User {
            id: UserId::from(&*self.id),
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified.map(Timestamp::from_millis),
            image: self.image.clone(),
            extra: self.extra.clone(),
        }
    }
}

/// A user that has no id yet, with its first account if there is one.
pub(crate) struct NewRow {
    user: NewUser,
    extra: Extra,
    account: Option<accounts::Row>,
}

impl NewRow {
    pub(crate) fn new(user: &NewUser, account: Option<&NewAccount>, store: &JsonFile) -> Self {
        let account = account.map(|account| accounts::Row::new(account, store));
        Self { user: user.clone(), extra: store.row_extra(&user.extra), account }
    }
}

impl Data {
    pub(crate) fn insert_user(&mut self, new: NewRow) -> Result<User, AdapterError> {
        let NewRow { user: new, extra, account } = new;
        self.email_is_free(new.email.as_deref(), None)?;
        let given = new.id.map(|id| String::from(id.into_inner()));
        if given.as_deref().is_some_and(|id| self.user(id).is_some()) {
            return Err(AdapterError::Conflict { entity: Entity::User });
        }
        let mut id = given.unwrap_or_else(|| self.next_id());
        while self.user(&id).is_some() {
            id = self.next_id();
        }
        if let Some(account) = account {
            self.insert_account(&UserId::from(&*id), account)?;
        }
        let row = Row {
            id,
            name: new.name,
            email: new.email,
            email_verified: new.email_verified.map(Timestamp::as_millis),
            image: new.image,
            extra,
        };
        let user = row.to_user();
        self.users.push(row);
        Ok(user)
    }

    pub(crate) fn user(&self, id: &str) -> Option<&Row> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Refuses a row whose user is not there.
    pub(crate) fn owner(&self, id: &UserId, entity: Entity) -> Result<(), AdapterError> {
        self.user(id.as_str()).map(drop).ok_or(AdapterError::OwnerAbsent { entity })
    }

    /// Refuses an address that another user has.
    fn email_is_free(&self, email: Option<&str>, but_for: Option<&str>) -> Result<(), AdapterError> {
        let taken = |user: &Row| user.email.as_deref() == email && Some(&*user.id) != but_for;
        if email.is_some() && self.users.iter().any(taken) {
            return Err(AdapterError::Conflict { entity: Entity::User });
        }
        Ok(())
    }
}

#[async_trait]
impl Users for JsonFile {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let new = NewRow::new(user, account, self);
        self.change(move |data| data.insert_user(new)).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        Ok(self.read().user(id.as_str()).map(Row::to_user))
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError> {
        let data = self.read();
        Ok(data.users.iter().find(|user| user.email.as_deref() == Some(email)).map(Row::to_user))
    }

    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError> {
        let data = self.read();
        let account = data.accounts.iter().find(|account| account.is(provider, provider_account_id));
        Ok(account.and_then(|account| data.user(&account.user_id)).map(Row::to_user))
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        let (id, changes) = (id.as_str().to_owned(), changes.clone());
        self.change(move |data| {
            let Some(at) = data.users.iter().position(|user| user.id == id) else {
                return Ok(None);
            };
            let email = changes.email.as_set().and_then(Option::as_deref);
            data.email_is_free(email, Some(&id))?;
            let user = &mut data.users[at];
            if let Some(name) = changes.name.as_set() {
                user.name.clone_from(name);
            }
            if let Some(email) = changes.email.as_set() {
                user.email.clone_from(email);
            }
            if let Some(verified) = changes.email_verified.as_set() {
                user.email_verified = verified.map(Timestamp::as_millis);
            }
            if let Some(image) = changes.image.as_set() {
                user.image.clone_from(image);
            }
            user.extra.extend(changes.extra);
            Ok(Some(user.to_user()))
        })
        .await
    }

    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        let id = id.as_str().to_owned();
        self.change(move |data| {
            let Some(at) = data.users.iter().position(|user| user.id == id) else {
                return Ok(None);
            };
            data.accounts.retain(|account| account.user_id != id);
            data.sessions.retain(|session| session.user_id != id);
            data.authenticators.retain(|authenticator| authenticator.user_id != id);
            Ok(Some(data.users.remove(at).to_user()))
        })
        .await
    }
}
