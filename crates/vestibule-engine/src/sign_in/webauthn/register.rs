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

/// Registers a key for whom it was asked for, as the table says; nobody else may be signed in meanwhile.
///
/// Others may link, create or delete at the same time; then the table is read anew.
pub(crate) async fn register(
    provider: &WebAuthnProvider,
    registrant: &Registrant,
    key: &Registered,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let account = account(provider, key.provider_account_id());
    let new = sign_up::new_user(registrant, context);
    let mut is_asked = false;
    for _ in 0..ATTEMPTS {
        let current = session::current(context).await?.map(|current| current.user);
        match (&registrant.id, &current) {
            (Some(id), Some(current)) if current.id == *id => {}
            (None, None) if provider.registration == PasskeyRegistration::ByAddress => {}
            _ => return Err(Failure::Check("challenge")),
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
        let done = match current {
            Some(user) => link(user, owner.is_some(), key, &account, context).await,
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

/// Gives the key to a user, and then the account that goes with it.
///
/// The key that is there already has to be the very same one of the same user: then an earlier registration was interrupted, or
/// this is the second of two.
async fn link(
    user: User,
    is_linked: bool,
    key: &Registered,
    account: &NewAccount,
    context: &Context<'_>,
) -> Result<Found, Failure> {
    let adapter = &context.parts.adapter;
    let row = key.clone().into_authenticator(user.id.clone());
    match adapter.create_authenticator(&row).await {
        Ok(()) => {}
        Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
        Err(AdapterError::Conflict { .. }) => {
            let there = adapter.authenticator(&row.credential_id).await?;
            let same = |there: &Authenticator| {
                there.user_id == row.user_id && there.credential_public_key == row.credential_public_key
            };
            if !there.as_ref().is_some_and(same) {
                return Err(Failure::PasskeyNotLinked);
            }
        }
        Err(error) => return Err(error.into()),
    }
    if !is_linked {
        match adapter.link_account(&user.id, account).await {
            Ok(_) => linked(&user, None, account, context).await,
            Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Found::known(user))
}
