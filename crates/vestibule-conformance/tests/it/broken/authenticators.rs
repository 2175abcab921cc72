use async_trait::async_trait;
use vestibule_core::{AdapterError, Authenticator, Authenticators, CredentialId, UserId};

use super::{Broken, Fault, round_trip};

#[async_trait]
impl Authenticators for Broken {
    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError> {
        self.memory.create_authenticator(authenticator).await
    }

    async fn authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        self.memory.authenticator(id).await
    }

    async fn authenticators_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError> {
        self.memory.authenticators_of_user(user_id).await
    }

    async fn advance_counter(&self, id: &CredentialId, from: u32, to: u32) -> Result<bool, AdapterError> {
        match self.fault {
            Fault::CounterReadsThenWrites => {
                let found = self.memory.authenticator(id).await?;
                if found.is_none_or(|authenticator| authenticator.counter != from) {
                    return Ok(false);
                }
                round_trip().await;
                self.memory.advance_counter(id, from, to).await?;
                Ok(true)
            }
            Fault::AnyCounterWillDo => {
                let Some(found) = self.memory.authenticator(id).await? else {
                    return Ok(false);
                };
                self.memory.advance_counter(id, found.counter, to).await
            }
            _ => self.memory.advance_counter(id, from, to).await,
        }
    }

    async fn delete_authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        self.memory.delete_authenticator(id).await
    }
}
