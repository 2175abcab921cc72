//! What an operation costs on the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

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

/// sqlx has no way to send a statement before the one before it is answered; the crate's documentation tells what that
/// costs.
#[tokio::test]
async fn on_tables_without_keys_a_batch_costs_a_round_trip_a_statement_and_two() {
    let costs = trips::on_postgres("sqlx", Made::Published, async |url: &str| driver(url).await).await;

    let Some(costs) = costs else { return };
    let dear: BTreeMap<_, _> = costs.into_iter().filter(|(_, trips)| *trips != 1).collect();
    let expected = BTreeMap::from([
        ("acquire_lease", 7),
        ("create_authenticator", 4),
        ("create_session", 4),
        ("create_session that will be due", 4),
        ("create_session that will have expired", 4),
        ("create_user", 4),
        ("create_user with an account", 5),
        ("create_verification_token", 4),
        ("delete_user", 7),
        ("link_account", 4),
        ("sign_up", 5),
        ("sign_up with an account", 6),
        ("update_user with an e-mail address", 4),
    ]);
    assert_eq!(dear, expected);
}
