//! Rows that others wrote and that make no sense, on SQLite, where any column takes any value: the error names table and
//! column, says what was found, and never the value.

use std::error::Error as _;

use vestibule_core::{
    Accounts as _, AdapterError, ProviderAccountId, ProviderId, Sessions as _, Timestamp, TokenHash,
    TouchPolicy, Users as _, VerificationTokens as _,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{ExtraColumn, ExtraKind, Profile, SqlAdapter, Table, schema};

/// In every value below, as text or as bytes.
const SECRET: &str = "secret";
const SECRET_BYTES: &str = "x'7365637265740aff'";

/// One row in each table, and one change to it.
async fn adapter(change: &str) -> SqlAdapter<Rusqlite> {
    let statements = [
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, email_verified INTEGER, image TEXT, \
         plan TEXT, seats INTEGER)",
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, user_id INTEGER, type TEXT, provider TEXT, \
         provider_account_id TEXT, refresh_token TEXT, access_token TEXT, expires_at INTEGER, id_token TEXT, \
         scope TEXT, session_state TEXT, token_type TEXT)",
        "CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id INTEGER, expires INTEGER, session_token TEXT)",
        "CREATE TABLE verification_token (identifier TEXT, expires INTEGER, token TEXT)",
        "INSERT INTO users VALUES (7, 'Ada', 'ada@example.com', 1925089445678, NULL, '{}', 3)",
        "INSERT INTO accounts (user_id, type, provider, provider_account_id) VALUES (7, 'oauth', 'github', '1')",
        "INSERT INTO sessions (user_id, expires, session_token) VALUES (7, 1925089445678, 'token')",
        "INSERT INTO verification_token VALUES ('ada', 1925089445678, 'hash')",
        change,
    ];
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &statements.map(str::to_owned)).await.unwrap();
    let profile = Profile::authjs()
        .with_extra_column(Table::Users, ExtraColumn::new("plan", ExtraKind::Json))
        .with_extra_column(Table::Users, ExtraColumn::new("seats", ExtraKind::Int))
        .with_snake_case();
    SqlAdapter::inspect(driver, profile).await.unwrap()
}

/// What each role says, by table.
async fn read(adapter: &SqlAdapter<Rusqlite>, table: &str) -> Vec<Result<(), AdapterError>> {
    let (user, token) = ("7".into(), "token".into());
    let (provider, id) = (ProviderId::from("github"), ProviderAccountId::from("1"));
    let policy = TouchPolicy::default();
    match table {
        "users" => vec![
            adapter.user(&user).await.map(drop),
            adapter.user_by_email("ada@example.com").await.map(drop),
            adapter.user_by_account(&provider, &id).await.map(drop),
            adapter.session_and_user(&token).await.map(drop),
        ],
        "accounts" => vec![
            adapter.account(&provider, &id).await.map(drop),
            adapter.accounts_of_user(&user).await.map(drop),
        ],
        "sessions" => vec![
            adapter.session_and_user(&token).await.map(drop),
            adapter.sessions_of_user(&user).await.map(drop),
            adapter.touch_session(&token, Timestamp::from_millis(0), &policy).await.map(drop),
        ],
        _ => vec![adapter.consume_verification_token("ada", &TokenHash::from("hash")).await.map(drop)],
    }
}

#[tokio::test]
async fn a_cell_that_makes_no_sense_is_an_error_that_names_it_and_keeps_its_value_to_itself() {
    let bytes = SECRET_BYTES;
    let cases = [
        ("users", "email_verified", "'secret'", "expected a point in time, found text that is no date"),
        ("users", "email_verified", bytes, "expected a point in time, found bytes"),
        ("users", "name", bytes, "expected text, found bytes"),
        ("users", "image", "CAST(x'736563726574ff' AS TEXT)", "expected text, found bytes"),
        ("users", "plan", "'secret'", "expected Json, found text that is no JSON"),
        ("users", "seats", "'secret'", "expected Int, found text"),
        ("accounts", "type", "NULL", "expected text, found NULL"),
        ("accounts", "access_token", bytes, "expected text, found bytes"),
        ("accounts", "expires_at", "'secret'", "expected a point in time, found text that is no date"),
        ("sessions", "expires", "NULL", "expected a point in time, found NULL"),
        ("sessions", "expires", "'secret'", "expected a point in time, found text that is no date"),
        ("sessions", "expires", "0.5", "expected a point in time, found a floating-point number"),
        ("verification_token", "expires", "NULL", "expected a point in time, found NULL"),
        ("verification_token", "expires", "'secret'", "expected a point in time, found text that is no date"),
    ];
    for (table, column, value, problem) in cases {
        let adapter = adapter(&format!("UPDATE {table} SET {column} = {value}")).await;

        for (at, answer) in read(&adapter, table).await.into_iter().enumerate() {
            let error = answer.expect_err(&format!("{table}.{column} = {value}, {at}"));
            let AdapterError::CorruptRow { table: told, column: in_column, problem: what } = &error else {
                panic!("{table}.{column} = {value}, {at}: {error:?}");
            };
            assert_eq!((&**told, &**in_column, &**what), (table, column, problem), "{at}");
            let text = format!("{error} {error:?} {:?}", error.source());
            assert!(!text.contains(SECRET) && !text.contains("115, 101"), "{text}");
        }
    }
}
