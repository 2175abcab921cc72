//! A server in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::SECRET;
use crate::cpu::Server as Used;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Vestibule,
    AuthExpress,
    AxumLogin,
}

/// What it is told: see `benches/servers` and `benches/node/auth-express.mjs`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Options {
    secret: &'static str,
    session: &'static str,
    database: Option<Database>,
    provider: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Database {
    url: String,
    schema: String,
}

impl Options {
    /// Sessions in the cookie.
    pub(crate) fn jwt() -> Self {
        Self { secret: SECRET, session: "jwt", database: None, provider: None }
    }

    /// Sessions in tables.
    pub(crate) fn database(url: &str, schema: &str) -> Self {
        let database = Some(Database { url: url.to_owned(), schema: schema.to_owned() });
        Self { secret: SECRET, session: "database", database, provider: None }
    }

    /// Sign-in at a provider as well.
    pub(crate) fn with_provider(mut self, url: String) -> Self {
        self.provider = Some(url);
        self
    }
}

/// A server that runs until this value is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// What its process uses.
    pub(crate) used: Used,
    _child: Child,
}

#[derive(Deserialize)]
struct Ready {
    port: u16,
}

impl Server {
    pub(crate) async fn start(kind: Kind, options: &Options) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = match kind {
            Kind::Vestibule => Command::new(beside("bench-vestibule")?),
            Kind::AxumLogin => Command::new(beside("bench-axum-login")?),
            Kind::AuthExpress => {
                let node = folder.join("node");
                ensure!(
                    node.join("node_modules/@auth/express").is_dir(),
                    "npm ci in benches/node is missing"
                );
                let mut command = Command::new("node");
                command.arg("auth-express.mjs").current_dir(node).env("NODE_ENV", "production");
                command
            }
        };
        command.arg(serde_json::to_string(options)?).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let used = child.id().and_then(Used::of_process).context("the server has ended")?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let Ready { port } = serde_json::from_str(&line.with_context(|| format!("{kind:?} did not start"))?)?;
        Ok(Self { port, used, _child: child })
    }
}

/// A program that was built where this one was.
fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    ensure!(program.is_file(), "{name} is not built; `cargo xtask bench` builds it");
    Ok(program)
}
