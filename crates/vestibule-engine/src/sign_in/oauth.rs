//! Signing in by an account elsewhere: who that is here, and whether the account is linked.

use vestibule_core::{AdapterError, NewAccount, NewUser, User, UserId};
use vestibule_oauth::{Identity, UserInfo};

use crate::callbacks::{SignInAttempt, SignInMethod, Who, told};
use crate::config::{KeptTokens, Linking, OAuthProvider};
use crate::error::Failure;
use crate::random;
use crate::route::Context;
use crate::session::{self, Current};
use crate::sign_in::{ATTEMPTS, Outcome, SignedIn, may, tokens};

/// The longest e-mail address (RFC 5321 §4.5.3.1).
const MAX_ADDRESS: usize = 254;

/// Finds whose account it is, links it or makes its user, as the table of Auth.js says.
///
/// | signed in | account of | user with the address | what happens |
/// |---|---|---|---|
/// | nobody | U | | U signs in |
/// | U | U | | U signs in |
/// | U | V | | refused |
/// | U | nobody | | the account is linked to U |
/// | nobody | nobody | yes | linked if [`Linking`] allows it, else refused |
/// | nobody | nobody | no | user and account are created, both or neither |
///
/// Others may link, create or delete at the same time; then the table is read anew.
pub(crate) async fn decide(
    provider: &OAuthProvider,
    identity: Identity,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let adapter = &context.parts.adapter;
    let new = new_user(&identity.user, provider.linking, context);
    let Identity { user: info, profile, tokens, account_type, .. } = identity;
    let account = NewAccount { tokens, ..NewAccount::new(account_type, provider.id.clone(), &*info.id) };
    let mut is_asked = false;
    for attempt in 1..=ATTEMPTS {
        let current = session::current(context).await?;
        let owner = adapter.user_by_account(&account.provider, &account.provider_account_id).await?;
        if !is_asked {
            let who = owner.as_ref().map_or(Who::New(&new), Who::Known);
            let method = SignInMethod::OAuth { account: &account, profile: &profile };
            let asked = SignInAttempt { who, provider: &provider.id, method };
            if let Some(to) = may(&asked, context).await? {
                return Ok(Outcome::Elsewhere(to));
            }
            is_asked = true;
        }
        let is_linked = owner.is_some();
        match settle(owner, current.as_ref(), &new, &account, &info, provider, context).await {
            Err(Failure::Store(AdapterError::Conflict { .. } | AdapterError::OwnerAbsent { .. }))
                if attempt < ATTEMPTS => {}
            Err(failure) => return Err(failure),
            Ok((user, is_new_user)) => {
                if is_linked && provider.kept_tokens == KeptTokens::Newest {
                    tokens::keep(&account, context).await;
                }
                return Ok(SignedIn { user, account, profile: Some(profile), is_new_user }.into());
            }
        }
    }
    Err(Failure::AccountNotLinked)
}

/// One reading of the table: who signs in, and whether they are new.
async fn settle(
    owner: Option<User>,
    current: Option<&Current>,
    new: &NewUser,
    account: &NewAccount,
    info: &UserInfo,
    provider: &OAuthProvider,
    context: &Context<'_>,
) -> Result<(User, bool), Failure> {
    let adapter = &context.parts.adapter;
    match (current, owner) {
        (None, Some(owner)) => Ok((owner, false)),
        (Some(current), Some(owner)) if current.user.id == owner.id => Ok((owner, false)),
        (Some(_), Some(_)) => Err(Failure::AccountNotLinked),
        (Some(current), None) => Ok((link(&current.user, account, context).await?, false)),
        (None, None) => {
            let same_address = match info.email.as_deref().and_then(address) {
                Some(email) => adapter.user_by_email(&email).await?,
                None => None,
            };
            match same_address {
                Some(user) if may_link(&user, info, provider.linking) => {
                    Ok((link(&user, account, context).await?, false))
                }
                // The user may have been created a moment ago, with this very account.
                Some(_) => {
                    match adapter.user_by_account(&account.provider, &account.provider_account_id).await? {
                        Some(owner) => Ok((owner, false)),
                        None => Err(Failure::AccountNotLinked),
                    }
                }
                None => {
                    let user = adapter.create_user(new, Some(account)).await?;
                    let events = context.parts.events.as_deref();
                    told("createUser", events.map(|events| events.create_user(&user))).await;
                    told("linkAccount", events.map(|events| events.link_account(&user, account))).await;
                    Ok((user, true))
                }
            }
        }
    }
}

async fn link(user: &User, account: &NewAccount, context: &Context<'_>) -> Result<User, Failure> {
    context.parts.adapter.link_account(&user.id, account).await?;
    let events = context.parts.events.as_deref();
    told("linkAccount", events.map(|events| events.link_account(user, account))).await;
    Ok(user.clone())
}

fn may_link(user: &User, info: &UserInfo, linking: Linking) -> bool {
    match linking {
        Linking::WhenSignedIn => false,
        Linking::SameVerifiedEmail => info.email_verified == Some(true) && user.email_verified.is_some(),
        Linking::DangerousSameEmail => true,
    }
}

/// The user that an account would get. Whether its address is verified counts only where linking asks for that, since
/// Auth.js leaves it open.
fn new_user(info: &UserInfo, linking: Linking, context: &Context<'_>) -> NewUser {
    let told = info.email_verified.filter(|_| linking == Linking::SameVerifiedEmail);
    let (is_verified, is_doubtful) = (told == Some(true), told == Some(false));
    NewUser {
        id: Some(UserId::from(random::uuid(&*context.parts.random))),
        name: info.name.clone(),
        email: info.email.as_deref().filter(|_| !is_doubtful).and_then(address),
        email_verified: is_verified.then(|| context.parts.clock.now()),
        image: info.image.clone(),
        extra: info.extra.clone(),
    }
}

/// An address as a provider tells it, in lower case as in Auth.js; what cannot be one is none.
fn address(told: &str) -> Option<String> {
    let address = told.trim().to_lowercase();
    let one_at = address.split('@').count() == 2;
    (one_at && address.len() <= MAX_ADDRESS && !address.contains(char::is_control)).then_some(address)
}
