//! A private MariaDB: the version that is installed, with data that vanishes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::process::Signal;

use super::private::{Home, Running, must_run};
use super::{Durability, mysql};
use crate::process;

/// Where a server may be that is not on `PATH`.
const FOLDERS: [&str; 4] =
    ["/usr/sbin", "/usr/bin", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin"];

/// The programs of an installed server.
#[derive(Debug)]
pub(crate) struct Binaries {
    server: PathBuf,
    install: PathBuf,
}

impl Binaries {
    /// Finds an installed server.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn find() -> Result<Self> {
        let find = |name: &str| {
            let elsewhere =
                || FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|file| file.is_file());
            process::find_on_path(name).or_else(elsewhere).with_context(|| format!("no {name}"))
        };
        Ok(Self { server: find("mariadbd")?, install: find("mariadb-install-db")? })
    }
}

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server(Running);

impl Server {
    /// Makes a database under `parent` and starts a server on it.
    ///
    /// # Errors
    ///
    /// If the database cannot be made or the server is not ready in time; nothing runs then.
    pub(crate) fn start(parent: &Path, durability: Durability) -> Result<Self> {
        let binaries = Binaries::find()?;
        let home = Home::make(parent, "mariadb", &["mysql"])?;
        let data = format!("--datadir={}", home.folder.join("data").display());
        let mut install = home.command(&binaries.install);
        install.args(["--no-defaults", &data, "--auth-root-authentication-method=normal", "--skip-test-db"]);
        install.args(["--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0"]);
        must_run(install)?;
        let init = home.write("init.sql", &mysql::first_statements())?;
        let command = |port| {
            let mut command = home.command(&binaries.server);
            command.args(["--no-defaults", &data]).args(settings(durability));
            command.args(mysql::place(port, &home.folder)).arg(format!("--init-file={}", init.display()));
            command
        };
        // Nothing is worth an orderly end.
        Ok(Self(home.launch(&[Signal::KILL], command, || mysql::is_ready(&home.log()))?))
    }

    /// The URL of a database of a superuser.
    pub(crate) fn url(&self) -> String {
        mysql::url(self.0.port)
    }
}

fn settings(durability: Durability) -> Vec<&'static str> {
    let mut settings = vec![
        "--character-set-server=utf8mb4",
        "--default-time-zone=+00:00",
        "--innodb-log-file-size=16M",
        "--max-connections=400",
    ];
    if durability == Durability::None {
        settings.extend([
            "--aria-sync-log-dir=NEVER",
            "--debug-no-sync",
            "--innodb-doublewrite=OFF",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--skip-sync-frm",
        ]);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_for_tests_gives_up_durability() {
        let gives_up = |durability| settings(durability).iter().any(|setting| setting.contains("flush"));

        assert!(gives_up(Durability::None) && !gives_up(Durability::Full));
    }
}
