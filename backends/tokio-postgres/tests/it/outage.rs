//! A database that is down, slow, or out of connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule_core::{
    Adapter, AdapterError, Change, NewSession, NewUser, Sessions as _, Timestamp, UserChanges, Users as _,
};
use vestibule_sql::SqlAdapter;
use vestibule_testkit::Proxy;
use vestibule_testkit::outage::{assert_unavailable, until_it_works};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::{Settings, TokioPostgres, tokio_postgres::Config};

use crate::server::{self, until, until_waiting};

const CONNECTION: Duration = Duration::from_millis(400);
const ANSWER: Duration = Duration::from_millis(400);
/// Both timeouts, once more for a read that is tried again, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(6);

fn drivers(config: &Config, size: usize) -> [TokioPostgres; 2] {
    let mut settings = server::settings(config.clone());
    settings.max = size;
    settings.shared_connections = 2;
    settings.connection_timeout = CONNECTION;
    settings.answer_timeout = ANSWER;
    let pool = TokioPostgres::new(server::pool(config.clone(), size)).with_timeouts(CONNECTION, ANSWER);
    [pool, TokioPostgres::connect(&settings).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unavailable_until_it_is_back() {
    let Some(schema) = server::schema("down").await else { return };
    let proxy = Proxy::start(server::address(&schema.url)).await;
    for driver in drivers(&server::by_way_of(&schema.url, proxy.address()), 4) {
        let adapter = schema.adapter(driver, Made::Published).await;
        drop(adapter.create_user(&NewUser::with_email("ada@example.com"), None).await);
        until_it_works(&adapter).await;

        proxy.go_down();
        assert_unavailable(&adapter, "a", PATIENCE).await;
        assert_unavailable(&adapter, "b", PATIENCE).await;
        proxy.come_up();
        until_it_works(&adapter).await;
    }
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_outage_is_noticed_by_the_very_next_read() {
    let Some(schema) = server::schema("next_read").await else { return };
    let proxy = Proxy::start(server::address(&schema.url)).await;
    for driver in drivers(&server::by_way_of(&schema.url, proxy.address()), 1) {
        let adapter = schema.adapter(driver, Made::Published).await;
        for _ in 0..3 {
            proxy.go_down();
            // More than there are shared connections, so that each has just failed.
            for _ in 0..4 {
                assert!(adapter.user_by_email("ada@example.com").await.is_err());
            }
            proxy.come_up();

            for _ in 0..4 {
                assert_eq!(adapter.user_by_email("ada@example.com").await.unwrap(), None);
            }
        }
    }
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_answer_is_given_up_and_not_used_again() {
    let Some(schema) = server::schema("deaf").await else { return };
    let proxy = Proxy::start(server::address(&schema.url)).await;
    for driver in drivers(&server::by_way_of(&schema.url, proxy.address()), 1) {
        let adapter = schema.adapter(driver, Made::Published).await;
        drop(adapter.create_user(&NewUser::with_email("ada@example.com"), None).await);
        until_it_works(&adapter).await;
        let connections = proxy.connections();

        proxy.swallow_answers();
        assert_unavailable(&adapter, "a", PATIENCE).await;
        proxy.come_up();
        until_it_works(&adapter).await;
        assert!(proxy.connections() > connections, "the connection that lost its answer is in use again");
    }
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_answered_while_every_connection_of_the_pool_waits_for_a_lock() {
    let Some(schema) = server::schema("exhausted").await else { return };
    let mut settings = server::settings(schema.url.parse().unwrap());
    settings.max = 2;
    settings.connection_timeout = CONNECTION;
    settings.answer_timeout = Duration::from_mins(1);
    let driver = TokioPostgres::connect(&settings).unwrap();
    let adapter = Arc::new(schema.adapter(driver, Made::Published).await);
    adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();

    schema.execute("BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").await;
    let blocked: Vec<_> = (0..2)
        .map(|at| {
            let adapter = Arc::clone(&adapter);
            tokio::spawn(
                async move { adapter.create_user(&NewUser::with_email(format!("{at}")), None).await },
            )
        })
        .collect();
    until("the pool is exhausted", || async { adapter.driver().pool().status().available == 0 }).await;
    let watcher = server::client(&schema.url).await;
    until_waiting(&watcher, &schema.name).await;

    let begun = Instant::now();
    let refused = adapter.create_user(&NewUser::with_email("late"), None).await;
    assert!(matches!(refused, Err(AdapterError::Unavailable(_))), "{refused:?}");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    for _ in 0..50 {
        assert!(adapter.user_by_email("ada@example.com").await.unwrap().is_some());
    }
    schema.execute("COMMIT").await;
    for task in blocked {
        task.await.unwrap().unwrap();
    }
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_for_a_row_does_not_hold_up_reads() {
    let Some(schema) = server::schema("row_lock").await else { return };
    let mut settings = server::settings(schema.url.parse().unwrap());
    settings.shared_connections = 1;
    settings.answer_timeout = Duration::from_mins(1);
    let adapter = schema.adapter(TokioPostgres::connect(&settings).unwrap(), Made::Fresh).await;
    let adapter = Arc::new(adapter);
    let user = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    let session = NewSession::new("token", user.id.clone(), Timestamp::from_secs(4_000_000_000));
    adapter.create_session(&session).await.unwrap();

    schema.execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await;
    let changes = UserChanges { name: Change::Set(Some("Ada".into())), ..UserChanges::default() };
    let waiting = {
        let (adapter, id) = (Arc::clone(&adapter), user.id.clone());
        tokio::spawn(async move { adapter.update_user(&id, &changes).await })
    };
    let watcher = server::client(&schema.url).await;
    until_waiting(&watcher, &schema.name).await;
    for _ in 0..50 {
        let read = async { adapter.session_and_user(&"token".into()).await };
        assert!(tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap().is_some());
    }
    assert!(!waiting.is_finished());
    schema.execute("COMMIT").await;
    assert_eq!(waiting.await.unwrap().unwrap().unwrap().name.as_deref(), Some("Ada"));
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_survives_that_the_server_ends_its_connection() {
    let Some(schema) = server::schema("ended_read").await else { return };
    for driver in drivers(&schema.url.parse::<Config>().unwrap().application_name(&schema.name).clone(), 2) {
        let adapter: SqlAdapter<_> = schema.adapter(driver, Made::Published).await;
        adapter.ping().await.unwrap();
        for _ in 0..20 {
            let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
            schema.client.query(text, &[&schema.name]).await.unwrap();
            until_it_pings(&adapter).await;
        }
    }
    schema.drop().await;
}

/// At most one call may meet each of the two lanes as it dies.
async fn until_it_pings(adapter: &dyn Adapter) {
    let mut failures = 0;
    while adapter.ping().await.is_err() {
        failures += 1;
        assert!(failures < 3, "the driver does not recover");
    }
}

#[tokio::test]
async fn an_unknown_database_is_an_error_that_says_so() {
    let Some(url) = vestibule_testkit::postgres::url() else { return };
    let mut config: Config = url.parse().unwrap();
    config.dbname("no_such_database");
    for driver in drivers(&config, 1) {
        let adapter = SqlAdapter::new(driver, vestibule_sql::Profile::authjs()).unwrap();
        for result in [adapter.ping().await, adapter.delete_session(&"none".into()).await.map(drop)] {
            let error = result.unwrap_err();
            assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
            assert!(full(&error).contains("\"no_such_database\" does not exist"), "{}", full(&error));
        }
    }
}

/// The message with those of its causes.
pub(crate) fn full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[tokio::test]
async fn a_connection_that_lies_idle_is_closed() {
    let Some(schema) = server::schema("idle").await else { return };
    let mut settings = Settings::from_url(&schema.url).unwrap();
    settings.idle_timeout = Duration::from_millis(200);
    let driver = TokioPostgres::connect(&settings).unwrap();
    let adapter = schema.adapter(driver.clone(), Made::Fresh).await;
    adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    assert_eq!(driver.pool().status().size, 1);

    server::until("the connection is closed", || async { driver.pool().status().size == 0 }).await;

    assert!(adapter.user_by_email("ada@example.com").await.unwrap().is_some());
    schema.drop().await;
}
