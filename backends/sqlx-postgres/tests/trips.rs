//! What an operation costs on the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_sqlx_postgres::SqlxPostgres;
use vestibule_sqlx_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use vestibule_testkit::sql::Made;
use vestibule_testkit::trips;

async fn driver(url: &str) -> SqlxPostgres {
    let options: PgConnectOptions = url.parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    SqlxPostgres::new(pool.connect_with(options.statement_cache_capacity(256)).await.unwrap())
}

/// What the pool asks of a connection that comes back to it is not part of an operation: nobody waits for it.
#[tokio::test]
async fn every_operation_costs_one_round_trip_on_tables_with_keys() {
    let costs = trips::on_postgres("sqlx", Made::Fresh, async |url: &str| driver(url).await).await;

    let Some(costs) = costs else { return };
    trips::assert_all_cost_one(&costs, "sqlx");
}
