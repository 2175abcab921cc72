//! A private MySQL, from Debian's development release, which has it where the stable one has only MariaDB.
//!
//! That release changes from day to day, so this server is an extra: when it cannot be had, that is said
//! loudly, and nothing fails. What MariaDB's server and this one have in common is here as well.

mod setup;

use std::path::Path;

use anyhow::{Context, Result};
use rustix::process::Signal;

use super::private::{Home, Running, must_run};
pub(crate) use setup::{available, set_up};

/// The name and password of the superuser, and the name of its database.
const NAME: &str = "vestibule";
/// For tests, so nothing waits for the disk.
const SETTINGS: [&str; 10] = [
    "--character-set-server=utf8mb4",
    "--default-time-zone=+00:00",
    "--innodb-doublewrite=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-redo-log-capacity=32M",
    "--mysqlx=OFF",
    "--performance-schema=OFF",
    "--secure-file-priv=NULL",
    "--skip-log-bin",
];

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server(Running);

impl Server {
    /// Makes a database under `parent` and starts a server on it.
    ///
    /// # Errors
    ///
    /// If the server is not set up, the database cannot be made or the server is not ready in time; nothing runs
    /// then.
    pub(crate) fn start(parent: &Path) -> Result<Self> {
        let home = Home::make(parent, "mysql", &["mysql"])?;
        let root = home.reachable(&setup::folder())?;
        let loader = setup::loader(&root).context("it has no loader of programs")?;
        let server = || {
            // The programs of another release need that release's libraries, and its loader finds them.
            let mut command = home.command(&loader);
            command.arg("--library-path").arg(setup::libraries(&loader)).arg(root.join("usr/sbin/mysqld"));
            command.arg("--no-defaults").arg(format!("--basedir={}", root.join("usr").display()));
            command.arg(format!("--lc-messages-dir={}", root.join("usr/share/mysql").display()));
            command.arg(format!("--plugin-dir={}", root.join("usr/lib/mysql/plugin").display()));
            command.arg(format!("--datadir={}", home.folder.join("data").display())).args(SETTINGS);
            command
        };
        let mut initialize = server();
        initialize.arg("--initialize-insecure");
        must_run(initialize)?;
        let init = home.write("init.sql", &first_statements())?;
        let command = |port| {
            let mut command = server();
            command.args(place(port, &home.folder)).arg("--max-connections=400");
            command.arg(format!("--init-file={}", init.display()));
            command
        };
        Ok(Self(home.launch(&[Signal::KILL], command, || is_ready(&home.log()))?))
    }

    /// The URL of a database of a superuser.
    pub(crate) fn url(&self) -> String {
        url(self.0.port)
    }
}

/// The URL of what [`first_statements`] make.
pub(super) fn url(port: u16) -> String {
    format!("mysql://{NAME}:{NAME}@127.0.0.1:{port}/{NAME}")
}

/// Where a server listens and leaves its files.
pub(super) fn place(port: u16, folder: &Path) -> [String; 5] {
    [
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--socket={}", folder.join("s").display()),
        format!("--pid-file={}", folder.join("pid").display()),
        "--skip-name-resolve".to_owned(),
    ]
}

/// What a server runs before it takes connections: it makes the superuser and its database.
pub(super) fn first_statements() -> String {
    format!(
        "CREATE USER IF NOT EXISTS '{NAME}'@'%' IDENTIFIED BY '{NAME}';\n\
         GRANT ALL ON *.* TO '{NAME}'@'%' WITH GRANT OPTION;\n\
         CREATE DATABASE IF NOT EXISTS {NAME};\n"
    )
}

/// Whether the server has logged that it takes connections.
pub(super) fn is_ready(log: &str) -> bool {
    log.contains("ready for connections")
}
