use async_trait::async_trait;
use vestibule_core::{AdapterError, Lease, Timestamp, TokenHash, VerificationToken, VerificationTokens};

use super::{Broken, Fault, MILLISECOND, OWN_CLOCK, round_trip};

#[async_trait]
impl VerificationTokens for Broken {
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        self.refuse_if_bare()?;
        if self.has(Fault::CreateTokenOverwrites) {
            self.memory.consume_verification_token(&token.identifier, &token.token).await?;
        }
        self.memory.create_verification_token(token).await
    }

    async fn consume_verification_token(
        &self,
        identifier: &str,
        token: &TokenHash,
    ) -> Result<Option<VerificationToken>, AdapterError> {
        self.refuse_if_bare()?;
        match self.fault {
            Fault::ConsumeIgnoresCase => {
                let token = TokenHash::from(token.expose().to_lowercase());
                self.memory.consume_verification_token(identifier, &token).await
            }
            Fault::ConsumeHidesExpired => {
                let consumed = self.memory.consume_verification_token(identifier, token).await?;
                Ok(consumed.filter(|consumed| !consumed.is_expired(OWN_CLOCK)))
            }
            Fault::ConsumeReadsThenDeletes => {
                // The store has no look-up of tokens: taken and put back, it is one.
                let Some(found) = self.memory.consume_verification_token(identifier, token).await? else {
                    return Ok(None);
                };
                let _ = self.memory.create_verification_token(&found).await;
                round_trip().await;
                self.memory.consume_verification_token(identifier, token).await?;
                Ok(Some(found))
            }
            Fault::ConsumeDeletesAllOfIdentifier => {
                let consumed = self.memory.consume_verification_token(identifier, token).await?;
                self.memory.consume_verification_token(identifier, &"two".into()).await?;
                Ok(consumed)
            }
            _ => self.memory.consume_verification_token(identifier, token).await,
        }
    }

    async fn delete_expired_tokens(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        self.refuse_if_bare()?;
        match self.fault {
            Fault::SweepsTokensEarly => {
                self.memory.delete_expired_tokens(now.after(MILLISECOND), limit).await
            }
            Fault::SweepsWithoutLimit => self.memory.delete_expired_tokens(now, u32::MAX).await,
            _ => self.memory.delete_expired_tokens(now, limit).await,
        }
    }

    async fn acquire_lease(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, AdapterError> {
        self.refuse_if_bare()?;
        match self.fault {
            Fault::LeaseIsHeldTooLong => {
                self.memory.acquire_lease(name, now.before(MILLISECOND), until).await
            }
            Fault::LeaseIsNoLock => {
                let lease = self.memory.acquire_lease(name, now, until).await?;
                Ok(lease.or(Some(Lease { name: name.into(), expires: until })))
            }
            _ => self.memory.acquire_lease(name, now, until).await,
        }
    }

    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError> {
        self.refuse_if_bare()?;
        let released = self.memory.release_lease(lease).await?;
        Ok(released || self.has(Fault::ReleasesAnyLease))
    }
}
