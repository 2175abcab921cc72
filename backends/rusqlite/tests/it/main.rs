//! What the conformance suite cannot see: the file, its settings, other processes, crashes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod file;
mod published;
mod reads;
mod writes;

use std::path::Path;

use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Access, Dialect, Profile, SqlAdapter, Statement, schema};

/// An adapter on a file with tables.
async fn adapter(path: &Path) -> SqlAdapter<Rusqlite> {
    adapter_on(Rusqlite::open(path).unwrap()).await
}

async fn adapter_on(driver: Rusqlite) -> SqlAdapter<Rusqlite> {
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::create(&profile, Dialect::Sqlite).unwrap()).await.unwrap();
    SqlAdapter::inspect(driver, profile).await.unwrap()
}

fn statement(text: &str, access: Access) -> Statement {
    Statement { name: "test", text: text.into(), params: Box::default(), access }
}
