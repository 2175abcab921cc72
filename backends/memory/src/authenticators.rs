//! Authenticators.

use async_trait::async_trait;
use vestibule_core::{AdapterError, Authenticator, Authenticators, CredentialId, Entity, UserId};

use crate::Memory;

#[async_trait]
impl Authenticators for Memory {
    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError> {
        self.has_authenticators("create_authenticator")?;
        let tables = &mut *self.tables();
        tables.user_exists(&authenticator.user_id, Entity::Authenticator)?;
        if tables.authenticators.contains_key(&authenticator.credential_id) {
            return Err(AdapterError::Conflict { entity: Entity::Authenticator });
        }

        tables.authenticators.insert(authenticator.credential_id.clone(), authenticator.clone());
        Ok(())
    }

    async fn authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        self.has_authenticators("authenticator")?;
        Ok(self.tables().authenticators.get(id).cloned())
    }

    async fn authenticators_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError> {
        self.has_authenticators("authenticators_of_user")?;
        let tables = self.tables();
        // The key orders them by id.
        let authenticators = tables.authenticators.values().filter(|held| held.user_id == *user_id);
        Ok(authenticators.cloned().collect())
    }

    async fn advance_counter(&self, id: &CredentialId, from: u32, to: u32) -> Result<bool, AdapterError> {
        self.has_authenticators("advance_counter")?;
        let tables = &mut *self.tables();
        let Some(authenticator) = tables.authenticators.get_mut(id).filter(|held| held.counter == from)
        else {
            return Ok(false);
        };

        authenticator.counter = to;
        Ok(true)
    }

    async fn delete_authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        self.has_authenticators("delete_authenticator")?;
        Ok(self.tables().authenticators.remove(id))
    }
}

impl Memory {
    fn has_authenticators(&self, operation: &'static str) -> Result<(), AdapterError> {
        if self.options.authenticators {
            return Ok(());
        }
        Err(AdapterError::Refused { operation, source: "there is no place for authenticators".into() })
    }
}
