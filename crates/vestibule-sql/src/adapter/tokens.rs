use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, Lease, Timestamp, TokenHash, VerificationToken, VerificationTokens,
};

use super::{About, SqlAdapter};
use crate::decode::time;
use crate::profile::Table;
use crate::statements::tokens::FIELDS;
use crate::{Driver, Value};

/// What a lease's row has for both identifier and token, so that no token that was sent to anybody can name it.
fn lease_key(name: &str) -> String {
    format!("vestibule:lease:{name}")
}

#[async_trait]
impl<D: Driver> VerificationTokens for SqlAdapter<D> {
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let about = About::new("create_verification_token", Entity::VerificationToken);
        let args = [
            Value::Text(token.identifier.to_string()),
            Value::Text(token.token.expose().to_owned()),
            time(self.sql.dialect, token.expires),
        ];
        let rows = self.run(&self.tokens.create, &args, about).await?;
        if rows.is_empty() { Err(AdapterError::Conflict { entity: about.entity }) } else { Ok(()) }
    }

    async fn consume_verification_token(
        &self,
        identifier: &str,
        token: &TokenHash,
    ) -> Result<Option<VerificationToken>, AdapterError> {
        let Some(key) = self.key([identifier, token.expose()]) else {
            return Ok(None);
        };
        let about = About::new("consume_verification_token", Entity::VerificationToken);
        let rows = self.run(&self.tokens.consume, &key, about).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let mut cells = self.cells(Table::VerificationTokens, &FIELDS, &mut row);
        Ok(Some(VerificationToken {
            identifier: cells.text()?.into(),
            token: cells.text()?.into(),
            expires: cells.time()?,
        }))
    }

    async fn delete_expired_tokens(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let about = About::new("delete_expired_tokens", Entity::VerificationToken);
        let args = [time(self.sql.dialect, now), Value::Int(limit.into())];
        Ok(self.run(&self.tokens.delete_expired, &args, about).await?.len() as u64)
    }

    async fn acquire_lease(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, AdapterError> {
        let about = About::new("acquire_lease", Entity::VerificationToken);
        if until <= now {
            let source = "a lease must end later than it begins".into();
            return Err(AdapterError::Refused { operation: about.operation, source });
        }
        let key = Value::Text(lease_key(name));
        let args = [key.clone(), key, time(self.sql.dialect, until), time(self.sql.dialect, now)];
        let rows = self.run(&self.tokens.acquire_lease, &args, about).await?;
        Ok((!rows.is_empty()).then(|| Lease { name: name.into(), expires: until }))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError> {
        let about = About::new("release_lease", Entity::VerificationToken);
        let key = lease_key(&lease.name);
        let Some([identifier, token]) = self.key([&key, &key]) else {
            return Ok(false);
        };
        let args = [identifier, token, time(self.sql.dialect, lease.expires)];
        Ok(!self.run(&self.tokens.release_lease, &args, about).await?.is_empty())
    }
}
