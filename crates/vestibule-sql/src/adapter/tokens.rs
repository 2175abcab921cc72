use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, Lease, Timestamp, TokenHash, VerificationToken, VerificationTokens,
};

use super::{About, SqlAdapter};
use crate::profile::Table;
use crate::statements::tokens::{FIELDS, TokenStatements};
use crate::{Driver, Value};

/// What a lease's row has for both identifier and token, so that no token that was sent to anybody can name it.
fn lease_key(name: &str) -> String {
    format!("vestibule:lease:{name}")
}

impl<D: Driver> SqlAdapter<D> {
    fn token_statements(&self, operation: &'static str) -> Result<&TokenStatements, AdapterError> {
        Self::statements(self.tokens.as_ref(), operation, "table for verification tokens")
    }
}

#[async_trait]
impl<D: Driver> VerificationTokens for SqlAdapter<D> {
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let about = About::new("create_verification_token", Entity::VerificationToken);
        let statements = self.token_statements(about.operation)?;
        let mut args = vec![
            Value::Text(token.identifier.to_string()),
            Value::Text(token.token.expose().to_owned()),
            Value::Time(token.expires),
            self.new_row_id(Table::VerificationTokens),
        ];
        self.push_fills(&mut args, Table::VerificationTokens);
        let rows = self.run(&statements.create, &args, about).await?;
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
        let rows = self.run(&self.token_statements(about.operation)?.consume, &key, about).await?;
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
        let args = [Value::Time(now), Value::Int(limit.into())];
        let statements = self.token_statements(about.operation)?;
        self.run_counted(&statements.delete_expired, &args, about).await
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
        let statements = self.token_statements(about.operation)?;
        let id = self.new_row_id(Table::VerificationTokens);
        let mut args = vec![key.clone(), key, Value::Time(until), Value::Time(now), id];
        self.push_fills(&mut args, Table::VerificationTokens);
        let rows = match self.run(&statements.acquire_lease, &args, about).await {
            // Somebody else was quicker by a moment.
            Err(AdapterError::Conflict { .. }) => return Ok(None),
            rows => rows?,
        };
        let expires = self.as_kept(Table::VerificationTokens, "expires", until);
        Ok((!rows.is_empty()).then(|| Lease { name: name.into(), expires }))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError> {
        let about = About::new("release_lease", Entity::VerificationToken);
        let key = lease_key(&lease.name);
        let Some([identifier, token]) = self.key([&key, &key]) else {
            return Ok(false);
        };
        let args = [identifier, token, Value::Time(lease.expires)];
        let statements = self.token_statements(about.operation)?;
        Ok(!self.run(&statements.release_lease, &args, about).await?.is_empty())
    }
}
