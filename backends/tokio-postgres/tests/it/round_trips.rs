//! What an operation costs on the wire.

use std::collections::BTreeMap;

use vestibule_core::{Adapter as _, Sessions as _};
use vestibule_sql::SqlAdapter;
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;
use vestibule_testkit::{Proxy, servers};
use vestibule_tokio_postgres::{TokioPostgres, tokio_postgres::Config};

use crate::server::{self, Schema};

/// Both constructors, each with one connection for everything that goes to the pool, and one lane.
fn drivers(config: &Config, unnamed: bool) -> [(&'static str, TokioPostgres); 2] {
    let mut settings = server::settings(config.clone());
    settings.max = 1;
    settings.shared_connections = 1;
    settings.unnamed_statements = unnamed;
    let pool = TokioPostgres::new(server::pool(config.clone(), 1));
    [
        ("the caller's pool", if unnamed { pool.with_unnamed_statements() } else { pool }),
        ("the connecting constructor", TokioPostgres::connect(&settings).unwrap()),
    ]
}

async fn warmed_up(adapter: &SqlAdapter<TokioPostgres>) {
    each_operation(adapter, &Given::tagged("warm"), |name, result| {
        assert!(result.is_ok(), "{name}: {result:?}");
    })
    .await;
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_once_its_statements_are_prepared() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    assert_one_round_trip(&url, &server::address(&url), false).await;
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_when_no_statement_is_prepared() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    assert_one_round_trip(&url, &server::address(&url), true).await;
}

#[tokio::test]
async fn every_operation_costs_one_round_trip_to_the_bouncer() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let Some(bouncer) = servers::url(servers::PGBOUNCER_URL) else { return };
    assert_one_round_trip(&url, &server::address(&bouncer), true).await;
}

/// Counts in front of `address`, which leads to the server at `url`.
async fn assert_one_round_trip(url: &str, address: &str, unnamed: bool) {
    for made in [Made::Fresh, Made::Published] {
        let test = format!("trips_{made:?}_{unnamed}_{}", address.rsplit(':').next().unwrap());
        let schema = server::schema_at(url, &test.to_lowercase()).await;
        let proxy = Proxy::start(address.to_owned()).await;
        let config = server::by_way_of(url, proxy.address());
        for (how, driver) in drivers(&config, unnamed) {
            let adapter = schema.adapter(driver, made).await;
            if unnamed {
                // One connects, and nothing else is done before it counts.
                adapter.ping().await.unwrap();
                adapter.delete_session(&"none".into()).await.unwrap();
            } else {
                warmed_up(&adapter).await;
            }
            let connections = proxy.connections();

            let (mut costs, mut before) = (BTreeMap::new(), proxy.round_trips());
            each_operation(&adapter, &Given::tagged("counted"), |name, result| {
                assert!(result.is_ok(), "{name}: {result:?}");
                let now = proxy.round_trips();
                costs.insert(name, now - before);
                before = now;
            })
            .await;

            assert!(costs.len() > 35, "{costs:?}");
            let dear: Vec<_> = costs.iter().filter(|(_, trips)| **trips != 1).collect();
            assert_eq!(dear, [], "{made:?} through {how}");
            assert_eq!(proxy.connections(), connections, "no connection was made meanwhile");
            drop_rows(&schema).await;
        }
        schema.drop().await;
    }
}

async fn drop_rows(schema: &Schema) {
    schema.execute("TRUNCATE users, accounts, sessions, verification_token, authenticators").await;
}

#[tokio::test]
async fn a_statement_is_prepared_once_a_connection() {
    let Some(schema) = server::schema("prepared").await else { return };
    let pool = server::pool(schema.url.parse().unwrap(), 1);
    let adapter = schema.adapter(TokioPostgres::new(pool.clone()), Made::Published).await;
    let prepared = async || {
        let object = pool.get().await.unwrap();
        let text = "SELECT count(*), coalesce(sum(calls), 0)::int8 FROM (SELECT name, \
                    generic_plans + custom_plans AS calls FROM pg_prepared_statements) AS s";
        let row = object.query_one(text, &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };

    warmed_up(&adapter).await;
    let (statements, calls) = prepared().await;
    each_operation(&adapter, &Given::tagged("again"), |_, _| {}).await;
    let (statements_again, calls_again) = prepared().await;

    // The question itself is one that is prepared and let go.
    assert_eq!(statements_again, statements);
    assert!(calls_again > calls + 40, "{calls} and {calls_again}");
    schema.drop().await;
}
