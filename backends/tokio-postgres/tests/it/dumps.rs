//! Databases that `@auth/pg-adapter` made and filled: every row as it was, and what their missing keys let happen.

use std::collections::HashMap;

use serde_json::Value;
use vestibule_core::{
    Account, Accounts as _, AdapterError, NewUser, SecretToken, Session, Sessions as _, Timestamp, User,
    Users as _, VerificationTokens as _,
};
use vestibule_sql::schema::{self, SchemaError};
use vestibule_sql::{Guarantees, SqlAdapter};
use vestibule_tokio_postgres::TokioPostgres;

use crate::outage::full;
use crate::server::{self, Schema};

const CLEAN: &str = include_str!("../../../../fixtures/dumps/authjs/authjs-pg-clean.postgres.sql");
const DIRTY: &str = include_str!("../../../../fixtures/dumps/authjs/authjs-pg.postgres.sql");
const CALLS: &str = include_str!("../../../../fixtures/dumps/authjs/authjs-pg.calls.log");

/// Loads the dump into a schema, as `psql` would.
async fn load(test: &str, dump: &str) -> Option<(Schema, SqlAdapter<TokioPostgres>)> {
    let schema = server::schema(test).await?;
    let lines = dump.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n");
    let loader = server::client(&schema.url).await;
    loader.batch_execute(&lines.replace("public.", &format!("{}.", schema.name))).await.unwrap();
    let driver = TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 4));
    // As a program does at its start.
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    Some((schema, adapter))
}

/// What the original answered to each call.
fn calls() -> HashMap<&'static str, Value> {
    let calls = CALLS.lines().filter_map(|line| {
        let (name, answer) = line.split_once(" => ")?;
        Some((name, serde_json::from_str(answer.trim()).ok()?))
    });
    calls.collect()
}

/// The point in time of a text such as `2030-01-02T03:04:05.678Z`, by PostgreSQL's own judgment.
async fn time(schema: &Schema, text: &Value) -> Option<Timestamp> {
    let text = text.as_str()?;
    let millis = "SELECT (extract(epoch FROM $1::text::timestamptz) * 1000)::int8";
    Some(Timestamp::from_millis(schema.client.query_one(millis, &[&text]).await.unwrap().get(0)))
}

fn opt(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

async fn assert_user(schema: &Schema, user: &User, answer: &Value) {
    assert_eq!(user.id.as_str(), answer["id"].to_string());
    assert_eq!(user.name, opt(&answer["name"]));
    assert_eq!(user.email, opt(&answer["email"]));
    assert_eq!(user.email_verified, time(schema, &answer["emailVerified"]).await);
    assert_eq!(user.image, opt(&answer["image"]));
}

async fn assert_session(schema: &Schema, session: &Session, answer: &Value) {
    assert_eq!(session.id.as_ref().unwrap().as_str(), answer["id"].to_string());
    assert_eq!(session.token.expose(), answer["sessionToken"].as_str().unwrap());
    assert_eq!(session.user_id.as_str(), answer["userId"].to_string());
    assert_eq!(Some(session.expires), time(schema, &answer["expires"]).await);
}

fn assert_account(account: &Account, answer: &Value) {
    let secret = |token: &Option<SecretToken>| token.as_ref().map(|token| token.expose().to_owned());
    assert_eq!(account.id.as_ref().unwrap().as_str(), answer["id"].to_string());
    assert_eq!(account.user_id.as_str(), answer["userId"].to_string());
    assert_eq!(account.provider.as_str(), answer["provider"].as_str().unwrap());
    assert_eq!(account.account_type.as_str(), answer["type"].as_str().unwrap());
    assert_eq!(account.provider_account_id.as_str(), answer["providerAccountId"].as_str().unwrap());
    let tokens = &account.tokens;
    assert_eq!(secret(&tokens.access_token), opt(&answer["access_token"]));
    assert_eq!(secret(&tokens.refresh_token), opt(&answer["refresh_token"]));
    assert_eq!(secret(&tokens.id_token), opt(&answer["id_token"]));
    assert_eq!(tokens.expires_at.map(Timestamp::as_secs), answer["expires_at"].as_i64());
    assert_eq!(tokens.scope, opt(&answer["scope"]));
    assert_eq!(tokens.session_state, opt(&answer["session_state"]));
    assert_eq!(tokens.token_type, opt(&answer["token_type"]));
}

/// Everything that both dumps hold.
async fn assert_as_the_original_answered(schema: &Schema, adapter: &SqlAdapter<TokioPostgres>) {
    let calls = calls();
    let ada = adapter.user(&"1".into()).await.unwrap().unwrap();
    assert_user(schema, &ada, &calls["getUser"]).await;
    assert_user(schema, &ada, &calls["getUser str"]).await;
    let grace = adapter.user(&"2".into()).await.unwrap().unwrap();
    assert_user(schema, &grace, &calls["updateUser"]).await;
    let by_email = adapter.user_by_email("ada@example.com").await.unwrap().unwrap();
    assert_user(schema, &by_email, &calls["getUserByEmail"]).await;
    assert_eq!(adapter.user_by_email("Ada@Example.com").await.unwrap(), None);
    let by_account = adapter.user_by_account(&"github".into(), &"583231".into()).await.unwrap().unwrap();
    assert_user(schema, &by_account, &calls["getUserByAccount"]).await;
    for id in ["4", "0", "no-integer", "99999999999"] {
        assert_eq!(adapter.user(&id.into()).await.unwrap(), None);
    }

    let accounts = adapter.accounts_of_user(&"1".into()).await.unwrap();
    assert_eq!(accounts.len(), 2);
    assert_account(&accounts[0], &calls["linkAccount min"]);
    assert_account(&accounts[1], &calls["linkAccount"]);
    let github = adapter.account(&"github".into(), &"583231".into()).await.unwrap().unwrap();
    assert_account(&github, &calls["linkAccount min"]);

    let token = calls["createSession"]["sessionToken"].as_str().unwrap();
    let (session, user) = adapter.session_and_user(&token.into()).await.unwrap().unwrap();
    let mut answer = calls["getSessionAndUser"]["session"].clone();
    answer["expires"] = "2031-01-02T03:04:05.678Z".into(); // By `updateSession`, which answers nothing.
    assert_session(schema, &session, &answer).await;
    assert_user(schema, &user, &calls["getSessionAndUser"]["user"]).await;
    let token = calls["createSession2"]["sessionToken"].as_str().unwrap();
    let (session, _) = adapter.session_and_user(&token.into()).await.unwrap().unwrap();
    assert_session(schema, &session, &calls["getSessionAndUser expired"]["session"]).await;
}

async fn assert_tokens(schema: &Schema, adapter: &SqlAdapter<TokioPostgres>) {
    for name in ["createVT", "createVT2"] {
        let answer = &calls()[name];
        let (identifier, hash) = (answer["identifier"].as_str().unwrap(), answer["token"].as_str().unwrap());
        let token = adapter.consume_verification_token(identifier, &hash.into()).await.unwrap().unwrap();
        assert_eq!(&*token.identifier, identifier);
        assert_eq!(token.token.expose(), hash);
        assert_eq!(Some(token.expires), time(schema, &answer["expires"]).await);
        assert_eq!(adapter.consume_verification_token(identifier, &hash.into()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn every_row_of_the_originals_database_reads_as_the_original_answered() {
    let Some((schema, adapter)) = load("clean", CLEAN).await else { return };
    let mut guarantees = Guarantees::default();
    (guarantees.unique_user_id, guarantees.unique_token) = (true, true);
    assert_eq!(adapter.guarantees(), guarantees);
    assert_as_the_original_answered(&schema, &adapter).await;
    assert_tokens(&schema, &adapter).await;
    let next = adapter.create_user(&NewUser::with_email("next@example.com"), None).await.unwrap();
    assert_eq!(next.id.as_str(), "4", "the original's counter goes on");
    let taken = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await;
    assert!(matches!(taken, Err(AdapterError::Conflict { .. })), "{taken:?}");
    schema.drop().await;
}

#[tokio::test]
async fn of_rows_that_are_there_twice_the_first_one_made_counts() {
    let Some((schema, adapter)) = load("dirty", DIRTY).await else { return };
    assert_as_the_original_answered(&schema, &adapter).await;
    assert_tokens(&schema, &adapter).await;

    let twice = calls()["createSession2"]["sessionToken"].as_str().unwrap().to_owned();
    let deleted = adapter.delete_session(&twice.as_str().into()).await.unwrap().unwrap();
    assert_eq!(deleted.id.unwrap().as_str(), "2");
    assert_eq!(adapter.session_and_user(&twice.as_str().into()).await.unwrap(), None, "both are gone");
    let unlinked = adapter.unlink_account(&"github".into(), &"583231".into()).await.unwrap().unwrap();
    assert_eq!((unlinked.id.unwrap().as_str(), unlinked.user_id.as_str()), ("2", "1"));
    assert_eq!(adapter.account(&"github".into(), &"583231".into()).await.unwrap(), None);
    adapter.delete_user(&"1".into()).await.unwrap().unwrap();
    let heir = adapter.user_by_email("ada@example.com").await.unwrap().unwrap();
    assert_eq!(heir.id.as_str(), "3");
    schema.drop().await;
}

#[tokio::test]
async fn the_additions_give_a_clean_database_every_guarantee() {
    let Some((schema, adapter)) = load("upgrade", CLEAN).await else { return };
    let driver = adapter.driver();
    let report = server::fits(driver, &schema.profile()).await;
    assert_eq!(report.problems, []);
    let told: Vec<_> =
        report.advice.iter().map(|finding| finding.message.replace(&schema.name, "s")).collect();
    assert_eq!(
        told,
        [
            "table \"s\".\"accounts\" has no foreign key from \"userId\" to the users",
            "table \"s\".\"sessions\" has no foreign key from \"userId\" to the users",
            "table \"s\".\"users\" has no unique key on email",
            "table \"s\".\"accounts\" has no unique key on provider and providerAccountId",
            "table \"s\".\"accounts\" has no index on userId",
            "table \"s\".\"sessions\" has no unique key on sessionToken",
            "table \"s\".\"sessions\" has no index on userId",
            "table \"s\".\"sessions\" has no index on expires",
            "table \"s\".\"verification_token\" has no index on expires",
        ]
    );
    schema::apply(driver, &report.additions()).await.unwrap();
    let report = server::fits(driver, &schema.profile()).await;
    assert_eq!((report.additions(), report.advice), (Vec::new(), Vec::new()));
    let mut all = Guarantees::ALL;
    all.unique_credential_id = false; // There is no table for them.
    assert_eq!(report.guarantees, all);
    let upgraded = SqlAdapter::inspect(driver.clone(), schema.profile()).await.unwrap();
    assert_as_the_original_answered(&schema, &upgraded).await;
    assert_as_the_original_answered(&schema, &adapter).await;
    schema.drop().await;
}

#[tokio::test]
async fn additions_that_a_dirty_database_cannot_take_change_nothing() {
    let Some((schema, adapter)) = load("refused", DIRTY).await else { return };
    let additions = server::fits(adapter.driver(), &schema.profile()).await.additions();
    let objects = format!(
        "(SELECT 1 FROM pg_class WHERE relnamespace = '{0}'::regnamespace UNION ALL \
                           SELECT 1 FROM pg_constraint WHERE connamespace = '{0}'::regnamespace) AS o",
        schema.name
    );
    let before = schema.count(&objects).await;

    let error = schema::apply(adapter.driver(), &additions).await.unwrap_err();
    assert!(matches!(&error, SchemaError::Store(AdapterError::Refused { .. })), "{error:?}");
    assert!(full(&error).contains("could not create unique index"), "{}", full(&error));
    assert_eq!(schema.count(&objects).await, before);
    assert_as_the_original_answered(&schema, &adapter).await;
    schema.drop().await;
}
