//! The servers that the environment names, as `cargo xtask services` starts them.

use vestibule_conformance::Offer;

/// Names a superuser's database on MariaDB.
pub const MARIADB_URL: &str = "VESTIBULE_TEST_MARIADB_URL";
/// Names a superuser's database on MySQL: an extra, which need not be there.
pub const MYSQL_URL: &str = "VESTIBULE_TEST_MYSQL_URL";
/// Names a superuser's database on PostgreSQL, by way of PgBouncer in transaction mode.
pub const PGBOUNCER_URL: &str = "VESTIBULE_TEST_PGBOUNCER_URL";
/// Names a superuser's database on PostgreSQL 18.
pub const POSTGRES18_URL: &str = "VESTIBULE_TEST_POSTGRES18_URL";
/// Names a superuser's database on PostgreSQL.
pub const POSTGRES_URL: &str = "VESTIBULE_TEST_POSTGRES_URL";

/// The variables of extra servers that could not be had, with commas between them.
const NOT_RUN: &str = "VESTIBULE_TEST_NOT_RUN";

/// The URL in `variable`. Without one the caller is to return: a line says that the test is skipped.
///
/// # Panics
///
/// If there is none under continuous integration, where nothing may be skipped but what needs an extra server
/// that could not be had.
pub fn url(variable: &str) -> Option<String> {
    let url = std::env::var(variable).ok();
    match absent(variable) {
        _ if url.is_some() => {}
        Offer::NotRun => eprintln!("NOT RUN: {variable} is not set, and need not be"),
        _ => skip(&format!("{variable} is not set")),
    }
    url
}

/// What a factory of the conformance suite answers when `variable` is not set.
pub fn absent(variable: &str) -> Offer {
    let not_run = std::env::var(NOT_RUN).unwrap_or_default();
    if not_run.split(',').any(|name| name == variable) { Offer::NotRun } else { Offer::Missing }
}

/// Says that a test is skipped, and why.
///
/// # Panics
///
/// Under continuous integration, where nothing may be skipped.
pub(crate) fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
    eprintln!("SKIPPED: {reason}");
}
