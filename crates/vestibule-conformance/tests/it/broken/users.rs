use async_trait::async_trait;
use vestibule_core::{
    Accounts, AdapterError, Change, Extra, NewAccount, NewUser, ProviderAccountId, ProviderId, User,
    UserChanges, UserId, Users,
};

use super::{Broken, Fault, round_trip};

fn cut(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

#[async_trait]
impl Users for Broken {
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError> {
        let mut new = user.clone();
        if account.is_some()
            || (NewUser { id: None, extra: Extra::new(), ..new.clone() }) != NewUser::default()
        {
            self.refuse_if_bare()?;
        }
        match self.fault {
            Fault::CreateDropsExtra => new.extra.clear(),
            Fault::CreateTakesNullForDefault => new.extra.retain(|_, value| !value.is_null()),
            Fault::CreateDropsUndeclared => {
                let declared = self.memory.create_user(&NewUser::default(), None).await?;
                new.extra.retain(|name, _| declared.extra.contains_key(name));
                self.memory.delete_user(&declared.id).await?;
            }
            Fault::CutsAtNul => new.name = new.name.as_deref().map(cut),
            Fault::CreateInTwoSteps => {
                let created = self.memory.create_user(&new, None).await?;
                round_trip().await;
                if let Some(account) = account {
                    self.memory.link_account(&created.id, account).await?;
                }
                return Ok(created);
            }
            _ => {}
        }
        let created = self.memory.create_user(&new, account).await;
        if self.has(Fault::CreateAcceptsTakenEmail)
            && created.is_err()
            && let Some(email) = &new.email
            && let Some(user) = self.memory.user_by_email(email).await?
        {
            return Ok(user);
        }
        created
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        if self.has(Fault::MalformedIdIsAnError) && id.as_str().parse::<i32>().is_err() {
            return Err(AdapterError::Refused { operation: "user", source: "not a number".into() });
        }
        self.memory.user(id).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError> {
        self.refuse_if_bare()?;
        match self.fault {
            Fault::EmailIgnoresCase => self.memory.user_by_email(&email.to_lowercase()).await,
            Fault::CutsAtNul => self.memory.user_by_email(&cut(email)).await,
            _ => self.memory.user_by_email(email).await,
        }
    }

    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError> {
        self.refuse_if_bare()?;
        self.memory.user_by_account(provider, provider_account_id).await
    }

    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError> {
        if (UserChanges { extra: Extra::new(), ..changes.clone() }) != UserChanges::default() {
            self.refuse_if_bare()?;
        }
        let mut changes = changes.clone();
        match self.fault {
            Fault::UpdateWritesWholeRow => {
                let Some(user) = self.memory.user(id).await? else {
                    return Ok(None);
                };
                round_trip().await;
                let whole = |change: Change<Option<String>>, old: Option<String>| match change {
                    Change::Keep => Change::Set(old),
                    set @ Change::Set(_) => set,
                };
                changes.name = whole(changes.name, user.name);
                changes.email = whole(changes.email, user.email);
                changes.image = whole(changes.image, user.image);
            }
            Fault::UpdateMakesGhost if self.memory.user(id).await?.is_none() => {
                let email = changes.email.as_set().cloned().flatten();
                let ghost = NewUser { id: Some(id.clone()), email, ..NewUser::default() };
                return self.memory.create_user(&ghost, None).await.map(Some);
            }
            Fault::UpdateTakesNullForKeep if changes.name == Change::Set(None) => changes.name = Change::Keep,
            _ => {}
        }
        self.memory.update_user(id, &changes).await
    }

    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError> {
        self.memory.delete_user(id).await
    }
}
