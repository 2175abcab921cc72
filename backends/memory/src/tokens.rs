//! Verification tokens and leases.

use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, Lease, Timestamp, TokenHash, VerificationToken, VerificationTokens,
};

use crate::Memory;

#[async_trait]
impl VerificationTokens for Memory {
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let tables = &mut *self.tables();
        let tokens = tables.tokens.entry(token.identifier.clone()).or_default();
        if tokens.iter().any(|held| held.token == token.token) {
            return Err(AdapterError::Conflict { entity: Entity::VerificationToken });
        }

        tokens.push(token.clone());
        Ok(())
    }

    async fn consume_verification_token(
        &self,
        identifier: &str,
        token: &TokenHash,
    ) -> Result<Option<VerificationToken>, AdapterError> {
        let tables = &mut *self.tables();
        let Some(tokens) = tables.tokens.get_mut(identifier) else {
            return Ok(None);
        };
        let Some(at) = tokens.iter().position(|held| held.token == *token) else {
            return Ok(None);
        };

        let consumed = tokens.swap_remove(at);
        if tokens.is_empty() {
            tables.tokens.remove(identifier);
        }
        Ok(Some(consumed))
    }

    async fn delete_expired_tokens(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let tables = &mut *self.tables();
        let mut deleted = 0;
        let mut kept = |expires: Timestamp| {
            let delete = deleted < u64::from(limit) && expires < now;
            deleted += u64::from(delete);
            !delete
        };
        tables.tokens.retain(|_, tokens| {
            tokens.retain(|token| kept(token.expires));
            !tokens.is_empty()
        });
        tables.leases.retain(|_, expires| kept(*expires));
        Ok(deleted)
    }

    async fn acquire_lease(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, AdapterError> {
        if until <= now {
            return Err(AdapterError::Refused {
                operation: "acquire_lease",
                source: "a lease must end later than now".into(),
            });
        }
        let tables = &mut *self.tables();
        if tables.leases.get(name).is_some_and(|expires| *expires > now) {
            return Ok(None);
        }

        tables.leases.insert(name.into(), until);
        Ok(Some(Lease { name: name.into(), expires: until }))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError> {
        let tables = &mut *self.tables();
        let held = tables.leases.get(&lease.name) == Some(&lease.expires);
        if held {
            tables.leases.remove(&lease.name);
        }
        Ok(held)
    }
}
