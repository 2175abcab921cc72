//! Batches: one transaction each, whatever fails and whoever gives up.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use vestibule_sql::{Access, Driver, DriverError, ParamType, Statement, Value};

use super::{execute, number, statement};

/// A batch is done as a whole or not at all, answers statement by statement, and keeps no lock.
///
/// `database` is one for the test alone.
///
/// # Panics
///
/// If it is otherwise.
pub async fn a_batch_is_one_transaction(driver: &impl Driver, database: &str) {
    let table = format!("`{database}`.`batch`");
    execute(driver, &format!("CREATE TABLE {table} (`n` BIGINT PRIMARY KEY)")).await;
    let insert = statement(&format!("INSERT INTO {table} VALUES (?)"), &[ParamType::Int]);
    let select = statement(&format!("SELECT `n` FROM {table} ORDER BY `n`"), &[]);
    let (one, two) = ([Value::Int(1)], [Value::Int(2)]);
    let count = format!("SELECT COUNT(*) FROM {table}");

    let answers =
        driver.run_all(&[(&insert, &one), (&select, &[]), (&insert, &two), (&select, &[])]).await.unwrap();
    assert!(answers == [vec![], vec![one.to_vec()], vec![], vec![one.to_vec(), two.to_vec()]]);

    let three = [Value::Int(3)];
    let failed = driver.run_all(&[(&insert, &three), (&select, &[]), (&insert, &one), (&select, &[])]).await;
    assert!(matches!(failed, Err(DriverError::UniqueViolated { .. })), "{failed:?}");
    // If the connection were still in the transaction, it would see the row, and keep the next one to itself.
    assert_eq!(number(driver, &count).await, 2);
    driver.run(&insert, &three).await.unwrap();
    assert_eq!(number(driver, &count).await, 3);

    let unknown = statement(&format!("SELECT * FROM `{database}`.`nothing`"), &[]);
    let failed = driver.run_all(&[(&insert, &[Value::Int(4)]), (&unknown, &[])]).await;
    assert!(matches!(failed, Err(DriverError::Refused(_))), "{failed:?}");
    assert_eq!(number(driver, &count).await, 3);
    no_lock_is_kept(driver, database, &insert, &three, &[Value::Int(5)]).await;
}

async fn no_lock_is_kept(
    driver: &impl Driver,
    database: &str,
    insert: &Statement,
    there: &[Value],
    new: &[Value],
) {
    let lock = Statement {
        name: "lock",
        text: "DO GET_LOCK(?, 5)".into(),
        params: [ParamType::Text].into(),
        access: Access::Write,
    };
    let name = [Value::Text(database.into())];
    let is_free = format!("SELECT IS_FREE_LOCK('{database}')");

    driver.run_all(&[(&lock, &name), (insert, new)]).await.unwrap();
    assert_eq!(number(driver, &is_free).await, 1);
    let failed = driver.run_all(&[(&lock, &name), (insert, there)]).await;
    assert!(matches!(failed, Err(DriverError::UniqueViolated { .. })), "{failed:?}");
    assert_eq!(number(driver, &is_free).await, 1);
}

/// Drops batches at every point, some of which fail in the middle, and looks whether a connection is left inside a
/// transaction or with a lock.
///
/// `driver` has one connection and `watcher` others; `database` is one for the test alone.
///
/// # Panics
///
/// If one is.
pub async fn a_cancelled_batch_leaves_nothing_open(
    driver: &impl Driver,
    watcher: &impl Driver,
    database: &str,
) {
    let table = format!("`{database}`.`cancelled`");
    execute(
        watcher,
        &format!("CREATE TABLE {table} (`pair` BIGINT, `half` BIGINT, UNIQUE (`pair`, `half`))"),
    )
    .await;
    let insert = statement(&format!("INSERT INTO {table} VALUES (?, ?)"), &[ParamType::Int, ParamType::Int]);
    // Long answers, so that whoever gives up does so in the middle of one.
    let long = "SELECT REPEAT('x', 60000) UNION ALL SELECT REPEAT('y', 60000)";
    let select = statement(long, &[]);
    let lock = Statement {
        name: "lock",
        text: "DO GET_LOCK(?, 5)".into(),
        params: [ParamType::Text].into(),
        access: Access::Write,
    };
    let name = [Value::Text(database.into())];
    let (mut dropped, mut done, mut failed) = (0, 0, 0);
    for at in 0..300_i64 {
        let (first, second) = ([Value::Int(at), Value::Int(1)], [Value::Int(at), Value::Int(2)]);
        // Every third batch fails at its end.
        let last = if at % 3 == 0 { &first } else { &second };
        let batch =
            [(&lock, &name[..]), (&insert, &first[..]), (&select, &[]), (&select, &[]), (&insert, &last[..])];
        match at_most(usize::try_from(at % 12).unwrap_or_default(), driver.run_all(&batch)).await {
            None => dropped += 1,
            Some(Ok(_)) => done += 1,
            Some(Err(DriverError::UniqueViolated { .. })) => failed += 1,
            Some(Err(other)) => panic!("{at}: {other:?}"),
        }
        // What the connection is in, if it is in something, is seen by its next user: this row would be lost with
        // it, or what was left undone would be kept.
        let alone = [Value::Int(1000 + at), Value::Int(0)];
        driver.run(&insert, &alone).await.unwrap();
    }
    assert!(dropped > 20 && done > 20 && failed > 5, "{dropped} dropped, {done} done, {failed} failed");

    let alone = format!("SELECT COUNT(*) FROM {table} WHERE `half` = 0");
    assert_eq!(number(watcher, &alone).await, 300, "a row that was said to be written is not there");
    let halves = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE `half` > 0 GROUP BY `pair` HAVING COUNT(*) <> 2) AS h"
    );
    assert_eq!(number(watcher, &halves).await, 0, "half a batch was done");
    let is_free = format!("SELECT IS_FREE_LOCK('{database}')");
    crate::until("the lock to be free", async || number(watcher, &is_free).await == 1).await;
}

/// Drops the future after so many polls, some of them without waiting for the last to have an effect.
async fn at_most<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Pending if left == 0 && polls.is_multiple_of(2) => Poll::Ready(None),
            other => other.map(Some),
        }
    })
    .await
}
