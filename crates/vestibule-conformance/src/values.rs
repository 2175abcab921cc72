//! What the cases have in common: values to store, and readings of errors.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use vestibule_core::{
    Account, AccountTokens, AccountType, Adapter, AdapterError, Authenticator, CredentialId, DeviceType,
    Entity, IdKind, NewAccount, NewSession, NewUser, SecretToken, Session, Timestamp, TimestampPrecision,
    User, UserId, VerificationToken,
};

use crate::Feature;

tokio::task_local! {
    /// What the suite runs without.
    static WITHOUT: &'static [Feature];
}

/// Runs a case of a suite without these features.
pub(crate) fn running_without<F: Future>(
    features: &'static [Feature],
    case: F,
) -> impl Future<Output = F::Output> {
    WITHOUT.scope(features, case)
}

/// Whether the case may count on the feature. To be asked in the case's own task, not in those it spawns.
pub(crate) fn has(feature: Feature) -> bool {
    WITHOUT.try_with(|without| !without.contains(&feature)).unwrap_or(true)
}

/// The shortest time that the store can tell apart.
pub(crate) fn tick(store: &dyn Adapter) -> Duration {
    match store.capabilities().timestamp_precision {
        TimestampPrecision::Millis => Duration::from_millis(1),
        TimestampPrecision::Seconds => Duration::from_secs(1),
    }
}

/// The point in time at which most cases happen: 2023-11-14T22:13:20.123Z, as far as the store can keep it.
pub(crate) fn now(store: &dyn Adapter) -> Timestamp {
    kept(store, Timestamp::from_millis(1_700_000_000_123))
}

/// The point in time as the store keeps it, at least.
pub(crate) fn kept(store: &dyn Adapter, at: Timestamp) -> Timestamp {
    match store.capabilities().timestamp_precision {
        TimestampPrecision::Millis => at,
        TimestampPrecision::Seconds => Timestamp::from_secs(at.as_secs()),
    }
}

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// The last second that a signed 32-bit counter can hold is 2038-01-19T03:14:07Z; this is a hundred years later.
const PAST_2038: Timestamp = Timestamp::from_millis(5_303_333_647_987);

/// The last millisecond of the year 9999.
pub(crate) const END_OF_9999: Timestamp = Timestamp::from_millis(253_402_300_799_999);

/// Far in the future: past 2038, unless the suite runs without [`Feature::DistantTimes`].
pub(crate) fn far() -> Timestamp {
    if has(Feature::DistantTimes) { PAST_2038 } else { Timestamp::from_millis(2_100_000_000_987) }
}

/// Points in time to keep: before the epoch, at fractions of a second, and as far as four digits of a year go.
pub(crate) fn near_and_far() -> Vec<Timestamp> {
    let mut times =
        vec![Timestamp::from_millis(1_700_000_000_999), Timestamp::from_millis(1_700_000_000_001), far()];
    if has(Feature::EarlyTimes) {
        times.extend([0, 1, -1_001].map(Timestamp::from_millis));
    }
    if has(Feature::DistantTimes) {
        times.extend([Timestamp::from_secs(i64::from(i32::MAX) + 1), END_OF_9999]);
    }
    times
}

/// A user with every field set that the store has a place for.
pub(crate) fn whole_user(store: &dyn Adapter) -> NewUser {
    NewUser {
        name: Some("Ada Lovelace".into()),
        email: Some("ada@example.com".into()),
        email_verified: has(Feature::EmailVerifiedTimes).then(|| now(store)),
        image: Some("https://example.com/ada.png".into()),
        ..NewUser::default()
    }
}

/// A user of whom only the address is known, or not even that where users have none.
pub(crate) fn new_user(email: &str) -> NewUser {
    let has_email = has(Feature::EmailAddresses);
    let needs_name = has(Feature::UserDetails) && !has(Feature::UsersWithoutName);
    NewUser {
        email: has_email.then(|| email.to_owned()),
        name: needs_name.then(|| email.to_owned()),
        ..NewUser::default()
    }
}

/// A user of whom nothing is known, or only what the store cannot do without.
pub(crate) fn anybody(email: &str) -> NewUser {
    let mut new = new_user(email);
    if has(Feature::UsersWithoutEmail) {
        new.email = None;
    }
    new
}

/// Creates a user of whom only the address is known.
pub(crate) async fn create_user(store: &dyn Adapter, email: &str) -> User {
    store.create_user(&new_user(email), None).await.unwrap()
}

/// Creates a session that ends in an hour.
pub(crate) async fn create_session(store: &dyn Adapter, token: &str, user: &User) -> Session {
    create_session_until(store, token, user, now(store).after(HOUR)).await
}

pub(crate) async fn create_session_until(
    store: &dyn Adapter,
    token: &str,
    user: &User,
    expires: Timestamp,
) -> Session {
    let session = NewSession::new(token, user.id.clone(), expires);
    store.create_session(&session).await.unwrap()
}

/// A user's sessions, as [`as_listed`] leaves them.
pub(crate) async fn listed(store: &dyn Adapter, user_id: &UserId) -> Vec<Session> {
    store.sessions_of_user(user_id).await.unwrap().into_iter().map(as_listed).collect()
}

/// A session to compare with one of a list: without its token where lists need not show it.
pub(crate) fn as_listed(session: Session) -> Session {
    if has(Feature::ListedTokens) { session } else { Session { token: "".into(), ..session } }
}

/// An account with every token set that the store has a place for.
pub(crate) fn whole_account() -> NewAccount {
    NewAccount { tokens: whole_tokens(), ..NewAccount::new(AccountType::Oidc, "google", "117") }
}

pub(crate) fn account(provider: &str, id: &str) -> NewAccount {
    NewAccount::new(AccountType::OAuth, provider, id)
}

pub(crate) fn whole_tokens() -> AccountTokens {
    if !has(Feature::AccountTokens) {
        return AccountTokens::default();
    }
    let some = AccountTokens {
        access_token: Some(SecretToken::from("access")),
        refresh_token: Some(SecretToken::from("refresh")),
        expires_at: Some(Timestamp::from_secs(1_700_003_600)),
        ..AccountTokens::default()
    };
    if !has(Feature::AllAccountTokens) {
        return some;
    }
    AccountTokens {
        id_token: Some(SecretToken::from("e30.e30.c2ln")),
        token_type: Some("bearer".into()),
        scope: Some("openid email".into()),
        session_state: Some("state".into()),
        ..some
    }
}

/// What must be stored of an account; the row's own id is the store's.
pub(crate) fn stored_account(new: &NewAccount, user: &User, returned: &Account) -> Account {
    let any_type = has(Feature::AnyAccountType);
    Account {
        id: returned.id.clone(),
        user_id: user.id.clone(),
        account_type: if any_type { new.account_type.clone() } else { returned.account_type.clone() },
        provider: new.provider.clone(),
        provider_account_id: new.provider_account_id.clone(),
        tokens: new.tokens.clone(),
        extra: new.extra.clone(),
    }
}

pub(crate) fn token(identifier: &str, token: &str, expires: Timestamp) -> VerificationToken {
    VerificationToken { identifier: identifier.into(), token: token.into(), expires }
}

pub(crate) fn authenticator(user: &User, id: &[u8]) -> Authenticator {
    Authenticator {
        credential_id: CredentialId::new(id),
        user_id: user.id.clone(),
        provider_account_id: "passkey".into(),
        credential_public_key: Box::from([0xa5, 0x01, 0x02, 0x00, 0xff]),
        counter: 7,
        device_type: DeviceType::MultiDevice,
        backed_up: true,
        transports: Some("internal,hybrid".into()),
    }
}

/// An id of the right shape that nobody has.
pub(crate) fn unknown_id(store: &dyn Adapter) -> UserId {
    UserId::from(match store.capabilities().id_kind {
        IdKind::Serial => "2147483647",
        IdKind::Uuid => "ffffffff-ffff-4fff-bfff-ffffffffffff",
        IdKind::Text => "nobody",
    })
}

/// Text that no compression makes shorter, so that no limit on the stored length is dodged.
pub(crate) fn long_text(length: usize) -> String {
    let mut state = 0x2545_f491_u32;
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(letters[(state >> 26) as usize])
    };
    (0..length).map(|_| letter()).collect()
}

/// The entity that a conflict is about; fails on anything else.
#[track_caller]
pub(crate) fn conflict<T: Debug>(result: Result<T, AdapterError>) -> Entity {
    match result {
        Err(AdapterError::Conflict { entity }) => entity,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

/// The entity that lacks its owner; fails on anything else.
#[track_caller]
pub(crate) fn owner_absent<T: Debug>(result: Result<T, AdapterError>) -> Entity {
    match result {
        Err(AdapterError::OwnerAbsent { entity }) => entity,
        other => panic!("expected that the owner is absent, got {other:?}"),
    }
}

/// Fails unless the store refused.
#[track_caller]
pub(crate) fn assert_refused<T: Debug>(result: Result<T, AdapterError>) {
    match result {
        Err(AdapterError::Refused { .. }) => {}
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// What was stored; `None` if the store refused to. Fails on any other error.
#[track_caller]
pub(crate) fn unless_refused<T: Debug>(result: Result<T, AdapterError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(AdapterError::Refused { .. }) => None,
        Err(other) => panic!("expected a value or a refusal, got {other:?}"),
    }
}
