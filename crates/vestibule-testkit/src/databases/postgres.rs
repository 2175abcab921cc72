//! PostgreSQL databases.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{NULL, RawRow, rows, run, unique};
use crate::postgres;

/// A database of its own on the server for tests, dropped with this value.
#[derive(Debug)]
pub struct PostgresDatabase {
    psql: PathBuf,
    server: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    /// Makes an empty database; `None`, with a line that says so, if there is no server.
    ///
    /// # Panics
    ///
    /// If there is a server but no `psql`, or the server refuses.
    pub fn create(label: &str) -> Option<Self> {
        let server = postgres::url()?;
        let psql = postgres::program("psql");
        let name = unique(label);
        let database = Self { url: in_database(&server, &name), psql, server, name };
        // The collation of the original does not matter, and `template0` has nothing of anybody else's.
        let create = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", database.name);
        run(database.at(&database.server).args(["-c", &create]), "the database cannot be made");
        Some(database)
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a file of statements, such as a dump by `pg_dump`.
    ///
    /// # Panics
    ///
    /// If a statement fails.
    pub fn run_file(&self, path: &Path) {
        run(self.at(&self.url).arg("-f").arg(path), &path.display().to_string());
    }

    /// Runs statements.
    ///
    /// # Panics
    ///
    /// If one fails.
    pub fn run(&self, statements: &str) {
        run(self.at(&self.url).args(["-c", statements]), statements);
    }

    /// The rows of a query, every cell in the database's own text form; times are in UTC.
    ///
    /// # Panics
    ///
    /// If the query fails.
    pub fn rows(&self, query: &str) -> Vec<RawRow> {
        let null = format!("null={NULL}");
        let mut command = self.at(&self.url);
        command.args(["-A", "-t", "-F", "\u{1f}", "-R", "\u{1e}", "-P", &null, "-c", query]);
        let printed = run(&mut command, query);
        // The last row ends with the line.
        rows(printed.trim_end_matches('\n'), '\u{1f}', '\u{1e}')
    }

    /// Removes every row of every table but those that are named, and lets the counters begin again.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub fn empty_but(&self, kept: &[&str]) {
        self.run(&format!(
            "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I.%I', schemaname, tablename), ', ') \
             || ' RESTART IDENTITY CASCADE' FROM pg_tables \
             WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \
             AND tablename <> ALL ('{{{}}}')); END $$",
            kept.join(",")
        ));
    }

    fn at(&self, url: &str) -> Command {
        let mut command = Command::new(&self.psql);
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]);
        command.env("PGTZ", "UTC").env("PGOPTIONS", "-c client_min_messages=warning");
        command
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropped = self.at(&self.server).args(["-c", &drop]).output();
        if !dropped.is_ok_and(|output| output.status.success()) {
            eprintln!("the database {} is left behind", self.name);
        }
    }
}

/// The URL with another database in it.
fn in_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, b)| (a, Some(b)));
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[host_at..].find('/').map_or(address.len(), |at| host_at + at);
    let parameters = parameters.map(|text| format!("?{text}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::in_database;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://postgres@127.0.0.1:5432/postgres", "postgres://postgres@127.0.0.1:5432/mine"),
            ("postgres://a:b@h?sslmode=disable", "postgres://a:b@h/mine?sslmode=disable"),
            ("postgres://h/x?options=-c%20a/b", "postgres://h/mine?options=-c%20a/b"),
        ] {
            assert_eq!(in_database(url, "mine"), expected);
        }
    }
}
