//! Batches: all or nothing, whatever happens to the connection or to whoever waits.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use vestibule_core::{
    AccountType, Adapter as _, AdapterError, NewAccount, NewSession, NewUser, Sessions as _, Timestamp,
    Users as _,
};
use vestibule_sql::{Access, Driver as _, DriverError, ParamType, SqlAdapter, Statement, Value};
use vestibule_testkit::Proxy;
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::{TokioPostgres, tokio_postgres::Config};

use crate::server::{self, Schema, until, until_waiting};

fn account(id: &str) -> NewAccount {
    NewAccount::new(AccountType::OAuth, "github", id)
}

/// The database with connections that are named after the test.
fn named(schema: &Schema) -> Config {
    let mut config: Config = schema.url.parse().unwrap();
    config.application_name(&schema.name);
    config
}

/// Drops the future after so many polls, some of them without waiting for the last to have an effect.
async fn at_most<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Pending if left == 0 && polls.is_multiple_of(2) => Poll::Ready(None),
            other => other.map(Some),
        }
    })
    .await
}

/// Neither half an operation nor a connection inside a transaction.
async fn assert_whole(schema: &Schema) {
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'";
    until("connections to come to rest", || async {
        schema.client.query_one(busy, &[&schema.name]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let lonely = "users u WHERE (SELECT count(*) FROM accounts a WHERE a.\"userId\" = u.id) <> 1";
    let orphans = "accounts a WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = a.\"userId\")";
    assert_eq!((schema.count(lonely).await, schema.count(orphans).await), (0, 0));
    assert_eq!(schema.count("users").await, schema.count("(SELECT DISTINCT email FROM users) AS e").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_dropped_anywhere_leaves_all_of_the_operation_or_nothing() {
    let Some(schema) = server::schema("dropped").await else { return };
    let mut settings = server::settings(named(&schema));
    settings.max = 2;
    for driver in
        [TokioPostgres::new(server::pool(named(&schema), 2)), TokioPostgres::connect(&settings).unwrap()]
    {
        let adapter = schema.adapter(driver, Made::Published).await;
        let (mut dropped, mut done) = (0, 0);
        for at in 0..400 {
            let name = format!("{at}-{}", schema.count("users").await);
            let (user, account) = (NewUser::with_email(&*name), account(&name));
            let created = at_most(at % 20, adapter.create_user(&user, Some(&account))).await;
            let Some(user) = created.map(Result::unwrap) else {
                dropped += 1;
                continue;
            };
            done += 1;
            drop(at_most(at % 13, adapter.delete_user(&user.id)).await);
        }
        assert!(dropped > 20 && done > 20, "{dropped} dropped and {done} done");
        assert_whole(&schema).await;
        adapter
            .create_user(&NewUser::with_email(format!("last-{done}-{dropped}")), Some(&account("last")))
            .await
            .ok();
        assert_whole(&schema).await;
    }
    schema.drop().await;
}

/// Ends the connection that waits for a lock with a statement of this schema.
async fn terminate_waiting(schema: &Schema) {
    let watcher = server::client(&schema.url).await;
    until_waiting(&watcher, &schema.name).await;
    let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE wait_event_type = 'Lock' AND application_name = $1";
    assert_eq!(watcher.query(text, &[&schema.name]).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_connection_is_ended_in_the_middle_did_nothing() {
    let Some(schema) = server::schema("ended").await else { return };
    let driver = TokioPostgres::new(server::pool(named(&schema), 2))
        .with_timeouts(Duration::from_secs(2), Duration::from_mins(1));
    let adapter = Arc::new(schema.adapter(driver, Made::Published).await);
    let ada = adapter.create_user(&NewUser::with_email("ada"), Some(&account("1"))).await.unwrap();
    let session = NewSession::new("token", ada.id.clone(), Timestamp::from_secs(4_000_000_000));
    adapter.create_session(&session).await.unwrap();

    // A deletion has deleted the sessions when it waits for the accounts.
    schema.execute("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE").await;
    let task = {
        let (adapter, id) = (Arc::clone(&adapter), ada.id.clone());
        tokio::spawn(async move { adapter.delete_user(&id).await })
    };
    terminate_waiting(&schema).await;
    let result = task.await.unwrap();
    assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{result:?}");
    schema.execute("COMMIT").await;
    assert!(adapter.session_and_user(&"token".into()).await.unwrap().is_some());

    // A creation has locked the e-mail address when it waits for the accounts.
    schema.execute("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE").await;
    let task = {
        let adapter = Arc::clone(&adapter);
        tokio::spawn(
            async move { adapter.create_user(&NewUser::with_email("grace"), Some(&account("2"))).await },
        )
    };
    terminate_waiting(&schema).await;
    let result = task.await.unwrap();
    assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{result:?}");
    schema.execute("COMMIT").await;
    assert_whole(&schema).await;

    adapter.create_user(&NewUser::with_email("grace"), Some(&account("2"))).await.unwrap();
    adapter.delete_user(&ada.id).await.unwrap().unwrap();
    assert_eq!(schema.count("sessions").await, 0);
    assert_whole(&schema).await;
    schema.drop().await;
}

fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}

#[tokio::test]
async fn a_long_batch_runs_in_order_in_one_round_trip_and_one_transaction() {
    let Some(schema) = server::schema("long").await else { return };
    schema.execute("CREATE TABLE numbers (at serial, n int8)").await;
    let proxy = Proxy::start(server::address(&schema.url)).await;
    let driver = TokioPostgres::new(server::pool(server::by_way_of(&schema.url, proxy.address()), 1));
    let insert = format!("INSERT INTO {}.numbers (n) VALUES ($1::int8) RETURNING n", schema.name);
    let insert = statement(&insert, &[ParamType::Int]);
    let numbers: Vec<_> = (0..200).map(|n| [Value::Int(n)]).collect();
    let batch: Vec<_> = numbers.iter().map(|n| (&insert, &n[..])).collect();

    driver.run_all(&batch[..1]).await.unwrap();
    let before = proxy.round_trips();
    let answers = driver.run_all(&batch).await.unwrap();
    assert_eq!(proxy.round_trips() - before, 1);
    assert!(answers.iter().zip(&numbers).all(|(rows, n)| rows.len() == 1 && rows[0][..] == n[..]));
    assert_eq!(schema.count("(SELECT n, at, row_number() OVER (ORDER BY at) - 2 AS place FROM numbers) AS s WHERE n = place").await, 200);
    assert_eq!(schema.count("(SELECT DISTINCT xmin::text FROM numbers) AS s").await, 2);

    let fails = statement("SELECT 1 / $1::int8", &[ParamType::Int]);
    let mut batch = batch;
    batch.insert(100, (&fails, &numbers[0]));
    assert!(matches!(driver.run_all(&batch).await, Err(DriverError::Refused(_))));
    assert_eq!(schema.count("numbers").await, 201, "an error undoes the whole batch");
    schema.drop().await;
}

/// What may become of statements that are prepared already.
async fn assert_every_operation_works(adapter: &SqlAdapter<TokioPostgres>, tag: &str) {
    each_operation(adapter, &Given::tagged(tag), |name, result| {
        assert!(result.is_ok(), "{tag}: {name}: {result:?}");
    })
    .await;
}

#[tokio::test]
async fn statements_that_went_stale_are_prepared_again() {
    let Some(schema) = server::schema("stale").await else { return };
    let mut settings = server::settings(schema.url.parse().unwrap());
    (settings.max, settings.shared_connections) = (1, 1);
    for made in [Made::Published, Made::Fresh] {
        for driver in [
            TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 1)),
            TokioPostgres::connect(&settings).unwrap(),
        ] {
            let adapter = schema.adapter(driver, made).await;
            assert_every_operation_works(&adapter, "warm").await;
            let count = schema.count("users").await;
            schema
                .execute(&format!("ALTER TABLE users ALTER COLUMN name TYPE varchar({})", 300 + count))
                .await;
            schema.execute("ALTER TABLE accounts ALTER COLUMN provider TYPE text").await;
            assert_every_operation_works(&adapter, "altered").await;
            schema.execute("ALTER TABLE accounts ALTER COLUMN provider TYPE varchar(255)").await;

            // As some poolers do between two clients.
            let object = adapter.driver().pool().get().await.unwrap();
            object.batch_execute("DEALLOCATE ALL").await.unwrap();
            drop(object);
            assert_every_operation_works(&adapter, "deallocated").await;
            adapter.ping().await.unwrap();
            schema.execute("TRUNCATE users CASCADE; TRUNCATE accounts, sessions").await;
        }
        schema
            .execute("DROP TABLE users, accounts, sessions, verification_token, authenticators CASCADE")
            .await;
    }
    schema.drop().await;
}
