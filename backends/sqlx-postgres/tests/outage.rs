//! A database that is down, that does not answer, or that is not there.

use std::time::Duration;

use vestibule_core::{Adapter as _, AdapterError, NewUser, Users as _};
use vestibule_sql::{Access, Driver as _, Profile, SqlAdapter, Statement};
use vestibule_sqlx_postgres::SqlxPostgres;
use vestibule_sqlx_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use vestibule_testkit::outage::{assert_unavailable, until_it_works};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{Proxy, postgres};

const TIMEOUT: Duration = Duration::from_millis(400);
/// Both timeouts, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(6);

fn driver(options: PgConnectOptions) -> SqlxPostgres {
    let pool = PgPoolOptions::new().max_connections(4).test_before_acquire(false).acquire_timeout(TIMEOUT);
    let pool = pool.connect_lazy_with(options.statement_cache_capacity(256));
    SqlxPostgres::new(pool).with_answer_timeout(TIMEOUT)
}

fn statement(text: &str) -> Statement {
    Statement { name: "test", text: text.into(), params: Box::default(), access: Access::Write }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_or_silent_is_unavailable_until_it_is_back() {
    let Some(url) = postgres::url() else { return };
    let options: PgConnectOptions = url.parse().unwrap();
    let proxy = Proxy::start(format!("{}:{}", options.get_host(), options.get_port())).await;
    let schema = format!("sqlx_down_{}", std::process::id());
    let admin = driver(options.clone());
    for text in [format!("DROP SCHEMA IF EXISTS {schema} CASCADE"), format!("CREATE SCHEMA {schema}")] {
        admin.run(&statement(&text), &[]).await.unwrap();
    }
    let by_way = options.host("127.0.0.1").port(proxy.address().port());
    let profile = Profile::authjs().with_postgres_schema(&schema);
    let adapter = sql::adapter(driver(by_way), profile, Made::Published).await;
    adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();

    for is_silent in [false, true] {
        if is_silent {
            proxy.swallow_answers();
        } else {
            proxy.go_down();
        }
        assert_unavailable(&adapter, "a", PATIENCE).await;
        assert_unavailable(&adapter, "b", PATIENCE).await;
        proxy.come_up();

        until_it_works(&adapter).await;
    }
    admin.run(&statement(&format!("DROP SCHEMA {schema} CASCADE")), &[]).await.unwrap();
}

#[tokio::test]
async fn an_unknown_database_is_an_error_that_says_so() {
    let Some(url) = postgres::url() else { return };
    let options: PgConnectOptions = url.parse().unwrap();
    let adapter = SqlAdapter::new(driver(options.database("no_such_database")), Profile::authjs()).unwrap();

    let error = adapter.ping().await.unwrap_err();

    assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    let full = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(full.contains("database \"no_such_database\" does not exist"), "{full}");
}
