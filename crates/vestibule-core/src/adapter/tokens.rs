use std::fmt;

use async_trait::async_trait;

use crate::{AdapterError, Lease, Timestamp, TokenHash, VerificationToken};

/// Keeps verification tokens and leases.
#[async_trait]
pub trait VerificationTokens: fmt::Debug + Send + Sync + 'static {
    /// Stores a token. One identifier may have any number of them. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] if this identifier has this very token already.
    #[doc(alias = "createVerificationToken")]
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError>;

    /// Takes a token out of the store, so that nobody can use it again.
    ///
    /// Returns `None` if there is no such token for `identifier`; other tokens of the identifier are left
    /// alone. An expired one is returned, and removed, like any other. Of any number of concurrent calls with
    /// one token, exactly one gets it. One round trip.
    ///
    /// # Errors
    ///
    /// After [`AdapterError::Unavailable`] the token may be gone or not.
    #[doc(alias = "useVerificationToken")]
    async fn consume_verification_token(
        &self,
        identifier: &str,
        token: &TokenHash,
    ) -> Result<Option<VerificationToken>, AdapterError>;

    /// Deletes at most `limit` tokens and leases that have expired at `now` (`expires < now`) and says how
    /// many. Fewer than `limit` means that none is left. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn delete_expired_tokens(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError>;

    /// Takes the lease `name` until `until`, if nobody holds it at `now`.
    ///
    /// Returns `None` while somebody does. Of any number of concurrent calls exactly one gets it. One round
    /// trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Refused`] if `until` is not later than `now`.
    async fn acquire_lease(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, AdapterError>;

    /// Gives a lease back. Says whether it was still there, expired or not; a lease that somebody else has taken
    /// over meanwhile, or that was swept, is `false`. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn release_lease(&self, lease: &Lease) -> Result<bool, AdapterError>;
}
