//! A private PostgreSQL: any major version that is installed, with data that vanishes.

mod binaries;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Result, bail};
use rustix::process::Signal;

use super::Durability;
use super::private::{Home, Running, must_run};
pub(crate) use binaries::{Binaries, package_folder};

/// The library that counts statements; loaded if it is there.
const STATISTICS: &str = "pg_stat_statements";
/// Fast shutdown, then immediate, then none of its choice.
const STOP: &[Signal] = &[Signal::INT, Signal::QUIT, Signal::KILL];

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server(Running);

impl Server {
    /// Makes a cluster in the folder `name` under `parent` and starts a server on it.
    ///
    /// # Errors
    ///
    /// If the cluster cannot be made or the server is not ready in time; nothing runs then.
    pub(crate) fn start(
        binaries: &Binaries,
        parent: &Path,
        name: &str,
        durability: Durability,
    ) -> Result<Self> {
        let home = Home::make(parent, name, &["postgres"])?;
        let binaries = binaries.for_home(&home)?;
        let mut initdb = home.command(&binaries.program("initdb"));
        initdb.arg("-D").arg(home.folder.join("data"));
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        must_run(initdb)?;
        if binaries.has_library(STATISTICS) {
            create_extension(&binaries, &home)?;
        }
        let status_file = home.folder.join("data/postmaster.pid");
        let command = |port| {
            let mut command = home.command(&binaries.program("postgres"));
            command.arg("-D").arg(home.folder.join("data"));
            for setting in settings(port, &home.folder, durability, binaries.has_library(STATISTICS)) {
                command.arg("-c").arg(setting);
            }
            command
        };
        let is_ready = || fs::read_to_string(&status_file).is_ok_and(|text| is_ready(&text));
        Ok(Self(home.launch(STOP, command, is_ready)?))
    }

    /// The URL of the superuser's database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.0.port)
    }
}

/// Whether the server has written the word `ready` into its file, as it does when it takes connections.
fn is_ready(status_file: &str) -> bool {
    status_file.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

/// Creates the extension that counts statements in the superuser's database, before the server starts.
fn create_extension(binaries: &Binaries, home: &Home) -> Result<()> {
    let mut single = home.command(&binaries.program("postgres"));
    single.arg("--single").arg("-D").arg(home.folder.join("data"));
    single.arg("-c").arg(format!("shared_preload_libraries={STATISTICS}")).arg("postgres");
    let mut child = single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "create extension {STATISTICS};")?;
    }
    let output = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || errors.contains("ERROR:") {
        bail!("cannot create {STATISTICS}: {errors}");
    }
    Ok(())
}

fn settings(port: u16, folder: &Path, durability: Durability, statistics: bool) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        "max_connections=300".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if durability == Durability::None {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    if statistics {
        settings.push(format!("shared_preload_libraries={STATISTICS}"));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ready_when_its_file_says_so() {
        let file = |last: &str| format!("1\n/d\n2\n5\n/s\n127.0.0.1\n  9 9\n{last}\n");
        assert!(is_ready(&file("ready   ")));
        assert!(!is_ready(&file("starting")));
        assert!(!is_ready("1\n/d\n"));
    }

    #[test]
    fn only_a_server_for_tests_gives_up_durability() {
        let durable = settings(1, Path::new("/d"), Durability::Full, true);
        let fast = settings(1, Path::new("/d"), Durability::None, false);

        assert!(!durable.iter().any(|setting| setting.contains("fsync") || setting.contains("commit")));
        assert!(
            fast.contains(&"fsync=off".to_owned()) && fast.contains(&"synchronous_commit=off".to_owned())
        );
        assert!(durable.contains(&"shared_preload_libraries=pg_stat_statements".to_owned()));
    }
}
