//! What an operation costs on the wire.

use vestibule_mysql_async::MysqlAsync;
use vestibule_testkit::trips;

use crate::server;

#[tokio::test]
async fn every_operation_costs_one_round_trip_on_the_callers_pool() {
    trips::assert_one_on_mysql("pool", async |url: &str| {
        MysqlAsync::detect(server::pool(url, 1, &[])).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_through_the_connecting_constructor() {
    trips::assert_one_on_mysql("connected", async |url: &str| server::connected(url, 1).await).await;
}
