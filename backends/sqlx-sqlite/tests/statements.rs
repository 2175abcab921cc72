//! What an operation costs: there is no wire, so statements are counted.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tracing_subscriber::filter::LevelFilter;
use vestibule_sql::{Dialect, Driver, DriverError, Profile, Row, Statement, Value};
use vestibule_sqlx_sqlite::SqlxSqlite;
use vestibule_sqlx_sqlite::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::{self, Made};

/// How many statements sqlx says that it has run.
static RUN: AtomicUsize = AtomicUsize::new(0);
/// How often the driver was called, and how many statements it was told to run.
static CALLS: AtomicUsize = AtomicUsize::new(0);
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// Takes sqlx's log: each write is one event. The settings of a new connection do not count.
struct Log;

impl io::Write for Log {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let counts = |event: &str| event.contains("sqlx::query") && !event.contains("\"PRAGMA ");
        if std::str::from_utf8(event).is_ok_and(counts) {
            RUN.fetch_add(1, Ordering::SeqCst);
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Notes what the driver is asked for.
#[derive(Clone, Debug)]
struct Noted(SqlxSqlite);

#[async_trait]
impl Driver for Noted {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        CALLS.fetch_add(1, Ordering::SeqCst);
        TOLD.fetch_add(1, Ordering::SeqCst);
        self.0.run(statement, params).await
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        CALLS.fetch_add(1, Ordering::SeqCst);
        TOLD.fetch_add(batch.len(), Ordering::SeqCst);
        self.0.run_all(batch).await
    }
}

#[tokio::test]
async fn every_operation_is_one_statement_or_one_batch_and_nothing_else_runs() {
    tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(|| Log).init();
    for made in [Made::Fresh, Made::Published] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vestibule.db");
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let profile = Profile::authjs().with_authenticators("authenticators");
        let adapter = sql::adapter(Noted(SqlxSqlite::new(pool.clone())), profile, made).await;
        each_operation(&adapter, &Given::tagged("warm"), |_, _| {}).await;

        let calls = || CALLS.load(Ordering::SeqCst);
        let (mut before, mut operations) = (calls(), 0);
        each_operation(&adapter, &Given::tagged("counted"), |name, result| {
            assert!(result.is_ok(), "{name}: {result:?}");
            assert_eq!(calls() - before, 1, "{made:?} {name}");
            (before, operations) = (calls(), operations + 1);
        })
        .await;

        assert!(operations > 35, "{operations}");
        // What is said about a statement may come after its answer.
        pool.close().await;
        assert_eq!(RUN.load(Ordering::SeqCst), TOLD.load(Ordering::SeqCst), "{made:?}");
    }
}
