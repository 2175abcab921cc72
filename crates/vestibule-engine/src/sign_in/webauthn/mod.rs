//! Signing in by a key: whose it is, and whose it becomes.
//!
//! | signed in | key of | user with the address | signing in | registering |
//! |---|---|---|---|---|
//! | nobody | U | | U signs in | refused |
//! | U | U | | U signs in | U signs in, if it is the very same key |
//! | U | V | | refused | refused |
//! | U | nobody | | refused | the key is linked to U |
//! | nobody | nobody | yes | refused | refused |
//! | nobody | nobody | no | refused | user, account, session and key are created |
//!
//! In the original registering a key that is somebody's goes on as if they had signed in, and fails only since the key cannot be
//! stored twice. A registration does not show that one has the key: whoever knows its id can send it.
//!
//! An account and its key are two rows, and no operation of a store writes both. The account is written first,
//! and the key is deleted first: an account without its key is no way in. Nor is a key without its account, as in the original, so
//! that an application that deletes the account alone has taken the key away.
//!
//! - *Linking* that was interrupted is completed by registering the key again.
//! - *Signing up* writes the user together with the account; [`sign_up`] says what becomes of one that is left without a key.

mod register;
mod sign_up;

use vestibule_core::{AccountType, Authenticator, NewAccount, NewUser, ProviderAccountId, User};

use crate::callbacks::{LinkedEvent, SignInAttempt, SignInMethod, Who, told};
use crate::config::WebAuthnProvider;
use crate::error::Failure;
use crate::route::Context;
use crate::session;
use crate::sign_in::{ATTEMPTS, Outcome, SignedIn, may};

pub(crate) use register::{MAX_PASSKEYS, register, registering};
pub(crate) use sign_up::clear_left_over;

/// Signs in whoever has a key that answered, if the key has its account. Two round trips before the session.
pub(crate) async fn authenticate(
    provider: &WebAuthnProvider,
    key: &Authenticator,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let account = account(provider, key.provider_account_id.clone());
    let current = session::current(context).await?;
    let adapter = &context.parts.adapter;
    let owner = adapter.user_by_account(&account.provider, &account.provider_account_id).await?;
    let user = match owner {
        Some(owner) if owner.id == key.user_id => owner,
        Some(_) => return Err(Failure::Passkey("the key and its account are of different users".into())),
        None => return Err(Failure::Passkey("the key has no account at this provider".into())),
    };
    if current.is_some_and(|current| current.user.id != user.id) {
        return Err(Failure::PasskeyNotLinked);
    }
    if let Some(to) = ask(Who::Known(&user), &account, context).await? {
        return Ok(Outcome::Elsewhere(to));
    }
    Ok(SignedIn { user, account, profile: None, is_new_user: false, session: None }.into())
}

/// Sets the counter of signatures forward. A counter that does not go forward is a sign that there are two of the key, and
/// refused; keys that do not count show 0 for ever. One round trip, and none for those.
pub(crate) async fn advance(key: &Authenticator, to: u32, context: &Context<'_>) -> Result<(), Failure> {
    let adapter = &context.parts.adapter;
    let mut from = key.counter;
    for _ in 0..ATTEMPTS {
        if (from, to) == (0, 0) {
            return Ok(());
        }
        if to <= from {
            return Err(regressed(key));
        }
        if adapter.advance_counter(&key.credential_id, from, to).await? {
            return Ok(());
        }
        from = match adapter.authenticator(&key.credential_id).await? {
            Some(key) => key.counter,
            None => return Err(unknown()),
        };
    }
    Err(Failure::Passkey("the key is used in too many places at once".into()))
}

/// A key that was used with an older count than it has shown already.
pub(crate) fn regressed(key: &Authenticator) -> Failure {
    tracing::warn!(
        user = key.user_id.as_str(),
        "the counter of a passkey did not go forward: there may be a copy of it"
    );
    Failure::Passkey("the counter did not go forward".into())
}

/// Nobody has this key, or no more.
pub(crate) fn unknown() -> Failure {
    Failure::Passkey("nobody has this key".into())
}

/// The account that goes with a key: its id there is that of the key, in Base64.
fn account(provider: &WebAuthnProvider, id: ProviderAccountId) -> NewAccount {
    NewAccount::new(AccountType::WebAuthn, provider.id.clone(), id)
}

/// Asks the application.
async fn ask(who: Who<'_>, account: &NewAccount, context: &Context<'_>) -> Result<Option<String>, Failure> {
    let method = SignInMethod::WebAuthn { account };
    may(&SignInAttempt { who, provider: &account.provider, method }, context).await
}

/// Tells the application that a key was linked.
async fn linked(user: &User, told_of: Option<&NewUser>, account: &NewAccount, context: &Context<'_>) {
    let itself;
    let profile = if let Some(told_of) = told_of {
        told_of
    } else {
        itself = as_new(user);
        &itself
    };
    let event = LinkedEvent { user, account, profile };
    let events = context.parts.events.as_deref();
    told("linkAccount", events.map(|events| events.link_account(&event)), context.request).await;
}

fn as_new(user: &User) -> NewUser {
    let User { id, name, email, email_verified, image, extra } = user.clone();
    NewUser { id: Some(id), name, email, email_verified, image, extra }
}
