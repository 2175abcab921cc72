//! Registering a key, for who is signed in or for somebody new.

use vestibule_core::{AdapterError, Authenticator, NewAccount, User};
use vestibule_webauthn::Registered;

use crate::callbacks::{Who, told};
use crate::config::{PasskeyRegistration, WebAuthnProvider};
use crate::error::Failure;
use crate::route::{Context, Registrant};
use crate::session;
use crate::sign_in::webauthn::{account, ask, linked, sign_up};
use crate::sign_in::{ATTEMPTS, Found, Outcome, SignedIn};

/// How many passkeys a user may have. Whoever is signed in can ask for a challenge and answer it with a key that they have made
/// up, as often as they like; more than this nobody needs. Several registrations at once may go beyond it by their number.
pub(crate) const MAX_PASSKEYS: usize = 50;

/// The user for whom a key is registered, who has to be signed in; `None` for somebody new, where that is allowed. Nothing is
/// written.
///
/// # Errors
///
/// Somebody else is signed in meanwhile, or nobody: the challenge is not theirs.
pub(crate) async fn registering(
    provider: &WebAuthnProvider,
    registrant: &Registrant,
    context: &Context<'_>,
) -> Result<Option<User>, Failure> {
    let current = session::current(context).await?.map(|current| current.user);
    match (&registrant.id, &current) {
        (Some(id), Some(current)) if current.id == *id => Ok(Some(current.clone())),
        (None, None) if provider.registration == PasskeyRegistration::ByAddress => Ok(None),
        _ => Err(Failure::Check("challenge")),
    }
}

/// Registers a key for whom it was asked for, as the table says; `current` is who [`registering`] has just named, and nobody
/// else may be signed in meanwhile.
///
/// Others may link, create or delete at the same time; then the table is read anew.
pub(crate) async fn register(
    provider: &WebAuthnProvider,
    registrant: &Registrant,
    mut current: Option<User>,
    key: &Registered,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let account = account(provider, key.provider_account_id());
    let new = sign_up::new_user(registrant, context);
    let mut is_asked = false;
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            current = registering(provider, registrant, context).await?;
        }
        let adapter = &context.parts.adapter;
        let owner = adapter.user_by_account(&account.provider, &account.provider_account_id).await?;
        match (&current, &owner) {
            (_, None) => {}
            (Some(current), Some(owner)) if current.id == owner.id => {}
            _ => return Err(Failure::PasskeyNotLinked),
        }
        if current.is_none() && !sign_up::is_free(registrant, provider, context).await? {
            return Err(Failure::PasskeyNotLinked);
        }
        if !is_asked {
            if let Some(to) =
                ask(current.as_ref().map_or(Who::New(&new), Who::Known), &account, context).await?
            {
                return Ok(Outcome::Elsewhere(to));
            }
            is_asked = true;
        }
        let done = match &current {
            Some(user) => link(user.clone(), owner.is_some(), key, &account, context).await,
            None => sign_up::sign_up(&new, key, &account, provider, context).await,
        };
        match done {
            Err(Failure::Store(AdapterError::Conflict { .. })) => {}
            Err(failure) => return Err(failure),
            Ok(found) => {
                let Found { user, is_new, session } = found;
                if is_new {
                    let events = context.parts.events.as_deref();
                    told("createUser", events.map(|events| events.create_user(&user)), context.request).await;
                    linked(&user, Some(&new), &account, context).await;
                }
                return Ok(SignedIn { user, account, profile: None, is_new_user: is_new, session }.into());
            }
        }
    }
    Err(Failure::PasskeyNotLinked)
}

/// Gives a user the account of a key, and then the key. Up to four round trips, six where somebody else gets the key meanwhile.
///
/// The key that is there already has to be the very same one of the same user: then this is the second of two registrations.
/// Where an earlier one was interrupted the account is there, and the key follows. A key that somebody else gets meanwhile is
/// theirs, and what was linked for it is unlinked again.
async fn link(
    user: User,
    is_linked: bool,
    key: &Registered,
    account: &NewAccount,
    context: &Context<'_>,
) -> Result<Found, Failure> {
    let adapter = &context.parts.adapter;
    let row = key.clone().into_authenticator(user.id.clone());
    let same = |there: &Authenticator| {
        there.user_id == row.user_id && there.credential_public_key == row.credential_public_key
    };
    let keys = adapter.authenticators_of_user(&user.id).await?;
    let is_there = match keys.iter().find(|key| key.credential_id == row.credential_id) {
        Some(there) => Some(same(there)),
        None => adapter.authenticator(&row.credential_id).await?.as_ref().map(same),
    };
    match is_there {
        Some(false) => return Err(Failure::PasskeyNotLinked),
        None if keys.len() >= MAX_PASSKEYS => {
            tracing::warn!(user = user.id.as_str(), "a user has as many passkeys as anybody may have");
            return Err(Failure::Passkey("the user has as many keys as anybody may have".into()));
        }
        Some(true) | None => {}
    }
    if !is_linked {
        match adapter.link_account(&user.id, account).await {
            Ok(_) => {}
            Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
            Err(error) => return Err(error.into()),
        }
    }
    let mut is_new = !is_linked;
    if is_there.is_none() {
        match adapter.create_authenticator(&row).await {
            Ok(()) => is_new = true,
            Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
            Err(AdapterError::Conflict { .. }) => {
                if !adapter.authenticator(&row.credential_id).await?.as_ref().is_some_and(same) {
                    if !is_linked {
                        adapter.unlink_account(&account.provider, &account.provider_account_id).await?;
                    }
                    return Err(Failure::PasskeyNotLinked);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    if is_new {
        linked(&user, None, account, context).await;
    }
    Ok(Found::known(user))
}
