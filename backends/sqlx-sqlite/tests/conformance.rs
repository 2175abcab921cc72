//! The conformance suite on a SQLite file through sqlx's pool, on a fresh schema and on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_sqlx_sqlite::SqlxSqlite;
use vestibule_sqlx_sqlite::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use vestibule_testkit::sql::{self, Made};

async fn in_a_file(fixture: Fixture, made: Made) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("vestibule.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
    sql::store(SqlxSqlite::new(pool), &fixture, made).await.with_guard(folder)
}

mod file {
    use super::*;
    vestibule_conformance::suite!(async |fixture| in_a_file(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| in_a_file(fixture, Made::Published).await);
}
