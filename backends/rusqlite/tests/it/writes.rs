//! Writes that wait: for another process, for each other.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, yield_now};
use vestibule_core::{AdapterError, NewUser, Users as _};
use vestibule_rusqlite::rusqlite::Connection;
use vestibule_sql::{Access, Driver as _, DriverError};

use crate::{adapter, statement};

/// The documented busy timeout, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(5);
const SLACK: Duration = Duration::from_secs(3);

/// Another process, as far as SQLite can tell.
fn locked(path: &Path) -> Connection {
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[tokio::test(flavor = "current_thread")]
async fn while_another_process_writes_reads_go_on_and_writes_give_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let adapter = Arc::new(adapter(&path).await);
    adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    let other = locked(&path);

    let begun = Instant::now();
    let mut writes = JoinSet::new();
    // Some of them come while others wait already.
    for at in 0..8 {
        let adapter = Arc::clone(&adapter);
        writes.spawn(async move {
            let result = adapter.create_user(&NewUser::with_email(format!("{at}")), None).await;
            (result, begun.elapsed())
        });
        yield_now().await;
    }
    let (mut ticks, mut longest, mut last) = (0_u32, Duration::ZERO, Instant::now());
    while !writes.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(adapter.user_by_email("ada").await.unwrap().is_some());
        longest = longest.max(last.elapsed());
        (ticks, last) = (ticks + 1, Instant::now());
        while let Some(done) = writes.try_join_next() {
            let (result, took) = done.unwrap();
            assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{result:?}");
            assert!(took < PATIENCE + SLACK, "{took:?}");
        }
    }
    assert!(begun.elapsed() > PATIENCE / 2, "a write gives up at once");
    assert!(ticks > 100 && longest < Duration::from_secs(1), "{ticks} ticks, the longest {longest:?}");

    drop(other);
    adapter.create_user(&NewUser::with_email("grace"), None).await.unwrap();
    let count =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM users", [], |row| row.get(0));
    assert_eq!(count, Ok(2), "what was given up is not done later");
}

/// How many transactions the write-ahead log holds: frames that end one name the size of the database.
fn commits(path: &Path) -> usize {
    let log = std::fs::read(path.with_extension("db-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (page, salt) = (number(8) as usize, number(16));
    let frames = (32..log.len()).step_by(24 + page).filter(|&at| at + 24 + page <= log.len());
    frames.filter(|&at| number(at + 8) == salt && number(at + 4) != 0).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_together_share_a_transaction_and_fail_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let adapter = Arc::new(adapter(&path).await);
    adapter.create_user(&NewUser::with_email("taken"), None).await.unwrap();
    let before = commits(&path);
    let other = locked(&path);

    let mut writes = JoinSet::new();
    for at in 0..64 {
        let adapter = Arc::clone(&adapter);
        writes.spawn(async move {
            match at {
                20 => {
                    let fails = statement("INSERT INTO users (id) VALUES ('no number')", Access::Write);
                    assert!(matches!(adapter.driver().run(&fails, &[]).await, Err(DriverError::Refused(_))));
                }
                // What a batch did before it failed is undone, and nothing of the others'.
                30 => {
                    let works = statement("INSERT INTO users (name) VALUES ('half')", Access::Write);
                    let fails = statement("INSERT INTO users (id) VALUES ('no number')", Access::Write);
                    let batch = [(&works, &[][..]), (&fails, &[][..])];
                    assert!(matches!(adapter.driver().run_all(&batch).await, Err(DriverError::Refused(_))));
                }
                40 => {
                    let taken = adapter.create_user(&NewUser::with_email("taken"), None).await;
                    assert!(matches!(taken, Err(AdapterError::Conflict { .. })), "{taken:?}");
                }
                at => drop(adapter.create_user(&NewUser::with_email(format!("{at}")), None).await.unwrap()),
            }
        });
    }
    // Each task has handed its write in once it waits.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(300) {
        yield_now().await;
    }
    other.execute_batch("COMMIT").unwrap();
    while let Some(done) = writes.join_next().await {
        done.unwrap();
    }

    for at in (0..64).filter(|at| ![20, 30, 40].contains(at)) {
        assert!(adapter.user_by_email(&format!("{at}")).await.unwrap().is_some(), "{at}");
    }
    let half = "SELECT count(*) FROM users WHERE name = 'half'";
    let half = Connection::open(&path).unwrap().query_row(half, [], |row| row.get::<_, i64>(0));
    assert_eq!(half, Ok(0), "half of a batch that failed is there");
    let spent = commits(&path) - before;
    assert!((1..=4).contains(&spent), "{spent} transactions for 64 writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_nobody_waits_for_any_more_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let adapter = adapter(&path).await;
    for at in 0..300_u64 {
        let user = NewUser::with_email(format!("{at}"));
        let account =
            vestibule_core::NewAccount::new(vestibule_core::AccountType::OAuth, "github", format!("{at}"));
        let patience = Duration::from_micros((at * 37) % 1500);
        drop(tokio::time::timeout(patience, adapter.create_user(&user, Some(&account))).await);
    }
    adapter.create_user(&NewUser::with_email("last"), None).await.unwrap();
    let lonely = "SELECT count(*) FROM users u WHERE email <> 'last' AND \
                  (SELECT count(*) FROM accounts a WHERE a.\"userId\" = u.id) <> 1";
    let lonely = Connection::open(&path).unwrap().query_row(lonely, [], |row| row.get::<_, i64>(0));
    assert_eq!(lonely, Ok(0));
}
