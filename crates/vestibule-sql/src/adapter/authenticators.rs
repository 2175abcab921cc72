use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use vestibule_core::{AdapterError, Authenticator, Authenticators, CredentialId, DeviceType, Entity, UserId};

use super::{About, SqlAdapter};
use crate::decode::opt_text;
use crate::profile::Table;
use crate::statements::authenticators::{AuthenticatorStatements, FIELDS};
use crate::{Driver, Value};

impl<D: Driver> SqlAdapter<D> {
    fn authenticator_statements(
        &self,
        operation: &'static str,
    ) -> Result<&AuthenticatorStatements, AdapterError> {
        Self::statements(self.authenticators.as_ref(), operation, "table for authenticators")
    }

    fn decode_authenticator(
        &self,
        row: &mut std::vec::IntoIter<Value>,
    ) -> Result<Authenticator, AdapterError> {
        let mut cells = self.cells(Table::Authenticators, &FIELDS, row);
        let id = cells.text()?;
        let credential_id = BASE64_STANDARD.decode(id).map_err(|_| cells.corrupt("expected base64"))?;
        let user_id = UserId::new(cells.id()?);
        let provider_account_id = cells.text()?.into();
        let key = cells.text()?;
        let key = BASE64_STANDARD.decode(key).map_err(|_| cells.corrupt("expected base64"))?;
        let counter = cells.opt_int()?.and_then(|counter| u32::try_from(counter).ok());
        let counter = counter.ok_or_else(|| cells.corrupt("expected a counter of 32 bits"))?;
        let device_type = DeviceType::parse(&cells.text()?)
            .ok_or_else(|| cells.corrupt("expected singleDevice or multiDevice"))?;
        Ok(Authenticator {
            credential_id: CredentialId::new(credential_id),
            user_id,
            provider_account_id,
            credential_public_key: key.into(),
            counter,
            device_type,
            backed_up: cells.boolean()?,
            transports: cells.opt_text()?,
        })
    }
}

fn key(id: &CredentialId) -> Value {
    Value::Text(BASE64_STANDARD.encode(id.as_bytes()))
}

#[async_trait]
impl<D: Driver> Authenticators for SqlAdapter<D> {
    async fn create_authenticator(&self, new: &Authenticator) -> Result<(), AdapterError> {
        let about = About::new("create_authenticator", Entity::Authenticator);
        let statements = self.authenticator_statements(about.operation)?;
        let Some(owner) = self.user_id(&new.user_id) else {
            return Err(AdapterError::OwnerAbsent { entity: about.entity });
        };
        let args = [
            key(&new.credential_id),
            owner,
            Value::Text(new.provider_account_id.as_str().to_owned()),
            Value::Text(BASE64_STANDARD.encode(&new.credential_public_key)),
            Value::Int(new.counter.into()),
            Value::Text(new.device_type.as_str().to_owned()),
            Value::Bool(new.backed_up),
            opt_text(new.transports.as_deref()),
        ];
        self.insert_owned(&statements.create, &args, about).await.map(drop)
    }

    async fn authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        let about = About::new("authenticator", Entity::Authenticator);
        let statements = self.authenticator_statements(about.operation)?;
        let rows = self.run(&statements.one, &[key(id)], about).await?;
        rows.into_iter().next().map(|row| self.decode_authenticator(&mut row.into_iter())).transpose()
    }

    async fn authenticators_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError> {
        let about = About::new("authenticators_of_user", Entity::Authenticator);
        let statements = self.authenticator_statements(about.operation)?;
        let Some(id) = self.user_id(user_id) else {
            return Ok(Vec::new());
        };
        let rows = self.run(&statements.of_user, &[id], about).await?;
        let found = rows.into_iter().map(|row| self.decode_authenticator(&mut row.into_iter()));
        let mut found = found.collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|a, b| a.credential_id.cmp(&b.credential_id));
        Ok(found)
    }

    async fn advance_counter(&self, id: &CredentialId, from: u32, to: u32) -> Result<bool, AdapterError> {
        let about = About::new("advance_counter", Entity::Authenticator);
        let statements = self.authenticator_statements(about.operation)?;
        let args = [key(id), Value::Int(from.into()), Value::Int(to.into())];
        Ok(!self.run(&statements.advance_counter, &args, about).await?.is_empty())
    }

    async fn delete_authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError> {
        let about = About::new("delete_authenticator", Entity::Authenticator);
        let statements = self.authenticator_statements(about.operation)?;
        let rows = self.run(&statements.delete, &[key(id)], about).await?;
        rows.into_iter().next().map(|row| self.decode_authenticator(&mut row.into_iter())).transpose()
    }
}
