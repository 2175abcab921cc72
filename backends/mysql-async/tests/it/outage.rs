//! A database that is down, slow, or out of connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule_core::{Adapter as _, AdapterError, NewUser, Sessions as _, Users as _};
use vestibule_mysql_async::mysql_async::prelude::Queryable as _;
use vestibule_mysql_async::{MysqlAsync, Settings, mysql_async};
use vestibule_sql::{Profile, SqlAdapter, Value};
use vestibule_testkit::outage::{assert_unavailable, until_it_works};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{Proxy, mysql, until};

use crate::server;

const CONNECTION: Duration = Duration::from_millis(400);
const ANSWER: Duration = Duration::from_millis(400);
/// Both time-outs, once more for a read that is tried again, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(6);

type Adapter = SqlAdapter<MysqlAsync>;

async fn connected(url: &str, size: usize, answer: Duration) -> MysqlAsync {
    let mut settings = Settings::from_url(url).unwrap();
    (settings.max, settings.connection_timeout, settings.answer_timeout) = (size, CONNECTION, answer);
    MysqlAsync::connect(&settings).await.unwrap()
}

/// Runs a test on every server and both constructors, by way of a proxy, on a database of its own.
async fn on_each(test: &str, size: usize, run: impl AsyncFn(Adapter, &Proxy, &MysqlAsync, &str)) {
    for url in mysql::urls() {
        let watcher = server::connected(&url, 4).await;
        for number in 0..2 {
            let database = format!("it_{test}_{number}_{}", std::process::id());
            mysql::fresh_database(&watcher, &database).await;
            let direct = server::connected(&mysql::with_database(&url, &database), 1).await;
            sql::adapter(direct, Profile::authjs(), Made::Published).await;
            let proxy = Proxy::start(mysql::address(&url)).await;
            let way = mysql::with_database(&mysql::by_way_of(&url, proxy.address()), &database);
            let driver = if number == 0 {
                let pool = server::pool(&way, size, &[]);
                MysqlAsync::detect(pool).await.unwrap().with_timeouts(CONNECTION, ANSWER)
            } else {
                connected(&way, size, ANSWER).await
            };

            run(SqlAdapter::new(driver, Profile::authjs()).unwrap(), &proxy, &watcher, &database).await;

            mysql::drop_database(&watcher, &database).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unavailable_until_it_is_back() {
    on_each("down", 4, async |adapter, proxy, _, _| {
        adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();

        proxy.go_down();
        assert_unavailable(&adapter, "a", PATIENCE).await;
        assert_unavailable(&adapter, "b", PATIENCE).await;
        proxy.come_up();
        until_it_works(&adapter).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_outage_is_noticed_by_the_very_next_read() {
    on_each("next_read", 1, async |adapter, proxy, _, _| {
        for _ in 0..3 {
            assert_eq!(adapter.user_by_email("ada@example.com").await.unwrap(), None);
            proxy.go_down();
            assert!(adapter.user_by_email("ada@example.com").await.is_err());
            proxy.come_up();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_answer_is_given_up_and_not_used_again() {
    on_each("deaf", 1, async |adapter, proxy, _, _| {
        adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        let connections = proxy.connections();

        proxy.swallow_answers();
        assert_unavailable(&adapter, "a", PATIENCE).await;
        proxy.come_up();
        until_it_works(&adapter).await;
        assert!(proxy.connections() > connections, "the connection that lost its answer is in use again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_survives_that_the_server_ends_its_connection() {
    on_each("ended", 1, async |adapter, _, watcher, database| {
        for _ in 0..10 {
            assert_eq!(adapter.user_by_email("ada@example.com").await.unwrap(), None);
            for id in connections(watcher, database).await {
                mysql::execute(watcher, &format!("KILL CONNECTION {id}")).await;
            }
            until("the connection is gone", async || connections(watcher, database).await.is_empty()).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_whose_connection_ends_goes_to_another_and_a_write_does_not() {
    on_each("hung_up", 1, async |adapter, proxy, _, _| {
        assert_eq!(adapter.user_by_email("ada@example.com").await.unwrap(), None);

        proxy.hang_up_once();
        assert_eq!(adapter.user_by_email("ada@example.com").await.unwrap(), None);
        proxy.hang_up_once();
        let written = adapter.delete_session(&"none".into()).await;
        assert!(matches!(written, Err(AdapterError::Unavailable(_))), "{written:?}");
        proxy.hang_up_once();
        let created = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await;
        assert!(matches!(created, Err(AdapterError::Unavailable(_))), "{created:?}");
    })
    .await;
}

async fn connections(watcher: &MysqlAsync, database: &str) -> Vec<i64> {
    let text = format!("SELECT id FROM information_schema.processlist WHERE db = '{database}'");
    let rows = mysql::execute(watcher, &text).await;
    let id = |row: Vec<Value>| match row.first() {
        Some(Value::Int(id)) => *id,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_when_every_connection_waits_for_a_lock_is_told_in_time() {
    for url in mysql::urls() {
        let watcher = server::connected(&url, 4).await;
        let database = format!("it_exhausted_{}", std::process::id());
        mysql::fresh_database(&watcher, &database).await;
        let url = mysql::with_database(&url, &database);
        let driver = connected(&url, 2, Duration::from_mins(1)).await;
        let adapter = Arc::new(sql::adapter(driver, Profile::authjs(), Made::Published).await);

        let mut other = mysql_async::Conn::from_url(&url).await.unwrap();
        other.query_drop("LOCK TABLES users WRITE").await.unwrap();
        let blocked = ["a", "b"].map(|email| {
            let adapter = Arc::clone(&adapter);
            tokio::spawn(async move { adapter.create_user(&NewUser::with_email(email), None).await })
        });
        let waiting = format!(
            "SELECT id FROM information_schema.processlist WHERE db = '{database}' \
             AND state = 'Waiting for table metadata lock'"
        );
        until("both wait", async || mysql::execute(&watcher, &waiting).await.len() == 2).await;

        let begun = Instant::now();
        let refused = adapter.create_user(&NewUser::with_email("late"), None).await;
        assert!(matches!(refused, Err(AdapterError::Unavailable(_))), "{refused:?}");
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        other.query_drop("UNLOCK TABLES").await.unwrap();
        for task in blocked {
            task.await.unwrap().unwrap();
        }
        mysql::drop_database(&watcher, &database).await;
    }
}

#[tokio::test]
async fn an_unknown_database_is_an_error_that_says_so() {
    for url in mysql::urls() {
        let dialect = vestibule_sql::Driver::dialect(&server::connected(&url, 1).await);
        let url = mysql::with_database(&url, "no_such_database");
        let driver = MysqlAsync::new(server::pool(&url, 1, &[]), dialect);
        let adapter = SqlAdapter::new(driver, Profile::authjs()).unwrap();

        for result in [adapter.ping().await, adapter.delete_session(&"none".into()).await.map(drop)] {
            let error = result.unwrap_err();
            assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
            assert!(full(&error).contains("Unknown database 'no_such_database'"), "{}", full(&error));
        }
    }
}

/// The message with those of its causes.
fn full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
