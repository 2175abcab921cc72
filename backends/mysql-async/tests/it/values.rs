//! Values out and in.

use vestibule_mysql_async::MysqlAsync;
use vestibule_sql::{Dialect, DriverError};
use vestibule_testkit::mysql;

use crate::server;

#[tokio::test]
async fn values_come_back_as_they_went_out_whatever_the_mode() {
    for url in mysql::urls() {
        let watcher = server::connected(&url, 1).await;
        for mode in ["", ",NO_BACKSLASH_ESCAPES", ",ANSI_QUOTES", ",PIPES_AS_CONCAT,IGNORE_SPACE"] {
            let database = format!("it_values_{}", std::process::id());
            mysql::fresh_database(&watcher, &database).await;
            let mode = format!("SET SESSION sql_mode = 'STRICT_TRANS_TABLES{mode}'");
            let driver = MysqlAsync::detect(server::pool(&url, 1, &[&mode])).await.unwrap();

            mysql::values_come_back_as_they_went_out(&driver, &database).await;

            mysql::drop_database(&watcher, &database).await;
        }
    }
}

#[tokio::test]
async fn every_type_comes_in_the_same_either_way() {
    server::on_each("types", 1, async |driver, _, database, _| {
        mysql::every_type_comes_in_the_same_either_way(&driver, database).await;
    })
    .await;
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    for (name, dialect) in mysql::URLS.into_iter().zip([Dialect::MariaDb, Dialect::MySql]) {
        let Some(url) = mysql::urls().into_iter().find(|url| std::env::var(name).as_ref() == Ok(url)) else {
            continue;
        };

        let driver = MysqlAsync::detect(server::pool(&url, 1, &[])).await.unwrap();

        assert_eq!(vestibule_sql::Driver::dialect(&driver), dialect);
    }
}

#[tokio::test]
async fn connections_that_lose_or_cut_what_is_written_are_refused() {
    for url in mysql::urls() {
        for setting in ["SET SESSION autocommit = 0", "SET SESSION sql_mode = ''"] {
            let refused = MysqlAsync::detect(server::pool(&url, 1, &[setting])).await;

            assert!(matches!(refused, Err(DriverError::Refused(_))), "{setting}");
        }
    }
}
