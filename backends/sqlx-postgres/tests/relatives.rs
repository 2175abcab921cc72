//! The conformance suite in the dialects of PostgreSQL's relatives, which cannot be had here: on PostgreSQL at the
//! isolation level `SERIALIZABLE`, where transactions are refused at the commit as they are there. With the URL of a real
//! one in `VESTIBULE_TEST_COCKROACHDB_URL`, `VESTIBULE_TEST_YUGABYTEDB_URL` or `VESTIBULE_TEST_AURORA_DSQL_URL`, the
//! suite runs on that.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Feature, Fixture, Store, run_all};
use vestibule_core::IdKind;
use vestibule_sql::{Dialect, Speaking};
use vestibule_sqlx_postgres::{SqlxPostgres, sqlx};
use vestibule_testkit::sql::{self, Made};

/// The real one if there is a URL, otherwise its stand-in.
async fn store(fixture: Fixture, dialect: Dialect, variable: &str, made: Made) -> Option<Store> {
    let real = std::env::var(variable).ok();
    let stands_in = real.is_none();
    let url = real.or_else(|| std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok())?;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8);
    let pool = pool.after_connect(move |connection, _| {
        Box::pin(async move {
            if stands_in {
                let text = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE";
                sqlx::Executor::execute(connection, text).await?;
            }
            Ok(())
        })
    });
    let driver = Speaking::new(SqlxPostgres::new(pool.connect(&url).await.unwrap()), dialect).unwrap();
    Some(sql::store(driver, &fixture, made).await)
}

#[test]
fn the_suite_passes_in_the_dialect_of_cockroachdb() {
    let variable = "VESTIBULE_TEST_COCKROACHDB_URL";
    let failed =
        run_all(&[], async |fixture| store(fixture, Dialect::CockroachDb, variable, Made::Fresh).await);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_suite_passes_in_the_dialect_of_cockroachdb_without_unique_keys() {
    let variable = "VESTIBULE_TEST_COCKROACHDB_URL";
    let failed =
        run_all(&[], async |fixture| store(fixture, Dialect::CockroachDb, variable, Made::Published).await);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_suite_passes_in_the_dialect_of_yugabytedb() {
    let variable = "VESTIBULE_TEST_YUGABYTEDB_URL";
    let failed =
        run_all(&[], async |fixture| store(fixture, Dialect::YugabyteDb, variable, Made::Fresh).await);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_suite_passes_in_the_dialect_of_aurora_dsql() {
    // It cannot count ids.
    let without = &[Feature::SerialIds];
    let failed = run_all(without, async |mut fixture| {
        fixture.id_kind = fixture.id_kind.or(Some(IdKind::Uuid));
        store(fixture, Dialect::AuroraDsql, "VESTIBULE_TEST_AURORA_DSQL_URL", Made::Fresh).await
    });
    assert!(failed.is_empty(), "{failed:#?}");
}
