//! MariaDB databases.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::{NULL, RawRow, rows, run, unique};
use crate::servers;

/// A database of its own on the server for tests, dropped with this value.
#[derive(Debug)]
pub struct MariaDbDatabase {
    server: Server,
    name: String,
    is_mysql: bool,
    emptying: OnceLock<String>,
}

/// What stands in `mysql://user:password@host:port/database`.
#[derive(Debug)]
struct Server {
    user: String,
    password: String,
    host: String,
    port: String,
}

impl Server {
    fn parse(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let address = rest.split(['/', '?']).next().unwrap_or_default();
        let (login, place) = address.rsplit_once('@').unwrap_or(("root", address));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "3306"));
        Self { user: user.into(), password: password.into(), host: host.into(), port: port.into() }
    }
}

impl MariaDbDatabase {
    /// Makes an empty database; `None`, with a line that says so, if there is no server.
    ///
    /// # Panics
    ///
    /// If there is a server but no program `mariadb`, or the server refuses; if there is no server under
    /// continuous integration, where nothing may be skipped.
    pub fn create(label: &str) -> Option<Self> {
        Self::create_on(servers::MARIADB_URL, label)
    }

    /// The same on MySQL, which is an extra: without a server it is said that the test is not run.
    ///
    /// # Panics
    ///
    /// As [`create`](Self::create) does, if nothing has said that there could be no server.
    pub fn create_on_mysql(label: &str) -> Option<Self> {
        Self::create_on(servers::MYSQL_URL, label)
    }

    fn create_on(variable: &str, label: &str) -> Option<Self> {
        let url = servers::url(variable)?;
        let is_mysql = variable == servers::MYSQL_URL;
        let database =
            Self { server: Server::parse(&url), name: unique(label), is_mysql, emptying: OnceLock::new() };
        // As the databases of the fixtures were: a collation that ignores case.
        let create =
            format!("CREATE DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", database.name);
        run(database.client(None).args(["-e", &create]), "the database cannot be made");
        Some(database)
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        let Server { user, password, host, port } = &self.server;
        let password = if password.is_empty() { String::new() } else { format!(":{password}") };
        format!("mysql://{user}{password}@{host}:{port}/{}", self.name)
    }

    /// Runs a file of statements, such as a dump by `mariadb-dump`. A default that only MariaDB takes is written as MySQL
    /// wants it.
    ///
    /// # Panics
    ///
    /// If a statement fails.
    pub fn run_file(&self, path: &Path) {
        if self.is_mysql {
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            return self.run(&text.replace("DEFAULT uuid()", "DEFAULT (uuid())"));
        }
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        run(self.client(Some(&self.name)).stdin(Stdio::from(file)), &path.display().to_string());
    }

    /// Runs statements.
    ///
    /// # Panics
    ///
    /// If one fails.
    pub fn run(&self, statements: &str) {
        run(self.client(Some(&self.name)).args(["-e", statements]), statements);
    }

    /// The rows of a query, every cell as text; a `TIMESTAMP` is in UTC. Cells may have no tab and no line break.
    ///
    /// # Panics
    ///
    /// If the query fails.
    pub fn rows(&self, query: &str) -> Vec<RawRow> {
        let mut client = self.client(Some(&self.name));
        let printed = run(client.args(["--batch", "--raw", "--skip-column-names", "-e", query]), query);
        let mut rows = rows(&printed, '\t', '\n');
        // The program has no setting for it.
        for cell in rows.iter_mut().flatten() {
            if cell.as_deref() == Some("NULL") || cell.as_deref() == Some(NULL) {
                *cell = None;
            }
        }
        rows
    }

    /// Removes every row of every table that was there when it was first called, and lets the counters begin again.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub fn empty(&self) {
        self.run(self.emptying.get_or_init(|| self.to_empty()));
    }

    /// The statements that do it.
    fn to_empty(&self) -> String {
        let tables = "SELECT table_name, auto_increment IS NOT NULL FROM information_schema.tables \
                      WHERE table_schema = DATABASE()";
        let mut statements = vec!["SET foreign_key_checks = 0;".to_owned()];
        for row in self.rows(tables) {
            let [Some(name), Some(counts)] = &row[..] else { panic!("{row:?}") };
            // Not `TRUNCATE`, which makes the table anew and takes its time.
            statements.push(format!("DELETE FROM `{name}`;"));
            if counts == "1" {
                statements.push(format!("ALTER TABLE `{name}` AUTO_INCREMENT = 1;"));
            }
        }
        statements.concat()
    }

    fn client(&self, database: Option<&str>) -> Command {
        let Server { user, password, host, port } = &self.server;
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "--protocol=tcp", "--host", host, "--port", port, "--user", user]);
        command.args(["--default-character-set=utf8mb4", "--init-command=SET time_zone = '+00:00'"]);
        if !password.is_empty() {
            command.env("MYSQL_PWD", password);
        }
        command.args(database).stdin(Stdio::null());
        command
    }
}

impl Drop for MariaDbDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {}", self.name);
        let dropped = self.client(None).args(["-e", &drop]).output();
        if !dropped.is_ok_and(|output| output.status.success()) {
            eprintln!("the database {} is left behind", self.name);
        }
    }
}
