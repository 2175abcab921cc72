//! Batches: one request, one transaction.

use vestibule_sql::{Access, Driver as _, DriverError, ParamType, Statement, Value};

use crate::bridge::{Database, database, statement};

const STATE: &str = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), \
                     pg_current_xact_id_if_assigned()::text";

async fn numbers(database: &Database) -> Statement {
    let table = format!("{}.numbers", database.name);
    database.run(&format!("CREATE TABLE {table} (n int8 UNIQUE)")).await.unwrap();
    statement(&format!("INSERT INTO {table} VALUES ($1::int8) RETURNING n"), &[ParamType::Int])
}

#[tokio::test]
async fn a_batch_is_one_request_and_one_transaction_in_order() {
    let Some(database) = database("order").await else { return };
    let insert = numbers(&database).await;
    let state = statement(STATE, &[]);
    let (one, two) = ([Value::Int(1)], [Value::Int(2)]);
    let before = database.bridge.requests();

    let batch: [(&Statement, &[Value]); 4] = [(&insert, &one), (&state, &[]), (&insert, &two), (&state, &[])];
    let answers = database.driver().run_all(&batch).await.unwrap();

    assert_eq!(database.bridge.requests() - before, 1);
    assert!(answers[0] == [one] && answers[2] == [two]);
    assert!(answers[1] == answers[3], "one transaction");
    assert!(answers[1][0][..2] == ["read committed", "off"].map(|text| Value::Text(text.into())));
    assert!(answers[1][0][2] != Value::Null);
    database.drop().await;
}

#[tokio::test]
async fn a_batch_that_fails_does_nothing() {
    let Some(database) = database("fails").await else { return };
    let insert = numbers(&database).await;
    let (one, two) = ([Value::Int(1)], [Value::Int(2)]);

    let batch: [(&Statement, &[Value]); 3] = [(&insert, &one), (&insert, &two), (&insert, &one)];
    let error = database.driver().run_all(&batch).await.unwrap_err();

    let DriverError::UniqueViolated { table, .. } = &error else { panic!("{error:?}") };
    assert_eq!(table.as_deref(), Some("numbers"));
    assert_eq!(database.count("numbers").await, 0);
    database.drop().await;
}

#[tokio::test]
async fn a_batch_of_reads_is_a_transaction_that_only_reads() {
    let Some(database) = database("reads").await else { return };
    let state = Statement { access: Access::Read, ..statement(STATE, &[]) };
    let none: &[Value] = &[];

    let answers = database.driver().run_all(&[(&state, none), (&state, none)]).await.unwrap();

    let expected = ["read committed", "on"].map(|text| Value::Text(text.into()));
    assert!(answers.iter().all(|rows| rows[0][..2] == expected));
    database.drop().await;
}

#[tokio::test]
async fn a_lost_transaction_is_contention_and_nothing_of_it_is_done() {
    let Some(database) = database("lost").await else { return };
    let insert = numbers(&database).await;
    for code in ["40001", "40P01"] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$");
        let (raise, one) = (statement(&raise, &[]), [Value::Int(1)]);

        let batch: [(&Statement, &[Value]); 2] = [(&insert, &one), (&raise, &[])];
        let error = database.driver().run_all(&batch).await.unwrap_err();

        assert!(matches!(error, DriverError::Contention(_)), "{error:?}");
        assert_eq!(database.count("numbers").await, 0);
    }
    database.drop().await;
}
