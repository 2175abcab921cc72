//! Redeeming a link.

use vestibule_core::{
    AdapterError, Change, NewUser, Session, Timestamp, TokenHash, TouchPolicy, User, UserChanges, UserId,
    VerificationToken,
};

use crate::Parts;
use crate::cookie::SessionCookie;
use crate::error::Failure;
use crate::random;
use crate::secrets::HashSecrets;
use crate::session::database;

/// How often a user that others create and delete at the same time is looked for.
const ATTEMPTS: u32 = 5;

/// Somebody who has just signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: Session,
    /// Whether this was the first time.
    pub(crate) is_new_user: bool,
}

/// Redeems the token of a link: finds or makes the user of the address and begins a session.
///
/// The session is always a new one. A live session that the browser has already ends if it is somebody else's.
pub(crate) async fn redeem(
    address: &str,
    token: &str,
    current: &SessionCookie<'_>,
    policy: &TouchPolicy,
    secrets: &HashSecrets,
    parts: &Parts,
) -> Result<SignedIn, Failure> {
    let now = parts.clock.now();
    // Read before the token is spent, so that a store that is down already does not cost the link.
    let before = match &current.token {
        Some(token) => parts.adapter.session_and_user(token).await?,
        None => None,
    };
    let spent = consume(address, token, secrets, parts).await?;
    if spent.is_none_or(|spent| spent.is_expired(now) || *spent.identifier != *address) {
        return Err(Failure::Verification);
    }
    let (user, is_new_user) = verified_user(address, now, parts).await?;
    if let Some((session, owner)) = before
        && owner.id != user.id
        && !TouchPolicy::is_expired(session.expires, now)
    {
        parts.adapter.delete_session(&session.token).await?;
    }
    let session = match database::create(user.id, policy, parts).await {
        Err(AdapterError::OwnerAbsent { .. }) => return Err(Failure::AccessDenied),
        session => session?,
    };
    Ok(SignedIn { session, is_new_user })
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

/// The user with this address, now verified, and whether it was made here.
///
/// Another tab may create the user, or somebody delete it, between the look-up and the write; then it is looked
/// for again.
async fn verified_user(address: &str, now: Timestamp, parts: &Parts) -> Result<(User, bool), AdapterError> {
    let verified = UserChanges { email_verified: Change::Set(Some(now)), ..UserChanges::default() };
    let mut attempt = 1;
    loop {
        if let Some(user) = parts.adapter.user_by_email(address).await?
            && let Some(user) = parts.adapter.update_user(&user.id, &verified).await?
        {
            return Ok((user, false));
        }
        let new = NewUser {
            id: Some(UserId::from(random::uuid(&*parts.random))),
            email_verified: Some(now),
            ..NewUser::with_email(address)
        };
        match parts.adapter.create_user(&new, None).await {
            Ok(user) => return Ok((user, true)),
            Err(AdapterError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}
