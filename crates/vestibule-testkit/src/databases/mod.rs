//! Databases of a test's own that are filled from a dump, and the raw content of their cells.
//!
//! A dump is run by the database's own program, `psql` or `mariadb`, since that is what it was written for. None of
//! this uses a driver, so that every driver can be tested on it.

mod mariadb;
mod postgres;
mod sqlite;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

pub use mariadb::MariaDbDatabase;
pub use postgres::PostgresDatabase;
pub use sqlite::SqliteFile;

/// A row of raw cells, as text; `None` is the SQL `NULL`.
pub type RawRow = Vec<Option<String>>;

/// A file below `fixtures/` in this repository.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

/// A name that no other test of this machine uses at the same time: lower case, at most 40 bytes.
fn unique(label: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let label: String =
        label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(20).collect();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("vt_{}_{}_{number}", label.to_ascii_lowercase(), std::process::id())
}

/// What the program printed.
fn run(command: &mut Command, what: &str) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|error| {
        panic!("{} cannot be started: {error}", command.get_program().display());
    });
    assert!(status.success(), "{what}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("the programs print UTF-8")
}

/// Splits what was printed with these between columns and after rows.
fn rows(printed: &str, column: char, row: char) -> Vec<RawRow> {
    let cell = |text: &str| (text != NULL).then(|| text.to_owned());
    printed.split_terminator(row).map(|line| line.split(column).map(cell).collect()).collect()
}

/// How `NULL` is printed; no value in a fixture is this text.
const NULL: &str = "\u{2400}";
