//! Signing in by an account elsewhere: who that is here, and whether the account is linked.

use serde_json::Value;
use sha2::{Digest, Sha256};
use vestibule_core::{AdapterError, NewAccount, NewUser, User, UserId};
use vestibule_oauth::{Identity, UserInfo};

use crate::callbacks::{LinkedEvent, SignInAttempt, SignInMethod, Who, told};
use crate::config::{KeptTokens, Linking, OAuthProvider};
use crate::error::Failure;
use crate::random;
use crate::route::Context;
use crate::session::{self, Current};
use crate::sign_in::credentials::in_the_token_alone;
use crate::sign_in::{ATTEMPTS, Found, Outcome, SignedIn, may, sign_up, tokens};

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
/// | nobody | nobody | no | user, account and session are created, all or nothing |
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
    let account = NewAccount { tokens, ..NewAccount::new(account_type, provider.id().clone(), &*info.id) };
    if !context.parts.has_store() {
        return without_store(new, account, profile, context).await;
    }
    let mut asked_about: Option<Option<UserId>> = None;
    for attempt in 1..=ATTEMPTS {
        let current = session::current(context).await?;
        let owner = adapter.user_by_account(&account.provider, &account.provider_account_id).await?;
        let is_linked = owner.is_some();
        let same_address = match (&current, &owner) {
            (None, None) => with_same_address(&info, &account, provider, context).await?,
            _ => SameAddress::Nobody,
        };
        // Whoever would be signed in is who the application is asked about.
        let known = owner.as_ref().or(same_address.owner());
        let about = known.map(|user| user.id.clone());
        if asked_about.as_ref() != Some(&about) {
            let who = known.map_or(Who::New(&new), Who::Known);
            let method = SignInMethod::OAuth { account: &account, profile: &profile };
            let asked = SignInAttempt { who, provider: provider.id(), method };
            if let Some(to) = may(&asked, context).await? {
                return Ok(Outcome::Elsewhere(to));
            }
            asked_about = Some(about);
        }
        match settle(owner, same_address, current.as_ref(), &new, &account, context).await {
            Err(Failure::Store(AdapterError::Conflict { .. } | AdapterError::OwnerAbsent { .. }))
                if attempt < ATTEMPTS => {}
            Err(failure) => return Err(failure),
            Ok(Found { user, is_new, session }) => {
                if is_linked && provider.kept_tokens == KeptTokens::Newest {
                    tokens::keep(&account, context).await;
                }
                let profile = Some(profile);
                return Ok(SignedIn { user, account, profile, is_new_user: is_new, session }.into());
            }
        }
    }
    Err(Failure::AccountNotLinked)
}

/// Signs in whom the provider tells of, as Auth.js does without an adapter: nobody is looked up, created or linked, and
/// nothing is told but that somebody signed in.
async fn without_store(
    told: NewUser,
    account: NewAccount,
    profile: Value,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let user = NewUser { id: Some(lasting_id(&account)), ..told };
    let method = SignInMethod::OAuth { account: &account, profile: &profile };
    let asked = SignInAttempt { who: Who::New(&user), provider: &account.provider, method };
    if let Some(to) = may(&asked, context).await? {
        return Ok(Outcome::Elsewhere(to));
    }
    let user = in_the_token_alone(user);
    Ok(SignedIn { user, account, profile: Some(profile), is_new_user: false, session: None }.into())
}

/// An id of a user who is nowhere written down: a UUID (version 8, RFC 9562) of the provider and of the id there.
///
/// In Auth.js it is a random one with each sign-in. The provider's own id would not do: two providers may have the same for
/// different people. Whose provider it is, its issuer, does not count, as it does not for accounts in a store; not every
/// provider has one.
fn lasting_id(account: &NewAccount) -> UserId {
    let (provider, id) = (account.provider.as_str(), account.provider_account_id.as_str());
    let mut hash = Sha256::new_with_prefix(b"vestibule:user\0");
    // No provider's id has a zero byte.
    hash.update([provider.as_bytes(), &[0], id.as_bytes()].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    UserId::from(random::as_uuid(bytes, 8))
}

/// One reading of the table: who signs in, and whether they are new.
async fn settle(
    owner: Option<User>,
    same_address: SameAddress,
    current: Option<&Current>,
    new: &NewUser,
    account: &NewAccount,
    context: &Context<'_>,
) -> Result<Found, Failure> {
    let user = match (current, owner) {
        (None, Some(owner)) => owner,
        (Some(current), Some(owner)) if current.user.id == owner.id => owner,
        (Some(_), Some(_)) => return Err(Failure::AccountNotLinked),
        (Some(current), None) => link(&current.user, new, account, context).await?,
        (None, None) => match same_address {
            SameAddress::May(user) => link(&user, new, account, context).await?,
            SameAddress::Owner(owner) => owner,
            SameAddress::MayNot => return Err(Failure::AccountNotLinked),
            SameAddress::Nobody => {
                let found = sign_up(new, Some(account), context).await?;
                let events = context.parts.events.as_deref();
                told("createUser", events.map(|events| events.create_user(&found.user)), context.request)
                    .await;
                linked(&found.user, new, account, context).await;
                return Ok(found);
            }
        },
    };
    Ok(Found::known(user))
}

/// Somebody with the address that the provider tells.
enum SameAddress {
    Nobody,
    /// The account may be linked to them.
    May(User),
    /// The account may not.
    MayNot,
    /// They have the account already: they were created a moment ago, with this very one.
    Owner(User),
}

impl SameAddress {
    /// Who would be signed in.
    fn owner(&self) -> Option<&User> {
        match self {
            Self::May(user) | Self::Owner(user) => Some(user),
            Self::Nobody | Self::MayNot => None,
        }
    }
}

async fn with_same_address(
    info: &UserInfo,
    account: &NewAccount,
    provider: &OAuthProvider,
    context: &Context<'_>,
) -> Result<SameAddress, Failure> {
    let adapter = &context.parts.adapter;
    let Some(email) = info.email.as_deref().and_then(address) else {
        return Ok(SameAddress::Nobody);
    };
    let Some(user) = adapter.user_by_email(&email).await? else {
        return Ok(SameAddress::Nobody);
    };
    if may_link(&user, info, provider.linking) {
        return Ok(SameAddress::May(user));
    }
    let owner = adapter.user_by_account(&account.provider, &account.provider_account_id).await?;
    Ok(owner.map_or(SameAddress::MayNot, SameAddress::Owner))
}

async fn link(
    user: &User,
    told_of: &NewUser,
    account: &NewAccount,
    context: &Context<'_>,
) -> Result<User, Failure> {
    context.parts.adapter.link_account(&user.id, account).await?;
    linked(user, told_of, account, context).await;
    Ok(user.clone())
}

/// Tells the application that an account was linked.
async fn linked(user: &User, profile: &NewUser, account: &NewAccount, context: &Context<'_>) {
    let event = LinkedEvent { user, account, profile };
    let events = context.parts.events.as_deref();
    told("linkAccount", events.map(|events| events.link_account(&event)), context.request).await;
}

fn may_link(user: &User, info: &UserInfo, linking: Linking) -> bool {
    match linking {
        Linking::WhenSignedIn => false,
        Linking::SameVerifiedEmail => info.email_verified == Some(true) && user.email_verified.is_some(),
        Linking::DangerousSameEmail => true,
    }
}

/// The user that an account would get.
///
/// An address that the provider calls unverified is not kept: whoever made the account could lie in wait under it for its
/// owner, who signs in by e-mail one day. That one is verified is written down only where linking asks for it, since Auth.js
/// leaves it open.
fn new_user(info: &UserInfo, linking: Linking, context: &Context<'_>) -> NewUser {
    let is_verified = linking == Linking::SameVerifiedEmail && info.email_verified == Some(true);
    let is_doubtful = linking != Linking::DangerousSameEmail && info.email_verified == Some(false);
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
