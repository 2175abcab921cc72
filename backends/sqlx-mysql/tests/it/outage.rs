//! A database that is down, that does not answer, or that is not there.

use std::time::Duration;

use vestibule_core::{Adapter as _, AdapterError, NewUser, Users as _};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_mysql::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use vestibule_testkit::outage::{assert_unavailable, until_it_works};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{Proxy, mysql};

const TIMEOUT: Duration = Duration::from_millis(400);
/// Both timeouts, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(6);

async fn driver(url: &str) -> SqlxMysql {
    let options: MySqlConnectOptions = url.parse().unwrap();
    let pool = MySqlPoolOptions::new()
        .max_connections(4)
        .test_before_acquire(false)
        .acquire_timeout(TIMEOUT)
        .connect_lazy_with(options.statement_cache_capacity(256));
    SqlxMysql::detect(pool).await.unwrap().with_answer_timeout(TIMEOUT)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_or_silent_is_unavailable_until_it_is_back() {
    for url in mysql::urls() {
        let admin = crate::driver(&url, 1, "").await.unwrap();
        let database = format!("sx_down_{}", std::process::id());
        mysql::fresh_database(&admin, &database).await;
        let proxy = Proxy::start(mysql::address(&url)).await;
        let way = mysql::with_database(&mysql::by_way_of(&url, proxy.address()), &database);
        let adapter = sql::adapter(driver(&way).await, Profile::authjs(), Made::Published).await;
        adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();

        for is_silent in [false, true] {
            let connections = proxy.connections();
            if is_silent {
                proxy.swallow_answers();
            } else {
                proxy.go_down();
            }
            assert_unavailable(&adapter, "a", PATIENCE).await;
            assert_unavailable(&adapter, "b", PATIENCE).await;
            proxy.come_up();

            until_it_works(&adapter).await;
            assert!(proxy.connections() > connections, "a connection that lost its answer is in use again");
        }
        mysql::drop_database(&admin, &database).await;
    }
}

#[tokio::test]
async fn an_unknown_database_is_an_error_that_says_so() {
    for url in mysql::urls() {
        let dialect = vestibule_sql::Driver::dialect(&driver(&url).await);
        let options: MySqlConnectOptions = mysql::with_database(&url, "no_such_database").parse().unwrap();
        let pool = MySqlPoolOptions::new().connect_lazy_with(options);
        let adapter = SqlAdapter::new(SqlxMysql::new(pool, dialect), Profile::authjs()).unwrap();

        let error = adapter.ping().await.unwrap_err();

        assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let full = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        assert!(full.contains("Unknown database 'no_such_database'"), "{full}");
    }
}
