//! Verification tokens and leases.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{
    AdapterError, Entity, Lease, Timestamp, TokenHash, VerificationToken, VerificationTokens,
};

use crate::JsonFile;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    identifier: String,
    token: String,
    expires: i64,
}

impl Row {
    fn is(&self, identifier: &str, token: &TokenHash) -> bool {
        self.identifier == identifier && self.token == token.expose()
    }
}

#[async_trait]
impl VerificationTokens for JsonFile {
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let new = token.clone();
        self.change(move |data| {
            if data.tokens.iter().any(|row| row.is(&new.identifier, &new.token)) {
                return Err(AdapterError::Conflict { entity: Entity::VerificationToken });
            }
            data.tokens.push(Row {
                identifier: new.identifier.into(),
                token: new.token.expose().to_owned(),
                expires: new.expires.as_millis(),
            });
            Ok(())
        })
        .await
    }

    async fn consume_verification_token(
        &self,
        identifier: &str,
        token: &TokenHash,
    ) -> Result<Option<VerificationToken>, AdapterError> {
        let (identifier, token) = (identifier.to_owned(), token.clone());
        self.change(move |data| {
            let Some(at) = data.tokens.iter().position(|row| row.is(&identifier, &token)) else {
                return Ok(None);
            };
            let row = data.tokens.remove(at);
            Ok(Some(VerificationToken {
                identifier: row.identifier.into(),
                token: row.token.into(),
                expires: Timestamp::from_millis(row.expires),
            }))
        })
        .await
    }

    async fn delete_expired_tokens(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        self.change(move |data| {
            let mut deleted = 0;
            let mut keep = |expires: i64| {
                let delete = deleted < u64::from(limit) && expires < now.as_millis();
                deleted += u64::from(delete);
                !delete
            };
            data.tokens.retain(|row| keep(row.expires));
            data.leases.retain(|_, expires| keep(*expires));
            Ok(deleted)
        })
        .await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, AdapterError> {
        if until <= now {
            let source = "a lease must end later than it begins".into();
            return Err(AdapterError::Refused { operation: "acquire_lease", source });
        }
        let name = name.to_owned();
        self.change(move |data| {
            if data.leases.get(&name).is_some_and(|expires| *expires > now.as_millis()) {
                return Ok(None);
            }
            data.leases.insert(name.clone(), until.as_millis());
            Ok(Some(Lease { name: name.into(), expires: until }))
        })
        .await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError> {
        let lease = lease.clone();
        self.change(move |data| {
            let held = data.leases.get(&*lease.name) == Some(&lease.expires.as_millis());
            if held {
                data.leases.remove(&*lease.name);
            }
            Ok(held)
        })
        .await
    }
}
