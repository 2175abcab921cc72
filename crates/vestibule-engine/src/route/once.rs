//! What counts once: a note in the store, which can be made once.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule_core::{AdapterError, TokenHash, VerificationToken};

use crate::route::Context;

/// Takes note that a value was used, and tells whether that was the first time. Of any number of calls at once one is the
/// first. The note is kept for so long and does not tell the value. One round trip.
///
/// # Errors
///
/// [`AdapterError::Refused`] if the store has no place for verification tokens, and those of the store itself.
pub(super) async fn is_first_use(
    identifier: &str,
    value: &str,
    kept: Duration,
    context: &Context<'_>,
) -> Result<bool, AdapterError> {
    let used = VerificationToken {
        identifier: identifier.into(),
        token: TokenHash::from(hex::encode(Sha256::digest(value))),
        expires: context.parts.clock.now().after(kept),
    };
    match context.parts.adapter.create_verification_token(&used).await {
        Err(AdapterError::Conflict { .. }) => Ok(false),
        written => written.map(|()| true),
    }
}
