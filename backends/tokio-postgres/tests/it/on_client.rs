//! Statements on a client that is not ours: one round trip, and nothing left behind for whoever has it next.

use std::time::{Duration, Instant};

use vestibule_sql::{Access, DriverError, ParamType, Statement, Value};
use vestibule_testkit::Proxy;
use vestibule_tokio_postgres::on_client;
use vestibule_tokio_postgres::tokio_postgres::{Client, NoTls};

use crate::server;

const SOON: Duration = Duration::from_millis(200);
const LATER: Duration = Duration::from_secs(20);

fn statement(text: String, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}

async fn client_by_way_of(url: &str, proxy: &Proxy) -> Client {
    let config = server::by_way_of(url, proxy.address());
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(async { drop(connection.await) });
    client
}

#[tokio::test]
async fn a_statement_and_a_batch_cost_one_round_trip_from_the_first_on() {
    let Some(schema) = server::schema("lent").await else { return };
    schema.execute("CREATE TABLE numbers (n int8)").await;
    let proxy = Proxy::start(server::address(&schema.url)).await;
    let mut client = client_by_way_of(&schema.url, &proxy).await;
    let insert = format!("INSERT INTO {}.numbers VALUES ($1::int8) RETURNING n", schema.name);
    let insert = statement(insert, &[ParamType::Int]);

    let before = proxy.round_trips();
    let rows = on_client::run(&mut client, &insert, &[Value::Int(1)], LATER).await.unwrap();
    assert_eq!((rows, proxy.round_trips() - before), (vec![vec![Value::Int(1)]], 1));

    let before = proxy.round_trips();
    let batch: [(_, &[_]); 2] = [(&insert, &[Value::Int(2)]), (&insert, &[Value::Int(3)])];
    let answers = on_client::run_all(&mut client, &batch, LATER).await.unwrap();
    assert_eq!((answers.len(), proxy.round_trips() - before), (2, 1));
    schema.drop().await;
}

#[tokio::test]
async fn a_batch_that_fails_did_nothing_and_leaves_the_client_as_it_was() {
    let Some(schema) = server::schema("lent_fails").await else { return };
    schema.execute("CREATE TABLE numbers (n int8)").await;
    let mut client = server::client(&schema.url).await;
    let insert = statement(format!("INSERT INTO {}.numbers VALUES (1)", schema.name), &[]);
    let fails = statement("SELECT 1 / 0".to_owned(), &[]);

    let answer = on_client::run_all(&mut client, &[(&insert, &[]), (&fails, &[])], LATER).await;

    assert!(matches!(answer, Err(DriverError::Refused(_))), "{answer:?}");
    assert_eq!(schema.count("numbers").await, 0);
    assert!(!client.is_closed());
    let settings = "SELECT current_setting('statement_timeout'), pg_current_xact_id_if_assigned() IS NULL";
    let left = on_client::run(&mut client, &statement(settings.to_owned(), &[]), &[], LATER).await.unwrap();
    assert_eq!(left, [[Value::Text("0".into()), Value::Bool(true)]]);
    schema.drop().await;
}

#[tokio::test]
async fn a_client_that_kept_us_waiting_is_closed() {
    let Some(url) = vestibule_testkit::postgres::url() else { return };
    let slow = statement("SELECT 1 FROM pg_sleep(60)".to_owned(), &[]);
    for batch in [false, true] {
        let (mut client, begun) = (server::client(&url).await, Instant::now());

        let answer = if batch {
            on_client::run_all(&mut client, &[(&slow, &[])], SOON).await.map(drop)
        } else {
            on_client::run(&mut client, &slow, &[], SOON).await.map(drop)
        };

        let failure = answer.unwrap_err();
        assert!(matches!(failure, DriverError::Unavailable(_)), "{failure:?}");
        assert!(begun.elapsed() < LATER && !on_client::was_closed(&failure));
        // The server may have been the quicker one to give up on the batch.
        assert!(client.is_closed() || batch);
    }
}

#[tokio::test]
async fn a_client_whose_connection_was_ended_is_closed_and_that_is_told() {
    let Some(url) = vestibule_testkit::postgres::url() else { return };
    let mut client = server::client(&url).await;
    let suicide = statement("SELECT pg_terminate_backend(pg_backend_pid())".to_owned(), &[]);

    let failure = on_client::run(&mut client, &suicide, &[], LATER).await.unwrap_err();

    assert!(on_client::was_closed(&failure), "{failure:?}");
    assert!(client.is_closed());
    let again = on_client::run(&mut client, &suicide, &[], LATER).await.unwrap_err();
    assert!(on_client::was_closed(&again), "{again:?}");
}
