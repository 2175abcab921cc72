//! Every operation of the contract, once, in an order in which each finds what it needs.

use std::time::Duration;

use serde_json::Value;
use vestibule_core::{
    AccountChanges, AccountTokens, AccountType, Adapter, AdapterError, Authenticator, Change, CredentialId,
    DeviceType, Extra, FirstSession, IdKind, Lease, NewAccount, NewSession, NewUser, ProviderAccountId,
    ProviderId, SecretToken, SessionChanges, Timestamp, TokenHash, TouchPolicy, UserChanges, UserId,
    VerificationToken,
};

/// What the operations are given.
#[derive(Clone, Debug)]
pub struct Given {
    /// Part of every key and every text, so that several runs do not meet and every value can be recognized.
    pub tag: String,
    /// Values for the columns of the application's own on users, accounts and sessions.
    pub extra: Extra,
}

impl Given {
    /// Without columns of the application's own.
    pub fn tagged(tag: impl Into<String>) -> Self {
        Self { tag: tag.into(), extra: Extra::new() }
    }

    /// Adds a column of the application's own.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(field.into(), value.into());
        self
    }

    /// An e-mail address of this run.
    pub fn email(&self, name: &str) -> String {
        format!("{name}.{}@example.com", self.tag)
    }

    fn user(&self, name: &str) -> NewUser {
        NewUser {
            id: None,
            name: Some(self.tag.clone()),
            email: Some(self.email(name)),
            email_verified: Some(Timestamp::from_secs(1_000)),
            image: Some(format!("https://example.com/{}.png", self.tag)),
            extra: self.extra.clone(),
        }
    }

    fn account(&self, id: &str) -> NewAccount {
        let mut account = NewAccount::new(AccountType::OAuth, self.provider(), self.key(id));
        account.tokens = self.tokens();
        account.extra = self.extra.clone();
        account
    }

    fn tokens(&self) -> AccountTokens {
        AccountTokens { access_token: Some(SecretToken::from(&*self.tag)), ..AccountTokens::default() }
    }

    fn provider(&self) -> ProviderId {
        ProviderId::from(format!("provider-{}", self.tag))
    }

    fn key(&self, name: &str) -> ProviderAccountId {
        ProviderAccountId::from(format!("{name}-{}", self.tag))
    }

    fn token(&self, name: &str) -> SecretToken {
        SecretToken::from(format!("{name}-{}", self.tag))
    }

    fn credential(&self) -> CredentialId {
        CredentialId::new(self.tag.as_bytes())
    }
}

/// Runs every operation and tells `after` what each answered.
///
/// Whether the answers are right is the conformance suite's business; here it is only that they are none of the
/// errors.
pub async fn each_operation(
    adapter: &dyn Adapter,
    given: &Given,
    mut after: impl FnMut(&'static str, Result<(), AdapterError>),
) {
    after("ping", adapter.ping().await);
    let created = adapter.create_user(&given.user("ada"), Some(&given.account("1"))).await;
    let id = created.as_ref().map_or_else(|_| some_id(adapter), |user| user.id.clone());
    after("create_user with an account", created.map(drop));
    after("create_user", adapter.create_user(&given.user("grace"), None).await.map(drop));
    let session = |name| {
        let mut session = FirstSession::new(given.token(name), Timestamp::from_secs(2_000_000));
        session.extra = given.extra.clone();
        session
    };
    for (name, account) in [("sign_up", None), ("sign_up with an account", Some(given.account("3")))] {
        let user = given.user(&name.replace(' ', "-"));
        after(name, adapter.sign_up(&user, account.as_ref(), &session(name)).await.map(drop));
    }
    users(adapter, given, &id, &mut after).await;
    accounts(adapter, given, &id, &mut after).await;
    sessions(adapter, given, &id, &mut after).await;
    tokens(adapter, given, &mut after).await;
    if adapter.capabilities().authenticators {
        authenticators(adapter, given, &id, &mut after).await;
    }
    after("delete_user", adapter.delete_user(&id).await.map(drop));
}

/// An id of the right shape.
fn some_id(adapter: &dyn Adapter) -> UserId {
    match adapter.capabilities().id_kind {
        IdKind::Uuid => UserId::from("6f9619ff-8b86-4011-b42d-00c04fc964ff"),
        IdKind::Serial | IdKind::Text => UserId::from("1"),
    }
}

type After<'a> = &'a mut dyn FnMut(&'static str, Result<(), AdapterError>);

async fn users(adapter: &dyn Adapter, given: &Given, id: &UserId, after: After<'_>) {
    after("user", adapter.user(id).await.map(drop));
    after("user_by_email", adapter.user_by_email(&given.email("ada")).await.map(drop));
    let found = adapter.user_by_account(&given.provider(), &given.key("1")).await;
    after("user_by_account", found.map(drop));
    let name = UserChanges {
        name: Change::Set(Some(given.tag.clone())),
        extra: given.extra.clone(),
        ..UserChanges::default()
    };
    after("update_user", adapter.update_user(id, &name).await.map(drop));
    let email = UserChanges { email: Change::Set(Some(given.email("countess"))), ..UserChanges::default() };
    after("update_user with an e-mail address", adapter.update_user(id, &email).await.map(drop));
    after("update_user with nothing", adapter.update_user(id, &UserChanges::default()).await.map(drop));
}

async fn accounts(adapter: &dyn Adapter, given: &Given, id: &UserId, after: After<'_>) {
    let (provider, key) = (given.provider(), given.key("2"));
    after("link_account", adapter.link_account(id, &given.account("2")).await.map(drop));
    after("account", adapter.account(&provider, &key).await.map(drop));
    after("accounts_of_user", adapter.accounts_of_user(id).await.map(drop));
    let changes = AccountChanges { tokens: Change::Set(given.tokens()), extra: given.extra.clone() };
    after("update_account", adapter.update_account(&provider, &key, &changes).await.map(drop));
    after("unlink_account", adapter.unlink_account(&provider, &key).await.map(drop));
}

async fn sessions(adapter: &dyn Adapter, given: &Given, id: &UserId, after: After<'_>) {
    let now = Timestamp::from_secs(1_000_000);
    let policy =
        TouchPolicy { max_age: Duration::from_secs(100_000), update_age: Duration::from_secs(1_000) };
    for (name, expires) in [
        ("create_session", policy.expiry(now)),
        ("create_session that will be due", now.after(Duration::from_secs(5))),
        ("create_session that will have expired", now),
    ] {
        let mut session = NewSession::new(given.token(name), id.clone(), expires);
        session.extra = given.extra.clone();
        after(name, adapter.create_session(&session).await.map(drop));
    }
    let token = given.token("create_session");
    let due = given.token("create_session that will be due");
    let expired = given.token("create_session that will have expired");
    after("session_and_user", adapter.session_and_user(&token).await.map(drop));
    after("touch_session that is not due", adapter.touch_session(&token, now, &policy).await.map(drop));
    after("touch_session that is due", adapter.touch_session(&due, now, &policy).await.map(drop));
    after("touch_session that has expired", adapter.touch_session(&expired, now, &policy).await.map(drop));
    let changes = SessionChanges { expires: Change::Set(now), extra: given.extra.clone() };
    after("update_session", adapter.update_session(&token, &changes).await.map(drop));
    let nothing = adapter.update_session(&token, &SessionChanges::default()).await;
    after("update_session with nothing", nothing.map(drop));
    after("sessions_of_user", adapter.sessions_of_user(id).await.map(drop));
    let deleted = adapter.delete_sessions_of_user(id, Some(&token)).await;
    after("delete_sessions_of_user but one", deleted.map(drop));
    after("delete_session", adapter.delete_session(&token).await.map(drop));
    after("delete_sessions_of_user", adapter.delete_sessions_of_user(id, None).await.map(drop));
    after("delete_expired_sessions", adapter.delete_expired_sessions(now, 10).await.map(drop));
}

async fn tokens(adapter: &dyn Adapter, given: &Given, after: After<'_>) {
    let (now, identifier) = (Timestamp::from_secs(1_000_000), given.email("token"));
    let hash = TokenHash::from(format!("hash-{}", given.tag));
    let token =
        VerificationToken { identifier: identifier.as_str().into(), token: hash.clone(), expires: now };
    after("create_verification_token", adapter.create_verification_token(&token).await);
    let consumed = adapter.consume_verification_token(&identifier, &hash).await;
    after("consume_verification_token", consumed.map(drop));
    after("delete_expired_tokens", adapter.delete_expired_tokens(now, 10).await.map(drop));
    let until = now.after(Duration::from_mins(1));
    after("acquire_lease", adapter.acquire_lease(&given.tag, now, until).await.map(drop));
    let lease = Lease { name: given.tag.as_str().into(), expires: until };
    after("release_lease", adapter.release_lease(&lease).await.map(drop));
}

async fn authenticators(adapter: &dyn Adapter, given: &Given, id: &UserId, after: After<'_>) {
    let credential = given.credential();
    let new = Authenticator {
        credential_id: credential.clone(),
        user_id: id.clone(),
        provider_account_id: given.key("passkey"),
        credential_public_key: given.tag.as_bytes().into(),
        counter: 0,
        device_type: DeviceType::MultiDevice,
        backed_up: true,
        transports: Some(given.tag.clone()),
    };
    after("create_authenticator", adapter.create_authenticator(&new).await);
    after("authenticator", adapter.authenticator(&credential).await.map(drop));
    after("authenticators_of_user", adapter.authenticators_of_user(id).await.map(drop));
    after("advance_counter", adapter.advance_counter(&credential, 0, 1).await.map(drop));
    after("delete_authenticator", adapter.delete_authenticator(&credential).await.map(drop));
}
