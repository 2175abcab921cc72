//! What an operation costs on the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_diesel_async::DieselAsync;
use vestibule_diesel_async::diesel_async::AsyncPgConnection;
use vestibule_diesel_async::diesel_async::pooled_connection::deadpool::Pool;
use vestibule_diesel_async::diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use vestibule_testkit::sql::Made;
use vestibule_testkit::trips;

fn driver(url: &str) -> DieselAsync {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    DieselAsync::new(Pool::builder(manager).max_size(1).build().unwrap())
}

#[tokio::test]
async fn every_operation_costs_one_round_trip() {
    for made in [Made::Fresh, Made::Published] {
        let costs = trips::on_postgres("diesel", made, async |url: &str| driver(url)).await;

        let Some(costs) = costs else { return };
        trips::assert_all_cost_one(&costs, &format!("diesel {made:?}"));
    }
}
