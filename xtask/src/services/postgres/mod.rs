//! A private PostgreSQL: any major version that is installed, with data that vanishes.

mod binaries;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use crate::process;
pub(crate) use binaries::Binaries;
use binaries::{User, unprivileged};

/// How long a server may take to be ready on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How often another free port is tried, since one may be taken between choosing and using it.
const ATTEMPTS: usize = 3;
/// The library that counts statements; loaded if it is there.
const STATISTICS: &str = "pg_stat_statements";

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Makes a cluster under `parent` and starts a server on it.
    ///
    /// A durable one waits for the disk as in production; any other does not.
    ///
    /// # Errors
    ///
    /// If the cluster cannot be made or the server is not ready in time; nothing runs then.
    pub(crate) fn start(parent: &Path, durable: bool) -> Result<Self> {
        let binaries = Binaries::find()?;
        let folder = parent.join("postgres");
        fs::DirBuilder::new().mode(0o755).create(&folder)?;
        let user = if fs::metadata(&folder)?.uid() == 0 {
            let passwd = fs::read_to_string("/etc/passwd")?;
            Some(
                unprivileged(&passwd)
                    .context("PostgreSQL refuses root, and there is no user postgres or nobody")?,
            )
        } else {
            None
        };
        if let Some(user) = user {
            chown(&folder, Some(user.uid), Some(user.gid))?;
        }
        initdb(&binaries, user, &folder)?;
        if binaries.has_library(STATISTICS) {
            create_extension(&binaries, user, &folder)?;
        }
        for _ in 1..ATTEMPTS {
            if let Ok(server) = Self::launch(&binaries, user, &folder, durable) {
                return Ok(server);
            }
        }
        Self::launch(&binaries, user, &folder, durable).with_context(|| {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            format!("PostgreSQL does not start; its log:\n{log}")
        })
    }

    /// The URL of the superuser's database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn launch(binaries: &Binaries, user: Option<User>, folder: &Path, durable: bool) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(folder.join("log"))?;
        let mut command = binaries.command("postgres", user, folder);
        command.arg("-D").arg(folder.join("data"));
        for setting in settings(port, folder, durable, binaries.has_library(STATISTICS)) {
            command.arg("-c").arg(setting);
        }
        command.stdout(log.try_clone()?).stderr(log).process_group(0);
        let mut server = Self { child: command.spawn().context("cannot start postgres")?, port };
        server.wait_until_ready(&folder.join("data/postmaster.pid"))?;
        Ok(server)
    }

    /// Waits for the word `ready` that the server writes into its file when it takes connections.
    fn wait_until_ready(&mut self, status_file: &Path) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("postgres ended at once ({status})");
            }
            if fs::read_to_string(status_file).is_ok_and(|text| is_ready(&text)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("postgres is not ready after {} s", READY_WITHIN.as_secs());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fast shutdown, then immediate, then none of its choice.
        for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
            process::send_to_process(&self.child, signal);
            if matches!(process::wait_for(&mut self.child, Duration::from_secs(5)), Ok(Some(_))) {
                return;
            }
        }
    }
}

fn is_ready(status_file: &str) -> bool {
    status_file.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

fn initdb(binaries: &Binaries, user: Option<User>, folder: &Path) -> Result<()> {
    let mut initdb = binaries.command("initdb", user, folder);
    initdb.arg("-D").arg(folder.join("data"));
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    let output = initdb.output().context("cannot start initdb")?;
    if !output.status.success() {
        bail!(
            "initdb failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Creates the extension that counts statements in the superuser's database, before the server starts.
fn create_extension(binaries: &Binaries, user: Option<User>, folder: &Path) -> Result<()> {
    let mut single = binaries.command("postgres", user, folder);
    single.arg("--single").arg("-D").arg(folder.join("data"));
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

fn settings(port: u16, folder: &Path, durable: bool, statistics: bool) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        "max_connections=300".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if !durable {
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
        let durable = settings(1, Path::new("/d"), true, true);
        let fast = settings(1, Path::new("/d"), false, false);

        assert!(!durable.iter().any(|setting| setting.contains("fsync") || setting.contains("commit")));
        assert!(
            fast.contains(&"fsync=off".to_owned()) && fast.contains(&"synchronous_commit=off".to_owned())
        );
        assert!(durable.contains(&"shared_preload_libraries=pg_stat_statements".to_owned()));
    }
}
