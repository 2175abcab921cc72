//! The conformance suite on a live SQL Server, on fresh and on published tables.
//!
//! No SQL Server can be started here, under continuous integration neither: it is not to be had from where
//! everything else comes. So this suite, alone of all, is skipped there as well, and says so. It runs where the
//! variable names a server: the user must be allowed to create schemas in the database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Store, run_all};
use vestibule_testkit::sql::{self, Made};
use vestibule_tiberius::{Settings, Tiberius};

const URL: &str = "VESTIBULE_TEST_MSSQL_URL";

/// Runs every case, each in a schema of its own.
fn run(made: Made) {
    let Ok(url) = std::env::var(URL) else {
        eprintln!("SKIPPED: {URL} is not set, and a SQL Server cannot be started here");
        return;
    };

    let failed = run_all(&[], async |fixture| -> Option<Store> {
        let driver = Tiberius::connect(&Settings::from_url(&url).unwrap()).unwrap();
        Some(sql::store(driver, &fixture, made).await)
    });

    assert_eq!(failed, Vec::<&str>::new());
}

#[test]
fn the_suite_holds_on_fresh_tables() {
    run(Made::Fresh);
}

#[test]
fn the_suite_holds_on_published_tables() {
    run(Made::Published);
}
