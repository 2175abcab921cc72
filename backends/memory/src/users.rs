//! Users.

use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, Extra, IdKind, NewAccount, NewUser, ProviderAccountId, ProviderId, User,
    UserChanges, UserId, Users,
};

use crate::{Memory, Tables, columns};

/// A user to be created, checked as far as that needs no look at other rows.
pub(crate) struct Prepared<'a> {
    id_kind: IdKind,
    user: &'a NewUser,
    extra: Extra,
    account: Option<(&'a NewAccount, Extra)>,
}

impl Memory {
    pub(crate) fn prepared<'a>(
        &self,
        operation: &'static str,
        user: &'a NewUser,
        account: Option<&'a NewAccount>,
    ) -> Result<Prepared<'a>, AdapterError> {
        let extra = self.options.user_columns.row(operation, &user.extra)?;
        let account = match account {
            None => None,
            Some(account) => Some((account, self.options.account_columns.row(operation, &account.extra)?)),
        };
        Ok(Prepared { id_kind: self.options.id_kind, user, extra, account })
    }
}

impl Prepared<'_> {
    /// Refuses what another row has.
    pub(crate) fn check(&self, tables: &Tables) -> Result<(), AdapterError> {
        if let Some(email) = &self.user.email {
            tables.email_is_free(email)?;
        }
        if given_id(self.id_kind, self.user).is_some_and(|id| tables.users.contains_key(&id)) {
            return Err(AdapterError::Conflict { entity: Entity::User });
        }
        match &self.account {
            Some((account, _)) => tables.account_is_free(account),
            None => Ok(()),
        }
    }

    /// Inserts the user and its account, which have been checked.
    pub(crate) fn insert(self, tables: &mut Tables) -> User {
        let Self { id_kind, user, extra, account } = self;
        let stored = User {
            id: given_id(id_kind, user).unwrap_or_else(|| tables.next_user_id(id_kind)),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            image: user.image.clone(),
            extra,
        };
        tables.users.insert(stored.id.clone(), stored.clone());
        if let Some((account, extra)) = account {
            tables.insert_account(&stored.id, account, extra);
        }
        stored
    }
}

#[async_trait]
impl Users for Memory {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let prepared = self.prepared("create_user", user, account)?;
        let tables = &mut *self.tables();
        prepared.check(tables)?;
        Ok(prepared.insert(tables))
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        Ok(self.tables().users.get(id).cloned())
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError> {
        Ok(self.tables().user_by_email(email).cloned())
    }

    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError> {
        let tables = self.tables();
        let key = (provider.clone(), provider_account_id.clone());
        let owner = tables.accounts.get(&key).map(|account| &account.user_id);
        Ok(owner.and_then(|id| tables.users.get(id)).cloned())
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        self.options.user_columns.check("update_user", &changes.extra)?;
        let tables = &mut *self.tables();
        if let Some(Some(email)) = changes.email.as_set()
            && tables.users.contains_key(id)
            && tables.user_by_email(email).is_some_and(|holder| holder.id != *id)
        {
            return Err(AdapterError::Conflict { entity: Entity::User });
        }
        let Some(user) = tables.users.get_mut(id) else {
            return Ok(None);
        };

        if let Some(name) = changes.name.as_set() {
            user.name.clone_from(name);
        }
        if let Some(email) = changes.email.as_set() {
            user.email.clone_from(email);
        }
        if let Some(email_verified) = changes.email_verified.as_set() {
            user.email_verified = *email_verified;
        }
        if let Some(image) = changes.image.as_set() {
            user.image.clone_from(image);
        }
        columns::update(&mut user.extra, &changes.extra);
        Ok(Some(user.clone()))
    }

    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        let tables = &mut *self.tables();
        let user = tables.users.remove(id);
        if user.is_some() {
            tables.accounts.retain(|_, account| account.user_id != *id);
            tables.sessions.retain(|_, session| session.user_id != *id);
            tables.authenticators.retain(|_, authenticator| authenticator.user_id != *id);
        }
        Ok(user)
    }
}

impl Tables {
    fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| user.email.as_deref() == Some(email))
    }

    fn email_is_free(&self, email: &str) -> Result<(), AdapterError> {
        match self.user_by_email(email) {
            None => Ok(()),
            Some(_) => Err(AdapterError::Conflict { entity: Entity::User }),
        }
    }

    /// Refuses a row without an owner.
    pub(crate) fn user_exists(&self, id: &UserId, entity: Entity) -> Result<(), AdapterError> {
        if self.users.contains_key(id) {
            return Ok(());
        }
        Err(AdapterError::OwnerAbsent { entity })
    }

    fn next_user_id(&mut self, kind: IdKind) -> UserId {
        loop {
            self.ids += 1;
            let id = UserId::from(match kind {
                IdKind::Serial => self.ids.to_string(),
                IdKind::Uuid | IdKind::Text => {
                    format!("00000000-0000-4000-8000-{:012x}", self.ids & 0xffff_ffff_ffff)
                }
            });
            // The application may have chosen this very id before.
            if !self.users.contains_key(&id) {
                return id;
            }
        }
    }
}

/// The id that the caller chose, if it may choose and it is one; otherwise the store makes one.
fn given_id(kind: IdKind, user: &NewUser) -> Option<UserId> {
    let id = user.id.as_ref()?;
    let usable = match kind {
        IdKind::Serial => false,
        IdKind::Text => true,
        IdKind::Uuid => is_uuid(id.as_str()),
    };
    usable.then(|| id.clone())
}

/// Whether the text is a UUID in its canonical form (RFC 9562, section 4).
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}
