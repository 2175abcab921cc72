//! The conformance suite on SQLite: in memory and in a file, on a fresh schema and on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_rusqlite::Rusqlite;
use vestibule_testkit::sql::{self, Made};

async fn in_memory(fixture: Fixture, made: Made) -> Store {
    sql::store(Rusqlite::in_memory().unwrap(), &fixture, made).await
}

async fn in_a_file(fixture: Fixture, made: Made) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let driver = Rusqlite::open(folder.path().join("vestibule.db")).unwrap();
    sql::store(driver, &fixture, made).await.with_guard(folder)
}

mod memory {
    use super::*;
    vestibule_conformance::suite!(async |fixture| in_memory(fixture, Made::Fresh).await);
}

mod file {
    use super::*;
    vestibule_conformance::suite!(async |fixture| in_a_file(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| in_a_file(fixture, Made::Published).await);
}
