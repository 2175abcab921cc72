//! Every row that the original wrote, read through the contract.

use serde_json::Value;
use vestibule_core::{
    Account, Adapter, AdapterError, CredentialId, Extra, RowId, SecretToken, Session, Timestamp, User, UserId,
};
use vestibule_profile_tests::Entry;
use vestibule_sql::{Profile, Table};

use crate::expected::{Expected, key, text, time};
use crate::place::{Place, block_on};

pub(crate) fn read(entry: &Entry) {
    let Some(place) = Place::with_rows(entry) else { return };
    read_as(entry, &place, place.profile(), &[]);
}

/// Every row, read as a profile has it that does not declare some columns of the application's own.
pub(crate) fn read_as(entry: &Entry, place: &Place, profile: Profile, undeclared: &[(Table, &str)]) {
    let expected = Expected::of(entry).without(entry.unread).without(undeclared);
    block_on(async {
        let adapter = place.adapter(profile).await;
        let users = expected.rows("users").unwrap();
        for user in users {
            user_is_found(&*adapter, users, user).await;
        }
        nobody_else_is_found(&*adapter).await;
        if let Some(accounts) = expected.rows("accounts") {
            accounts_are_found(&*adapter, users, accounts).await;
        }
        sessions_are_found(&*adapter, users, expected.rows("sessions").unwrap()).await;
        for row in expected.rows("authenticators").unwrap_or_default() {
            authenticator_is_found(&*adapter, row).await;
        }
        if let Some(tokens) = expected.rows("verificationTokens") {
            tokens_are_consumed(&*adapter, tokens).await;
        }
    });
}

async fn user_is_found(adapter: &dyn Adapter, users: &[Value], row: &Value) {
    let found = adapter.user(&id(row, "id")).await.unwrap().unwrap_or_else(|| panic!("there is no {row}"));
    assert_user(&found, row);
    let Some(email) = text(row, "email") else { return };
    let found = adapter.user_by_email(&email).await.unwrap().unwrap();
    let twins: Vec<&Value> = users.iter().filter(|other| other["email"] == row["email"]).collect();
    assert_user(&found, first(&twins, found.id.as_str()));
    for other in [email.to_uppercase(), format!("{email} "), email.replace('a', "A")] {
        assert_eq!(adapter.user_by_email(&other).await.unwrap(), None, "{other:?}");
    }
}

async fn nobody_else_is_found(adapter: &dyn Adapter) {
    for id in ["nobody", "0", "99999999999999999999", "ffffffff-ffff-4fff-bfff-ffffffffffff", ""] {
        assert_eq!(adapter.user(&id.into()).await.unwrap(), None, "{id:?}");
    }
}

async fn accounts_are_found(adapter: &dyn Adapter, users: &[Value], accounts: &[Value]) {
    for row in accounts {
        let (provider, account_id) = (key(row, "provider"), key(row, "providerAccountId"));
        let same = |other: &&Value| {
            key(other, "provider") == provider && key(other, "providerAccountId") == account_id
        };
        let twins: Vec<&Value> = accounts.iter().filter(same).collect();
        let found =
            adapter.account(&provider.as_str().into(), &account_id.as_str().into()).await.unwrap().unwrap();
        let row = twins.iter().find(|twin| twin["userId"] == found.user_id.as_str()).unwrap();
        assert_account(&found, row);
        let own_id = found.id.as_ref().map(RowId::as_str).unwrap_or_default();
        assert_account(&found, first(&twins, own_id));
        let owner =
            adapter.user_by_account(&provider.as_str().into(), &account_id.as_str().into()).await.unwrap();
        assert_user(&owner.unwrap(), users.iter().find(|user| user["id"] == row["userId"]).unwrap());
        let shouted = provider.to_uppercase();
        assert_eq!(
            adapter.account(&shouted.as_str().into(), &account_id.as_str().into()).await.unwrap(),
            None
        );
    }
    for user in users {
        let mut mine: Vec<&Value> = accounts.iter().filter(|row| row["userId"] == user["id"]).collect();
        mine.sort_by_key(|row| (key(row, "provider"), key(row, "providerAccountId")));
        let found = adapter.accounts_of_user(&id(user, "id")).await.unwrap();
        assert_eq!(found.len(), mine.len(), "{found:?}");
        for (found, row) in found.iter().zip(mine) {
            assert_account(found, row);
        }
    }
}

async fn sessions_are_found(adapter: &dyn Adapter, users: &[Value], sessions: &[Value]) {
    for row in sessions {
        let token = key(row, "sessionToken");
        let found = adapter.session_and_user(&token.as_str().into()).await.unwrap();
        match users.iter().find(|user| user["id"] == row["userId"]) {
            // Its user is gone.
            None => assert_eq!(found, None),
            Some(user) => {
                let (session, owner) = found.unwrap();
                let same = |other: &&Value| other["sessionToken"] == row["sessionToken"];
                let twins: Vec<&Value> = sessions.iter().filter(same).collect();
                let own_id = session.id.as_ref().map(RowId::as_str).unwrap_or_default();
                assert_session(&session, first(&twins, own_id));
                assert_user(&owner, user);
            }
        }
        let shouted = SecretToken::from(token.to_uppercase());
        assert_eq!(adapter.session_and_user(&shouted).await.unwrap(), None);
    }
    for user in users {
        let mut mine: Vec<&Value> = sessions.iter().filter(|row| row["userId"] == user["id"]).collect();
        mine.sort_by_key(|row| std::cmp::Reverse(time(row, "expires")));
        let found = adapter.sessions_of_user(&id(user, "id")).await.unwrap();
        assert_eq!(found.len(), mine.len(), "{found:?}");
        for (found, row) in found.iter().zip(&mine) {
            // Those that end together are in no certain order.
            let same = |other: &&&Value| {
                key(other, "sessionToken") == found.token.expose() && own_id_is(other, found)
            };
            assert_session(found, mine.iter().find(same).unwrap());
            assert_eq!(Some(found.expires), time(row, "expires"));
        }
    }
}

fn own_id_is(row: &Value, session: &Session) -> bool {
    session.id.as_ref().is_none_or(|id| row["id"] == id.as_str())
}

async fn authenticator_is_found(adapter: &dyn Adapter, row: &Value) {
    use base64::Engine as _;
    let decode = |text: String| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let credential_id = CredentialId::new(decode(key(row, "credentialID")));
    let found = adapter.authenticator(&credential_id).await.unwrap().unwrap();
    assert_eq!(found.credential_id, credential_id);
    assert_eq!(found.user_id, id(row, "userId"));
    assert_eq!(found.provider_account_id.as_str(), key(row, "providerAccountId"));
    assert_eq!(*found.credential_public_key, *decode(key(row, "credentialPublicKey")));
    assert_eq!(u64::from(found.counter), row["counter"].as_u64().unwrap());
    assert_eq!(found.device_type.as_str(), key(row, "credentialDeviceType"));
    assert_eq!(Some(found.backed_up), row["credentialBackedUp"].as_bool());
    assert_eq!(found.transports, text(row, "transports"));
    assert_eq!(adapter.authenticators_of_user(&id(row, "userId")).await.unwrap(), [found]);
}

/// Last of all, since it takes them away.
async fn tokens_are_consumed(adapter: &dyn Adapter, tokens: &[Value]) {
    let mut seen = Vec::new();
    for row in tokens {
        let (identifier, hash) = (key(row, "identifier"), key(row, "token"));
        let shouted = hash.to_uppercase();
        if shouted != hash {
            let consumed = adapter.consume_verification_token(&identifier, &shouted.as_str().into()).await;
            assert_eq!(consumed.unwrap(), None);
        }
        let consumed = adapter.consume_verification_token(&identifier, &hash.as_str().into()).await.unwrap();
        if seen.contains(&(identifier.clone(), hash.clone())) {
            assert_eq!(consumed, None, "a token that is there twice is spent at once");
        } else {
            let consumed = consumed.unwrap();
            assert_eq!(*consumed.identifier, *identifier);
            assert_eq!(consumed.token.expose(), hash);
            assert_eq!(Some(consumed.expires), time(row, "expires"));
        }
        let again = adapter.consume_verification_token(&identifier, &hash.as_str().into()).await;
        assert!(matches!(again, Ok::<_, AdapterError>(None)), "{again:?}");
        seen.push((identifier, hash));
    }
}

fn id(row: &Value, field: &str) -> UserId {
    key(row, field).into()
}

fn numeric(row: &Value) -> bool {
    text(row, "id").is_some_and(|id| id.parse::<i64>().is_ok())
}

/// The row that was made first: the lowest number where ids are numbers. Which one that is where they are not the
/// table does not say; the answer is one of them.
fn first<'a>(twins: &[&'a Value], found: &str) -> &'a Value {
    let number = |row: &&&Value| text(row, "id").and_then(|id| id.parse::<i64>().ok());
    if twins.len() == 1 || numeric(twins[0]) {
        return twins.iter().min_by_key(number).unwrap();
    }
    twins.iter().find(|twin| text(twin, "id").as_deref() == Some(found)).unwrap()
}

fn assert_user(user: &User, row: &Value) {
    assert_eq!(user.id, id(row, "id"));
    if row.get("email").is_some_and(|_| row.get("emailVerified").is_some()) {
        assert_eq!(user.name, text(row, "name"));
        assert_eq!(user.email, text(row, "email"));
        assert_eq!(user.image, text(row, "image"));
        match row["emailVerified"].as_bool() {
            Some(is_verified) => assert_eq!(user.email_verified.is_some(), is_verified),
            None => assert_eq!(user.email_verified, time(row, "emailVerified")),
        }
    }
    if row.get("email").is_none() {
        // An application's own column of Lucia's users, which the contract knows, if the profile says so.
        let own = user.extra.get("email").and_then(|email| email.as_str().map(str::to_owned));
        assert_eq!(user.email.clone().or(own), text(&row["extra"], "email"));
    }
    assert_extra(&user.extra, row);
}

fn assert_account(account: &Account, row: &Value) {
    if let Some(own) = &account.id {
        assert_eq!(own.as_str(), key(row, "id"));
    }
    assert_eq!(account.user_id, id(row, "userId"));
    assert_eq!(account.provider.as_str(), key(row, "provider"));
    assert_eq!(account.provider_account_id.as_str(), key(row, "providerAccountId"));
    if let Some(account_type) = text(row, "type") {
        assert_eq!(account.account_type.as_str(), account_type);
    }
    let secret = |token: &Option<SecretToken>| token.as_ref().map(|token| token.expose().to_owned());
    let tokens = &account.tokens;
    assert_eq!(secret(&tokens.access_token), text(row, "access_token"));
    assert_eq!(secret(&tokens.refresh_token), text(row, "refresh_token"));
    assert_eq!(secret(&tokens.id_token), text(row, "id_token"));
    assert_eq!(tokens.expires_at.map(Timestamp::as_secs), row["expires_at"].as_i64());
    assert_eq!(tokens.scope, text(row, "scope"));
    assert_eq!(tokens.session_state, text(row, "session_state"));
    assert_eq!(tokens.token_type, text(row, "token_type"));
    assert_extra(&account.extra, row);
}

fn assert_session(session: &Session, row: &Value) {
    if let (Some(own), Some(expected)) = (&session.id, text(row, "id")) {
        assert_eq!(own.as_str(), expected);
    }
    assert_eq!(session.token.expose(), key(row, "sessionToken"));
    assert_eq!(session.user_id, id(row, "userId"));
    assert_eq!(Some(session.expires), time(row, "expires"));
    assert_extra(&session.extra, row);
}

/// The other columns are what the original handed out, each of them, whose names are in camel case.
fn assert_extra(extra: &Extra, row: &Value) {
    let theirs = row["extra"].as_object().cloned().unwrap_or_default();
    for (name, value) in extra {
        let expected = theirs.get(&**name).or_else(|| theirs.get(&camel_case(name)));
        assert_eq!(expected, Some(value), "{name} of {row}");
    }
    for name in theirs.keys() {
        // An address that the contract knows has been compared.
        let is_there =
            name == "email" || extra.keys().any(|ours| **ours == **name || camel_case(ours) == *name);
        assert!(is_there, "{name} of {row} is not handed out");
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}
