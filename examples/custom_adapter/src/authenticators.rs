//! Authenticators.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{AdapterError, Authenticator, Authenticators, CredentialId, DeviceType, Entity, UserId};

use crate::{Data, JsonFile};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    credential_id: Vec<u8>,
    pub(crate) user_id: String,
    provider_account_id: String,
    credential_public_key: Vec<u8>,
    counter: u32,
    /// Whether the credential can leave its device.
    multi_device: bool,
    backed_up: bool,
    transports: Option<String>,
}

impl From<&Authenticator> for Row {
    fn from(authenticator: &Authenticator) -> Self {
        Self {
            credential_id: authenticator.credential_id.as_bytes().to_vec(),
            user_id: authenticator.user_id.as_str().to_owned(),
            provider_account_id: authenticator.provider_account_id.as_str().to_owned(),
            credential_public_key: authenticator.credential_public_key.to_vec(),
            counter: authenticator.counter,
            multi_device: authenticator.device_type == DeviceType::MultiDevice,
            backed_up: authenticator.backed_up,
            transports: authenticator.transports.clone(),
        }
    }
}

impl Row {
    fn to_authenticator(&self) -> Authenticator {
        Authenticator {
            credential_id: CredentialId::new(&*self.credential_id),
            user_id: UserId::from(&*self.user_id),
            provider_account_id: (&*self.provider_account_id).into(),
            credential_public_key: (&*self.credential_public_key).into(),
            counter: self.counter,
            device_type: if self.multi_device { DeviceType::MultiDevice } else { DeviceType::SingleDevice },
            backed_up: self.backed_up,
            transports: self.transports.clone(),
        }
    }
}

impl Data {
    fn authenticator(&self, id: &CredentialId) -> Option<usize> {
        self.authenticators.iter().position(|row| row.credential_id == id.as_bytes())
    }
}

#[async_trait]
impl Authenticators for JsonFile {
    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError> {
        let new = authenticator.clone();
        self.change(move |data| {
            data.owner(&new.user_id, Entity::Authenticator)?;
            if data.authenticator(&new.credential_id).is_some() {
                return Err(AdapterError::Conflict { entity: Entity::Authenticator });
            }
            data.authenticators.push(Row::from(&new));
            Ok(())
        })
        .await
    }

    async fn authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        let data = self.read();
        Ok(data.authenticator(id).map(|at| data.authenticators[at].to_authenticator()))
    }

    async fn authenticators_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError> {
        let data = self.read();
        let of_user = data.authenticators.iter().filter(|row| row.user_id == user_id.as_str());
        let mut authenticators: Vec<Authenticator> = of_user.map(Row::to_authenticator).collect();
        authenticators.sort_by_cached_key(|authenticator| authenticator.credential_id.clone());
        Ok(authenticators)
    }

    async fn advance_counter(&self, id: &CredentialId, from: u32, to: u32) -> Result<bool, AdapterError> {
        let id = id.clone();
        self.change(move |data| {
            let Some(at) = data.authenticator(&id).filter(|&at| data.authenticators[at].counter == from)
            else {
                return Ok(false);
            };
            data.authenticators[at].counter = to;
            Ok(true)
        })
        .await
    }

    async fn delete_authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        let id = id.clone();
        self.change(move |data| {
            let at = data.authenticator(&id);
            Ok(at.map(|at| data.authenticators.remove(at).to_authenticator()))
        })
        .await
    }
}
