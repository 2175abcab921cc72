//! Cases on values at and beyond the limits: NUL, very long, very far.
//!
//! What is written comes back exactly or is refused and leaves nothing; what is only looked up, and cannot
//! exist, is not there. Nothing panics, and nothing is cut.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::{
    AccountChanges, AccountTokens, AccountType, Adapter, Authenticator, Change, CredentialId, Lease,
    NewAccount, NewSession, NewUser, SecretToken, SessionChanges, Timestamp, TouchPolicy, User, UserChanges,
    UserId, VerificationToken,
};

use crate::Feature;
use crate::values::{
    HOUR, account, authenticator, create_session, create_user, far, has, long_text, new_user, now,
    token, unless_refused,
};

/// Long enough for any column limit, any index limit and any page.
const LONG: usize = 100_000;

/// Keys with a NUL in them match nothing, least of all what they begin with.
pub async fn lookups_with_nul_find_nothing(store: &Arc<dyn Adapter>) {
    for suffix in ["\0", "\0ada", "\0\0"] {
        find_nothing(&**store, &format!("ada{suffix}")).await;
    }
    find_nothing(&**store, "\0").await;
    find_nothing(&**store, "\0ada").await;
}

/// Very long keys match nothing.
pub async fn lookups_with_long_keys_find_nothing(store: &Arc<dyn Adapter>) {
    find_nothing(&**store, &format!("ada{}", long_text(LONG))).await;
}

/// Keys that look like patterns, quotes or statements are text like any other.
pub async fn lookups_with_odd_keys_find_nothing(store: &Arc<dyn Adapter>) {
    for odd in [
        "", " ", "%", "ad_", "*", "'", "\"", "\\", "ada'--", "' OR '1'='1", "$1", "?1", ":x", "{}", "null", "NULL",
        "ada\n", "ada\u{200b}", "\u{feff}ada", "\u{fffd}", "\u{10ffff}",
    ] {
        find_nothing(&**store, odd).await;
    }
}

/// With rows whose every key is `ada`, nothing is found under `key`, changed or deleted.
async fn find_nothing(store: &dyn Adapter, key: &str) {
    let first = has(Feature::Accounts).then(|| account("ada", "ada"));
    let user = store.create_user(&new_user("ada"), first.as_ref()).await.unwrap();
    let session = create_session(store, "ada", &user).await;

    crate::ids::names_nobody(store, key).await;
    if has(Feature::EmailAddresses) {
        assert_eq!(store.user_by_email(key).await.unwrap(), None);
    }
    if has(Feature::Accounts) {
        find_no_account(store, key).await;
    }
    find_no_session(store, key).await;
    if has(Feature::VerificationTokens) {
        find_no_token(store, key).await;
    }
    if has(Feature::Leases) {
        let lease = store.acquire_lease("ada", now(store), now(store).after(HOUR)).await.unwrap().unwrap();
        assert!(!store.release_lease(&Lease { name: key.into(), ..lease.clone() }).await.unwrap());
        assert!(store.release_lease(&lease).await.unwrap());
    }
    if store.capabilities().authenticators {
        let id = CredentialId::new(key.as_bytes());
        assert_eq!(store.authenticator(&id).await.unwrap(), None);
        assert!(!store.advance_counter(&id, 0, 1).await.unwrap());
        assert_eq!(store.delete_authenticator(&id).await.unwrap(), None);
    }

    let found = store.session_and_user(&"ada".into()).await.unwrap();
    assert_eq!(found, Some((session, user.clone())));
    assert_eq!(store.delete_sessions_of_user(&user.id, Some(&key.into())).await.unwrap(), 1);
    if has(Feature::Accounts) {
        assert_eq!(store.accounts_of_user(&user.id).await.unwrap().len(), 1);
    }
    assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
}

async fn find_no_account(store: &dyn Adapter, key: &str) {
    let tokens = Change::Set(AccountTokens::default());
    let changes = AccountChanges { tokens, ..AccountChanges::default() };
    for (provider, account) in [("ada", key), (key, "ada"), (key, key)] {
        let (provider, account) = (provider.into(), account.into());
        assert_eq!(store.user_by_account(&provider, &account).await.unwrap(), None);
        assert_eq!(store.account(&provider, &account).await.unwrap(), None);
        assert_eq!(store.update_account(&provider, &account, &changes).await.unwrap(), None);
        assert_eq!(store.unlink_account(&provider, &account).await.unwrap(), None);
    }
}

async fn find_no_session(store: &dyn Adapter, key: &str) {
    let (id, secret) = (UserId::from(key), SecretToken::from(key));
    let changes = SessionChanges { expires: Change::Set(far()), ..SessionChanges::default() };
    assert_eq!(store.session_and_user(&secret).await.unwrap(), None);
    assert_eq!(store.touch_session(&secret, now(store), &TouchPolicy::default()).await.unwrap(), None);
    assert_eq!(store.update_session(&secret, &changes).await.unwrap(), None);
    assert_eq!(store.delete_session(&secret).await.unwrap(), None);
    assert_eq!(store.delete_sessions_of_user(&id, Some(&secret)).await.unwrap(), 0);
}

async fn find_no_token(store: &dyn Adapter, key: &str) {
    let held = token("ada", "ada", now(store));
    store.create_verification_token(&held).await.unwrap();
    for (identifier, hash) in [("ada", key), (key, "ada"), (key, key)] {
        assert_eq!(store.consume_verification_token(identifier, &hash.into()).await.unwrap(), None);
    }
    assert_eq!(store.consume_verification_token("ada", &"ada".into()).await.unwrap(), Some(held));
}

/// A NUL in any text of a new row is kept or refused.
pub async fn nul_is_kept_or_refused(store: &Arc<dyn Adapter>) {
    keep_or_refuse(&**store, "ada\0x").await;
}

/// Very long text in any place of a new row is kept or refused.
pub async fn long_text_is_kept_or_refused(store: &Arc<dyn Adapter>) {
    keep_or_refuse(&**store, &long_text(LONG)).await;
}

/// Text longer than an index or a published column can hold, in any place of a new row, is kept or refused.
pub async fn rather_long_text_is_kept_or_refused(store: &Arc<dyn Adapter>) {
    keep_or_refuse(&**store, &long_text(256)).await;
    keep_or_refuse(&**store, &long_text(3_000)).await;
}

/// Writes `text` to every text of every row, one at a time.
async fn keep_or_refuse(store: &dyn Adapter, text: &str) {
    let user = create_user(store, "owner@example.com").await;
    if has(Feature::EmailAddresses) && has(Feature::UserDetails) {
        users_keep_or_refuse(store, text).await;
    }
    if has(Feature::Accounts) {
        accounts_keep_or_refuse(store, &user, text).await;
    }
    sessions_keep_or_refuse(store, &user, text).await;
    if has(Feature::VerificationTokens) {
        tokens_keep_or_refuse(store, text).await;
    }
    if has(Feature::Leases) {
        leases_keep_or_refuse(store, text).await;
    }
    if store.capabilities().authenticators {
        authenticators_keep_or_refuse(store, &user, text).await;
    }
    assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
}

async fn users_keep_or_refuse(store: &dyn Adapter, text: &str) {
    let given = || Some(text.to_owned());
    let plain = new_user("ada@example.com");
    for new in [
        NewUser { name: given(), ..plain.clone() },
        NewUser { image: given(), ..plain.clone() },
        NewUser { email: given(), ..plain.clone() },
    ] {
        let email = new.email.clone().unwrap();

        let created = unless_refused(store.create_user(&new, None).await);

        assert_eq!(store.user_by_email(&email).await.unwrap(), created);
        if let Some(user) = created {
            assert_eq!((&user.name, &user.email, &user.image), (&new.name, &new.email, &new.image));
            assert_eq!(store.delete_user(&user.id).await.unwrap(), Some(user));
        }
    }

    let user = store.create_user(&plain, None).await.unwrap();
    for changes in [
        UserChanges { name: Change::Set(given()), ..UserChanges::default() },
        UserChanges { image: Change::Set(given()), ..UserChanges::default() },
        UserChanges { email: Change::Set(given()), ..UserChanges::default() },
    ] {
        let before = store.user(&user.id).await.unwrap().unwrap();
        let mut expected = before.clone();
        for (change, field) in [
            (&changes.name, &mut expected.name),
            (&changes.email, &mut expected.email),
            (&changes.image, &mut expected.image),
        ] {
            if let Some(value) = change.as_set() {
                field.clone_from(value);
            }
        }

        let updated = unless_refused(store.update_user(&user.id, &changes).await);

        let now = store.user(&user.id).await.unwrap().unwrap();
        match updated {
            None => assert_eq!(now, before),
            Some(updated) => assert_eq!((updated, now), (Some(expected.clone()), expected)),
        }
    }
    store.delete_user(&user.id).await.unwrap();
}

async fn accounts_keep_or_refuse(store: &dyn Adapter, user: &User, text: &str) {
    let plain = account("github", "1");
    let with = |tokens: AccountTokens| NewAccount { tokens, ..plain.clone() };
    let (secret, given) = (|| Some(SecretToken::from(text)), || Some(text.to_owned()));
    let none = AccountTokens::default;
    let mut accounts = vec![
        NewAccount { provider: text.into(), ..plain.clone() },
        NewAccount { provider_account_id: text.into(), ..plain.clone() },
    ];
    if has(Feature::AnyAccountType) {
        accounts.push(NewAccount { account_type: AccountType::Other(text.into()), ..plain.clone() });
    }
    if has(Feature::AccountTokens) {
        accounts.push(with(AccountTokens { access_token: secret(), ..none() }));
        accounts.push(with(AccountTokens { refresh_token: secret(), ..none() }));
    }
    if has(Feature::AllAccountTokens) {
        accounts.push(with(AccountTokens { id_token: secret(), ..none() }));
        accounts.push(with(AccountTokens { token_type: given(), ..none() }));
        accounts.push(with(AccountTokens { scope: given(), ..none() }));
        accounts.push(with(AccountTokens { session_state: given(), ..none() }));
    }
    for new in accounts {
        let linked = unless_refused(store.link_account(&user.id, &new).await);

        assert_eq!(store.account(&new.provider, &new.provider_account_id).await.unwrap(), linked);
        if let Some(account) = linked {
            assert_eq!(account, crate::values::stored_account(&new, user, &account));
            store.unlink_account(&new.provider, &new.provider_account_id).await.unwrap().unwrap();
        }
        assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), []);

        // The same with a user, who must not be left behind alone.
        let both = unless_refused(store.create_user(&new_user("both"), Some(&new)).await);
        if has(Feature::EmailAddresses) {
            assert_eq!(store.user_by_email("both").await.unwrap(), both);
        }
        if let Some(user) = both {
            assert_eq!(store.accounts_of_user(&user.id).await.unwrap().len(), 1);
            store.delete_user(&user.id).await.unwrap();
        }
    }
}

async fn sessions_keep_or_refuse(store: &dyn Adapter, user: &User, text: &str) {
    let new = NewSession::new(text, user.id.clone(), now(store));
    let created = unless_refused(store.create_session(&new).await);
    let found = store.session_and_user(&new.token).await.unwrap();
    assert_eq!(found.map(|(session, _)| session), created);
    if let Some(session) = created {
        assert_eq!(session.token, new.token);
        assert_eq!(store.delete_session(&new.token).await.unwrap(), Some(session));
    }
    assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), []);
}

async fn tokens_keep_or_refuse(store: &dyn Adapter, text: &str) {
    let now = now(store);
    for new in [token(text, "hash", now), token("ada@example.com", text, now)] {
        let created = unless_refused(store.create_verification_token(&new).await);
        let consumed = store.consume_verification_token(&new.identifier, &new.token).await.unwrap();
        assert_eq!(consumed, created.map(|()| new));
    }
    assert_eq!(store.delete_expired_tokens(far(), 10).await.unwrap(), 0);
}

async fn leases_keep_or_refuse(store: &dyn Adapter, text: &str) {
    let now = now(store);
    let lease = unless_refused(store.acquire_lease(text, now, now.after(HOUR)).await);
    if let Some(lease) = lease {
        let lease = lease.unwrap();
        assert_eq!(&*lease.name, text);
        assert_eq!(store.acquire_lease(text, now, now.after(HOUR)).await.unwrap(), None);
        assert!(store.release_lease(&lease).await.unwrap());
    }
    assert_eq!(store.delete_expired_tokens(far(), 10).await.unwrap(), 0);
}

async fn authenticators_keep_or_refuse(store: &dyn Adapter, user: &User, text: &str) {
    let plain = authenticator(user, &[1]);
    for new in [
        Authenticator { credential_id: CredentialId::new(text.as_bytes()), ..plain.clone() },
        Authenticator { provider_account_id: text.into(), ..plain.clone() },
        Authenticator { credential_public_key: text.as_bytes().into(), ..plain.clone() },
        Authenticator { transports: Some(text.to_owned()), ..plain.clone() },
    ] {
        let created = unless_refused(store.create_authenticator(&new).await);

        let found = store.authenticator(&new.credential_id).await.unwrap();
        assert_eq!(found, created.map(|()| new.clone()));
        assert_eq!(store.delete_authenticator(&new.credential_id).await.unwrap(), found);
    }
}

/// Points in time as far as the type goes are kept or refused.
pub async fn far_points_in_time_are_kept_or_refused(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    for at in [
        i64::MIN,
        i64::MIN + 1,
        -8_640_000_000_000_001,
        -8_640_000_000_000_000,
        -62_135_596_800_001,
        253_402_300_800_000,
        8_640_000_000_000_000,
        8_640_000_000_000_001,
        i64::MAX - 1,
        i64::MAX,
    ] {
        let at = Timestamp::from_millis(at);
        let kept = crate::values::kept(&**store, at);

        let new = NewSession::new("session", user.id.clone(), at);
        let session = unless_refused(store.create_session(&new).await);
        assert_eq!(store.session_and_user(&new.token).await.unwrap().map(|(session, _)| session), session);
        if let Some(session) = session {
            assert_eq!(session.expires, kept);
            store.delete_session(&new.token).await.unwrap().unwrap();
        }

        if has(Feature::VerificationTokens) {
            let new = VerificationToken { expires: at, ..token("ada@example.com", "hash", at) };
            let created = unless_refused(store.create_verification_token(&new).await);
            let consumed = store.consume_verification_token(&new.identifier, &new.token).await.unwrap();
            assert_eq!(consumed.map(|token| token.expires), created.map(|()| kept));
        }
        if has(Feature::UserDetails) && has(Feature::EmailVerifiedTimes) {
            let changes = UserChanges { email_verified: Change::Set(Some(at)), ..UserChanges::default() };
            if let Some(updated) = unless_refused(store.update_user(&user.id, &changes).await) {
                assert_eq!(updated.unwrap().email_verified, Some(kept));
            }
        }
        if has(Feature::Accounts) && has(Feature::AccountTokens) {
            far_token_expiry(&**store, &user, at).await;
        }
    }
}

async fn far_token_expiry(store: &dyn Adapter, user: &User, at: Timestamp) {
    let mut new = account("github", "1");
    new.tokens.expires_at = Some(at);
    if let Some(account) = unless_refused(store.link_account(&user.id, &new).await) {
        assert_eq!(account.tokens.expires_at, Some(Timestamp::from_secs(at.as_secs())));
        store.unlink_account(&new.provider, &new.provider_account_id).await.unwrap().unwrap();
    }
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), []);
}

/// A clock that is far off, or an age without end, is judged or refused.
pub async fn far_clocks_are_judged_or_refused(store: &Arc<dyn Adapter>) {
    let (first, last) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    let user = create_user(&**store, "ada@example.com").await;
    let session = create_session(&**store, "session", &user).await;
    let endless = TouchPolicy { max_age: Duration::MAX, update_age: Duration::ZERO };

    for (now, policy) in [
        (first, TouchPolicy::default()),
        (first, endless),
        (crate::values::now(&**store), endless),
        (crate::values::now(&**store), TouchPolicy { max_age: Duration::ZERO, update_age: Duration::MAX }),
    ] {
        if let Some(touched) = unless_refused(store.touch_session(&session.token, now, &policy).await) {
            assert_eq!(touched.unwrap().user, user);
        }
        let (found, _) = store.session_and_user(&session.token).await.unwrap().unwrap();
        assert!(found.expires >= session.expires, "the session became shorter");
    }
    if let Some(deleted) = unless_refused(store.delete_expired_sessions(first, 10).await) {
        assert_eq!(deleted, 0);
    }
    if has(Feature::VerificationTokens) {
        if let Some(deleted) = unless_refused(store.delete_expired_tokens(first, 10).await) {
            assert_eq!(deleted, 0);
        }
        unless_refused(store.delete_expired_tokens(last, 10).await);
    }
    if has(Feature::Leases) {
        unless_refused(store.acquire_lease("sweep", first, last).await);
    }
    if let Some(deleted) = unless_refused(store.delete_expired_sessions(last, 10).await) {
        assert_eq!(deleted, 1);
    }
}
