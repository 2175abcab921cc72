//! A private SMTP server: `smtp-server` from npm, in `xtask/smtp`, keeping each message as a file.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;

/// The folder of the script and its packages.
pub(crate) fn package_folder() -> PathBuf {
    process::root().join("xtask/smtp")
}

/// Whether the server could be started.
///
/// # Errors
///
/// If Node or the script's packages are missing.
pub(crate) fn available() -> Result<()> {
    process::find_on_path("node").context("no node on PATH")?;
    if !package_folder().join("node_modules/smtp-server").is_dir() {
        bail!("its packages are not installed (npm ci in xtask/smtp)");
    }
    Ok(())
}

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts a server that leaves what it receives in the folder `mail` under `parent`.
    ///
    /// # Errors
    ///
    /// If it cannot be started or does not tell its port; nothing runs then.
    pub(crate) fn start(parent: &Path) -> Result<Self> {
        let folder = parent.join("mail");
        fs::create_dir(&folder)?;
        let mut command = process::command("node");
        command.arg(package_folder().join("smtp.mjs")).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start node")?;
        let stdout = child.stdout.take();
        let mut server = Self { child, folder, port: 0 };
        let mut line = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        server.port = line.trim().parse().context("the SMTP server did not tell its port")?;
        Ok(server)
    }

    /// The server's URL; it takes any user and password, and none.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Where the messages are, one `.eml` each.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if !matches!(process::wait_for(&mut self.child, Duration::from_secs(2)), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
