//! Redeeming a link or its code.

use futures_util::future::join;
use vestibule_core::{
    Account, AccountType, AdapterError, Change, NewAccount, NewUser, ProviderId, TokenHash, User,
    UserChanges, UserId, VerificationToken,
};

use crate::Parts;
use crate::callbacks::{SignInAttempt, SignInMethod, Who, told};
use crate::code::{self, Checked, CodeProblem, Ticket, read_code};
use crate::config::{Codes, EmailProvider, Linking, Provider};
use crate::error::Failure;
use crate::limit::{self, Subject, Topic, in_seconds};
use crate::random;
use crate::route::Context;
use crate::secrets::HashSecrets;
use crate::session;
use crate::sign_in::{ATTEMPTS, Found, Outcome, SignedIn, may, sign_up};

/// Redeems the token of a link: finds or makes the user of the address.
pub(crate) async fn redeem(
    address: &str,
    token: &str,
    provider: &ProviderId,
    secrets: &HashSecrets,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let now = context.parts.clock.now();
    let spent = consume(address, token, secrets, context.parts).await?;
    if spent.is_none_or(|spent| spent.is_expired(now) || *spent.identifier != *address) {
        return Err(Failure::Verification);
    }
    proven(address, provider, context).await
}

/// Redeems the code that somebody typed, with the ticket that the browser has: as the link would.
pub(crate) async fn redeem_code(
    ticket: &Ticket,
    code: &str,
    provider: &EmailProvider,
    codes: &Codes,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let code = read_code(code).ok_or(Failure::Code(CodeProblem::Wrong))?;
    let address = &*ticket.identifier;
    let subject = Subject::address(address);
    let counted = limit::count(Topic::Code, Some(&subject), context);
    let with = (context.guards, context.parts);
    Err(Failure::Code(match code::check(ticket, &code, address, codes.tries, counted, with).await? {
        Checked::Right(taken) => {
            let back = taken.give_back(context.guards);
            return join(proven(address, &provider.id, context), back).await.0;
        }
        Checked::Wrong => CodeProblem::Wrong,
        Checked::Dead => CodeProblem::Dead,
        Checked::TooMany(retry_after) => CodeProblem::Blocked(in_seconds(retry_after)),
    }))
}

/// Signs in whoever has shown that the address is theirs.
pub(crate) async fn proven(
    address: &str,
    provider: &ProviderId,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let found = context.parts.adapter.user_by_email(address).await?;
    let new = new_user(address, context);
    let who = found.as_ref().map_or(Who::New(&new), Who::Known);
    let attempt = SignInAttempt { who, provider, method: SignInMethod::Email };
    if let Some(to) = may(&attempt, context).await? {
        return Ok(Outcome::Elsewhere(to));
    }
    let Found { user, is_new, session } = verified_user(found, &new, address, context).await?;
    let events = context.parts.events.as_deref();
    if is_new {
        told("createUser", events.map(|events| events.create_user(&user)), context.request).await;
    } else {
        told("updateUser", events.map(|events| events.update_user(&user)), context.request).await;
    }
    let account = NewAccount::new(AccountType::Email, provider.clone(), address);
    Ok(SignedIn { user, account, profile: None, is_new_user: is_new, session }.into())
}

/// Asks the application whether a link may be sent; `None` if so, else where to go instead. The store is asked only
/// for an application that has a say.
pub(crate) async fn may_ask(
    address: &str,
    provider: &ProviderId,
    context: &Context<'_>,
) -> Result<Option<String>, Failure> {
    if context.parts.callbacks.is_none() {
        return Ok(None);
    }
    let found = context.parts.adapter.user_by_email(address).await?;
    let new = NewUser { email_verified: None, ..new_user(address, context) };
    let who = found.as_ref().map_or(Who::New(&new), Who::Known);
    may(&SignInAttempt { who, provider, method: SignInMethod::EmailRequest }, context).await
}

/// The user that an address would get.
pub(crate) fn new_user(address: &str, context: &Context<'_>) -> NewUser {
    NewUser {
        id: Some(UserId::from(random::uuid(&*context.parts.random))),
        email_verified: Some(context.parts.clock.now()),
        ..NewUser::with_email(address)
    }
}

/// Takes the token out of the store, under the hash of whichever secret it was made with.
async fn consume(
    address: &str,
    token: &str,
    secrets: &HashSecrets,
    parts: &Parts,
) -> Result<Option<VerificationToken>, AdapterError> {
    for hash in secrets.accepted(token) {
        let found = parts.adapter.consume_verification_token(address, &TokenHash::from(hash)).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The user with this address, now verified, and made here if there was none.
///
/// Another tab may create the user, or somebody delete it or change its address, between the look-up and the write; then
/// it is looked for again. An address that was not shown to be theirs is not left verified.
async fn verified_user(
    found: Option<User>,
    new: &NewUser,
    address: &str,
    context: &Context<'_>,
) -> Result<Found, Failure> {
    let adapter = &context.parts.adapter;
    let verified = UserChanges { email_verified: Change::Set(new.email_verified), ..UserChanges::default() };
    let mut found = found;
    let mut attempt = 1;
    loop {
        if let Some(user) = &found
            && lies_in_wait(user, context).await?
        {
            return Err(Failure::AccountNotLinked);
        }
        if let Some(user) = &found
            && let Some(user) = adapter.update_user(&user.id, &verified).await?
        {
            if user.email.as_deref() == Some(address) {
                return Ok(Found::known(user));
            }
            let unverified = UserChanges { email_verified: Change::Set(None), ..UserChanges::default() };
            adapter.update_user(&user.id, &unverified).await?;
        }
        match sign_up(new, None, context).await {
            Ok(found) => return Ok(found),
            Err(AdapterError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
        found = adapter.user_by_email(address).await?;
    }
}

/// Whether somebody may have made this user with an address that is not theirs: nobody has shown that it is, and one
/// can sign in as the user by an account at a provider that never says whether it has verified an address, or by a passkey.
/// Whoever has both, the address and a session of the user, has shown that they are the same.
///
/// A passkey counts whatever is configured here: it may have been registered with the address at an Auth.js application on the
/// same tables, or here when that was allowed, and signs in there or here.
///
/// One round trip for a user whose address is not verified; another one for the session, if it comes to that.
async fn lies_in_wait(user: &User, context: &Context<'_>) -> Result<bool, Failure> {
    if user.email_verified.is_some() {
        return Ok(false);
    }
    // By what is not configured nobody signs in, but for passkeys at an application beside this one.
    let takes_any_address = |provider: &Provider| match provider {
        Provider::OAuth(provider) => {
            let is_trusted = provider.linking == Linking::DangerousSameEmail;
            !is_trusted && !provider.provider.mapping().vouches_for_addresses()
        }
        Provider::WebAuthn(_) => true,
        Provider::Credentials(_) | Provider::Email(_) => false,
    };
    let is_anybodys = |account: &Account| {
        account.account_type == AccountType::WebAuthn
            || context.settings.provider(account.provider.as_str()).is_some_and(takes_any_address)
    };
    let accounts = context.parts.adapter.accounts_of_user(&user.id).await?;
    if !accounts.iter().any(is_anybodys) {
        return Ok(false);
    }
    let current = session::current(context).await?;
    Ok(current.is_none_or(|current| current.user.id != user.id))
}
