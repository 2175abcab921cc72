//! What the conformance suite cannot see: values on the wire, batches that are given up, outages.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod outage;

use vestibule_sql::DriverError;
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_mysql::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode};
use vestibule_testkit::{mysql, trips};

/// A pool as an application has it, whose connections are told this when they begin.
async fn driver(url: &str, size: u32, init: &'static str) -> Result<SqlxMysql, DriverError> {
    let options: MySqlConnectOptions = url.parse().unwrap();
    let pool = MySqlPoolOptions::new().max_connections(size).test_before_acquire(false).after_connect(
        move |connection, _| {
            Box::pin(async move {
                if !init.is_empty() {
                    vestibule_sqlx_mysql::sqlx::raw_sql(init).execute(connection).await?;
                }
                Ok(())
            })
        },
    );
    SqlxMysql::detect(pool.connect_lazy_with(options.statement_cache_capacity(256))).await
}

/// Runs a test on every server, with an empty database.
async fn on_each(test: &str, run: impl AsyncFn(SqlxMysql, &SqlxMysql, &str)) {
    for url in mysql::urls() {
        let watcher = driver(&url, 4, "").await.unwrap();
        let database = format!("sx_{test}_{}", std::process::id());
        mysql::fresh_database(&watcher, &database).await;
        run(driver(&url, 1, "").await.unwrap(), &watcher, &database).await;
        mysql::drop_database(&watcher, &database).await;
    }
}

#[tokio::test]
async fn values_come_back_as_they_went_out_whatever_the_mode() {
    for url in mysql::urls() {
        let watcher = driver(&url, 1, "").await.unwrap();
        for mode in [
            "SET SESSION sql_mode = 'STRICT_TRANS_TABLES'",
            "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'",
            "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ANSI_QUOTES'",
        ] {
            let database = format!("sx_values_{}", std::process::id());
            mysql::fresh_database(&watcher, &database).await;
            let driver = driver(&url, 1, mode).await.unwrap();

            mysql::values_come_back_as_they_went_out(&driver, &database).await;

            mysql::drop_database(&watcher, &database).await;
        }
    }
}

#[tokio::test]
async fn every_type_comes_in_the_same_either_way() {
    on_each("types", async |driver, _, database| {
        mysql::every_type_comes_in_the_same_either_way(&driver, database).await;
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_one_transaction() {
    on_each("batch", async |driver, _, database| {
        mysql::a_batch_is_one_transaction(&driver, database).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_dropped_anywhere_leaves_no_connection_in_the_middle_of_it() {
    on_each("cancelled", async |driver, watcher, database| {
        mysql::a_cancelled_batch_leaves_nothing_open(&driver, watcher, database).await;
    })
    .await;
}

#[tokio::test]
async fn connections_that_lose_or_cut_what_is_written_are_refused() {
    for url in mysql::urls() {
        for setting in ["SET SESSION autocommit = 0", "SET SESSION sql_mode = ''"] {
            let refused = driver(&url, 1, setting).await;

            assert!(matches!(refused, Err(DriverError::Refused(_))), "{setting}");
        }
    }
}

/// What the pool asks of a connection that comes back to it is not part of an operation: nobody waits for it.
#[tokio::test]
async fn every_operation_costs_one_round_trip() {
    trips::assert_one_on_mysql("sqlx", async |url: &str| {
        let mut options: MySqlConnectOptions = url.parse().unwrap();
        if url.contains("trips_") {
            // In clear, so that what goes over the wire can be told apart. The server knows us from before.
            options = options.ssl_mode(MySqlSslMode::Disabled);
        }
        let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
        SqlxMysql::detect(pool.connect_lazy_with(options.statement_cache_capacity(256))).await.unwrap()
    })
    .await;
}
