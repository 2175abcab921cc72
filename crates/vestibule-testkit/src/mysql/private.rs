//! A MariaDB of the test's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::private::{Home, Kept, free_ports, must_run, wait_until};
use crate::servers::skip;

/// The name and password of the superuser, and the name of its database.
pub(crate) const NAME: &str = "vestibule";

/// A server of the test's own. It ends with this value, and with this process.
#[derive(Debug)]
pub struct PrivateMariaDb {
    _running: Kept,
    port: u16,
    home: Home,
}

impl PrivateMariaDb {
    /// Makes a database and starts a server with these arguments beside the usual ones, which may name files in the
    /// folder that the closure is given; `None`, with a line that says so, if MariaDB is not installed.
    ///
    /// # Panics
    ///
    /// If the server does not start, or is not installed under continuous integration.
    pub fn start(arguments: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        let programs = match Programs::find() {
            Ok(programs) => programs,
            Err(missing) => {
                skip(&format!("{missing} is not installed"));
                return None;
            }
        };
        let home = Home::make("mysql");
        programs.make_data(&home);
        let [port] = free_ports();
        let mut all = usual_arguments(&home, port);
        all.extend(arguments(home.path()));
        let running = home.keep("KILL", &programs.server, all);
        let log = || format!("the server does not start; its log:\n{}", home.logged());
        wait_until(log, || home.logged().contains("ready for connections"));
        Some(Self { _running: running, port, home })
    }

    /// The URL of the superuser's database, by the name of this machine that the test wants, such as `localhost`.
    pub fn url(&self, host: &str) -> String {
        format!("mysql://{NAME}:{NAME}@{host}:{}/{NAME}", self.port)
    }

    /// The server's folder.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }
}

/// What every server here is started with.
pub(crate) fn usual_arguments(home: &Home, port: u16) -> Vec<String> {
    let file = |name: &str| home.path().join(name).display().to_string();
    vec![
        "--no-defaults".to_owned(),
        format!("--datadir={}", file("data")),
        format!("--socket={}", file("s")),
        format!("--pid-file={}", file("pid")),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--character-set-server=utf8mb4".to_owned(),
        "--default-time-zone=+00:00".to_owned(),
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
        "--innodb-log-file-size=16M".to_owned(),
        "--innodb-buffer-pool-size=64M".to_owned(),
    ]
}

/// What has to be installed.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    install: PathBuf,
}

impl Programs {
    /// # Errors
    ///
    /// The name of one that is missing.
    pub(crate) fn find() -> Result<Self, &'static str> {
        Ok(Self { server: program("mariadbd")?, install: program("mariadb-install-db")? })
    }

    /// Makes a database with its superuser in the folder `data`.
    pub(crate) fn make_data(&self, home: &Home) {
        let statements = home.path().join("first.sql");
        let text = format!(
            // Before this, a server that makes its first tables knows no users.
            "FLUSH PRIVILEGES;\n\
             CREATE USER '{NAME}'@'%' IDENTIFIED BY '{NAME}';\n\
             GRANT ALL ON *.* TO '{NAME}'@'%' WITH GRANT OPTION;\nCREATE DATABASE {NAME};\n"
        );
        fs::write(&statements, text).expect("a file can be written");
        let mut install = home.command(&self.install);
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        install.args(["--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0"]);
        install.arg(format!("--datadir={}", home.path().join("data").display()));
        install.arg(format!("--extra-file={}", statements.display()));
        must_run(install);
    }
}

/// A program on `PATH`, or where servers are.
///
/// # Errors
///
/// Its name.
pub(crate) fn program(name: &'static str) -> Result<PathBuf, &'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file()).ok_or(name)
}
