//! What an operation costs on the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_sea_orm::SeaOrm;
use vestibule_sea_orm::sea_orm::sqlx::mysql::MySqlSslMode;
use vestibule_sea_orm::sea_orm::{ConnectOptions, Database};
use vestibule_testkit::sql::Made;
use vestibule_testkit::trips;

async fn driver(url: &str) -> SeaOrm {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).test_before_acquire(false).sqlx_logging(false);
    let in_clear = url.contains("trips_");
    options.map_sqlx_mysql_opts(move |options| {
        let options = options.statement_cache_capacity(256);
        // In clear, so that what goes over the wire can be told apart. The server knows us from before.
        if in_clear { options.ssl_mode(MySqlSslMode::Disabled) } else { options }
    });
    options.map_sqlx_postgres_opts(|options| options.statement_cache_capacity(256));
    SeaOrm::new(&Database::connect(options).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_on_mysql_and_mariadb() {
    trips::assert_one_on_mysql("sea", async |url: &str| driver(url).await).await;
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_on_postgres_and_tables_with_keys() {
    let costs = trips::on_postgres("sea", Made::Fresh, async |url: &str| driver(url).await).await;

    let Some(costs) = costs else { return };
    trips::assert_all_cost_one(&costs, "sea-orm");
}
