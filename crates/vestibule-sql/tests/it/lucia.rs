//! Lucia's tables, on SQLite: they are what the profile says, and the contract works on them as far as they go.

use std::time::Duration;

use serde_json::json;
use vestibule_core::{
    AccountType, AdapterError, NewAccount, NewSession, NewUser, Sessions as _, Timestamp, TouchPolicy,
    Users as _,
};
use vestibule_core::{Accounts as _, VerificationTokens as _};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, ExtraColumn, Profile, SqlAdapter, Table, schema};

async fn database(statements: &[&str]) -> Rusqlite {
    let driver = Rusqlite::in_memory().unwrap();
    let statements: Vec<_> = statements.iter().map(|&text| text.to_owned()).collect();
    schema::apply(&driver, &statements).await.unwrap();
    driver
}

#[tokio::test]
async fn sessions_of_version_three_are_kept_in_whole_seconds() {
    let driver = database(&[
        "CREATE TABLE user (id TEXT NOT NULL PRIMARY KEY, username TEXT, email TEXT)",
        "CREATE TABLE session (id TEXT NOT NULL PRIMARY KEY, expires_at INTEGER NOT NULL, user_id TEXT NOT NULL, \
         country TEXT, FOREIGN KEY (user_id) REFERENCES user(id))",
        "INSERT INTO user VALUES ('u1', 'ada', 'ada@example.com')",
        "INSERT INTO session VALUES ('s1', 1925089445, 'u1', 'KR')",
    ])
    .await;
    let profile = Profile::lucia(Dialect::Sqlite)
        .with_extra_column(Table::Users, ExtraColumn::text("username"))
        .with_extra_column(Table::Users, ExtraColumn::text("email"))
        .with_extra_column(Table::Sessions, ExtraColumn::text("country"));
    let adapter = SqlAdapter::inspect(driver, profile).await.unwrap();

    let (session, user) = adapter.session_and_user(&"s1".into()).await.unwrap().unwrap();
    assert_eq!(session.expires, Timestamp::from_secs(1_925_089_445));
    assert_eq!(session.extra["country"], json!("KR"));
    assert_eq!(user.extra["username"], json!("ada"));

    assert_eq!(user.extra["email"], json!("ada@example.com"));

    let mut new = NewUser::default();
    new.extra.insert("email".into(), json!("grace@example.com"));
    let made = adapter.create_user(&new, None).await.unwrap();
    assert_eq!(made.extra["email"], json!("grace@example.com"));
    assert_eq!(made.id.as_str().len(), 16, "{}", made.id);
    let new = NewSession::new("s2", made.id, Timestamp::from_millis(1_925_089_445_678));
    let stored = adapter.create_session(&new).await.unwrap();
    assert_eq!(stored.expires, Timestamp::from_secs(1_925_089_445));
    let now = Timestamp::from_secs(1_925_089_445);
    let policy = TouchPolicy { max_age: Duration::from_mins(1), update_age: Duration::from_secs(30) };
    assert_eq!(adapter.touch_session(&"s2".into(), now, &policy).await.unwrap(), None, "it has expired");

    let refused = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await;
    assert!(matches!(refused, Err(AdapterError::Refused { .. })), "{refused:?}");
    let refused = adapter.consume_verification_token("ada", &"hash".into()).await;
    assert!(matches!(refused, Err(AdapterError::Refused { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_key_of_version_two_is_an_account() {
    let driver = database(&[
        "CREATE TABLE user (id VARCHAR(15) NOT NULL PRIMARY KEY)",
        "CREATE TABLE user_key (id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL REFERENCES user(id), hashed_password TEXT)",
        "CREATE TABLE user_session (id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, active_expires INTEGER NOT NULL, idle_expires INTEGER NOT NULL)",
        "INSERT INTO user VALUES ('u1')",
        "INSERT INTO user_key VALUES ('email:ada:x@example.com', 'u1', 's2:salt:hash')",
    ])
    .await;
    let adapter = SqlAdapter::inspect(driver, Profile::lucia_v2(Dialect::Sqlite)).await.unwrap();
    assert!(adapter.guarantees().unique_account);

    let found = adapter.account(&"email".into(), &"ada:x@example.com".into()).await.unwrap().unwrap();
    assert_eq!((found.provider.as_str(), found.provider_account_id.as_str()), ("email", "ada:x@example.com"));
    assert_eq!(found.extra["hashed_password"], json!("s2:salt:hash"));
    assert_eq!(adapter.account(&"email:ada".into(), &"x@example.com".into()).await.unwrap(), None);

    let linked = adapter
        .link_account(&"u1".into(), &NewAccount::new(AccountType::OAuth, "github", "7"))
        .await
        .unwrap();
    assert_eq!(linked.provider_account_id.as_str(), "7");
    assert_eq!(adapter.accounts_of_user(&"u1".into()).await.unwrap().len(), 2);
    let again = adapter.link_account(&"u1".into(), &NewAccount::new(AccountType::OAuth, "github", "7")).await;
    assert!(matches!(again, Err(AdapterError::Conflict { .. })), "{again:?}");
    let refused = adapter.link_account(&"u1".into(), &NewAccount::new(AccountType::OAuth, "a:b", "7")).await;
    assert!(matches!(refused, Err(AdapterError::Refused { .. })), "{refused:?}");
    adapter.unlink_account(&"email".into(), &"ada:x@example.com".into()).await.unwrap().unwrap();
}
