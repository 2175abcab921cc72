//! Somebody new, with a key.
//!
//! The user comes with the account and the session, all or nothing; the key needs its user and follows. A process that dies in
//! between leaves a user whom nobody can get into, and whose address nobody else could register. So before the user it is
//! written down that there is a sign-up with this address and this key, and taken out once the key is stored. Whoever comes with
//! the address of a user that has nothing but the account of a sign-up that is still written down takes that note and deletes
//! the user. A note is taken once: either by the sign-up, which then is done, or by who clears it away, and then the sign-up
//! fails. Nobody's user is deleted who has a key, another account, or an address that was verified.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule_core::{
    Account, AdapterError, NewAccount, NewUser, ProviderAccountId, TokenHash, User, UserId, VerificationToken,
};
use vestibule_webauthn::Registered;

use crate::config::WebAuthnProvider;
use crate::error::Failure;
use crate::random;
use crate::route::{Context, Registrant};
use crate::sign_in::{self, Found};

/// Under which identifier the sign-ups are noted that are not done.
const UNDONE: &str = "vestibule:webauthn-sign-up";
/// How long what an interrupted sign-up has left can be cleared away.
const KEPT: Duration = Duration::from_hours(24 * 365);

/// The user that a registrant would be.
pub(super) fn new_user(registrant: &Registrant, context: &Context<'_>) -> NewUser {
    NewUser {
        id: Some(UserId::from(random::uuid(&*context.parts.random))),
        name: registrant.name.clone(),
        ..NewUser::with_email(&*registrant.email)
    }
}

/// Whether nobody has the address; what an interrupted sign-up has left is cleared away.
pub(super) async fn is_free(
    registrant: &Registrant,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<bool, Failure> {
    match context.parts.adapter.user_by_email(&registrant.email).await? {
        None => Ok(true),
        Some(user) => clear_left_over(&user, provider, context).await,
    }
}

/// The one account of a user who has no key and nothing else.
async fn only_account(
    user: &User,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Option<Account>, Failure> {
    if user.email_verified.is_some() {
        return Ok(None);
    }
    let adapter = &context.parts.adapter;
    if !adapter.authenticators_of_user(&user.id).await?.is_empty() {
        return Ok(None);
    }
    let mut accounts = adapter.accounts_of_user(&user.id).await?;
    let account = accounts.pop().filter(|account| accounts.is_empty() && account.provider == provider.id);
    Ok(account)
}

/// Deletes a user whom an interrupted sign-up has left, and tells whether it was one, so that the address can be registered.
///
/// One round trip for a user with a verified address or a key, up to four otherwise.
pub(crate) async fn clear_left_over(
    user: &User,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<bool, Failure> {
    let adapter = &context.parts.adapter;
    let Some(account) = only_account(user, provider, context).await? else { return Ok(false) };
    let note = note(user.email.as_deref(), provider, &account.provider_account_id, context);
    if adapter.consume_verification_token(&note.identifier, &note.token).await?.is_none() {
        return Ok(false);
    }
    if let Err(error) = adapter.delete_user(&user.id).await {
        // So that the next one can. If this fails too, the operator has to delete the user.
        let _ = adapter.create_verification_token(&note).await;
        return Err(error.into());
    }
    Ok(true)
}

/// That a sign-up has begun. It tells neither the address nor the key.
fn note(
    email: Option<&str>,
    provider: &WebAuthnProvider,
    id: &ProviderAccountId,
    context: &Context<'_>,
) -> VerificationToken {
    let parts = [email.unwrap_or_default(), provider.id.as_str(), id.as_str()];
    let digest = Sha256::digest(parts.join("\0"));
    VerificationToken {
        identifier: UNDONE.into(),
        token: TokenHash::from(hex::encode(digest)),
        expires: context.parts.clock.now().after(KEPT),
    }
}

/// Creates the user with account and session, then the key. What went wrong halfway is undone. Four round trips.
///
/// # Errors
///
/// A conflict if somebody else was first with the address or the key. Of two sign-ups at once with the same address and the same
/// key the second one leaves the note to the first, which answers for it.
pub(super) async fn sign_up(
    new: &NewUser,
    key: &Registered,
    account: &NewAccount,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Found, Failure> {
    let adapter = &context.parts.adapter;
    let note = note(new.email.as_deref(), provider, &account.provider_account_id, context);
    adapter.create_verification_token(&note).await?;
    let take = || adapter.consume_verification_token(&note.identifier, &note.token);
    let found = match sign_in::sign_up(new, Some(account), context).await {
        Ok(found) => found,
        Err(error) => {
            // Nothing was written, unless that is not known.
            if !matches!(error, AdapterError::Unavailable(_)) {
                take().await?;
            }
            return Err(error.into());
        }
    };
    let row = key.clone().into_authenticator(found.user.id.clone());
    if let Err(error) = adapter.create_authenticator(&row).await {
        if adapter.delete_user(&found.user.id).await.is_ok() {
            let _ = take().await;
        } else {
            tracing::warn!(
                "a user was left without a passkey; who registers the address again clears it away"
            );
        }
        return Err(match error {
            AdapterError::Conflict { .. } | AdapterError::OwnerAbsent { .. } => Failure::PasskeyNotLinked,
            error => error.into(),
        });
    }
    match take().await? {
        Some(_) => Ok(found),
        // Somebody else took this one for left over, and deletes it.
        None => Err(Failure::PasskeyNotLinked),
    }
}
