//! A database that is down, that does not answer, or that is not there.

use std::time::{Duration, Instant};

use vestibule_core::{
    AccountType, Adapter as _, AdapterError, NewAccount, NewUser, Sessions as _, Users as _,
};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_mysql::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{Proxy, mysql, until};

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

/// A read, a write and a batch, and that each says within its time that the store is unavailable.
async fn assert_unavailable(adapter: &SqlAdapter<SqlxMysql>, tag: &str) {
    let (user, account) = (NewUser::with_email(tag), NewAccount::new(AccountType::OAuth, "github", tag));
    for operation in 0..3 {
        let begun = Instant::now();
        let result = match operation {
            0 => adapter.user_by_email("ada@example.com").await.map(drop),
            1 => adapter.delete_session(&"none".into()).await.map(drop),
            _ => adapter.create_user(&user, Some(&account)).await.map(drop),
        };
        assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{operation}: {result:?}");
        assert!(begun.elapsed() < PATIENCE, "{operation} took {:?}", begun.elapsed());
    }
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
            assert_unavailable(&adapter, "a").await;
            assert_unavailable(&adapter, "b").await;
            proxy.come_up();

            until("recovery", async || {
                let read = adapter.user_by_email("ada@example.com").await;
                let write = adapter.delete_session(&"none".into()).await;
                read.is_ok_and(|user| user.is_some()) && write.is_ok()
            })
            .await;
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
