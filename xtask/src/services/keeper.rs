//! The process that owns the servers.
//!
//! It exists so that no server outlives the command that wanted it. The command holds the other
//! end of the keeper's standard input; when the command ends, however it ends (a panic and
//! `kill -9` included), the input ends too, and the keeper stops its children and removes their
//! data. The keeper leads its own process group, so a Ctrl-C meant for the command does not reach it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use tempfile::TempDir;

use super::{POSTGRES_URL, SMTP_DIR, SMTP_URL, postgres, smtp};

/// Which servers to keep.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Starts PostgreSQL.
    #[arg(long)]
    postgres: bool,
    /// Starts the SMTP server.
    #[arg(long)]
    smtp: bool,
    /// Waits for the disk on every commit, as in production.
    #[arg(long)]
    durable: bool,
}

/// Starts the servers, prints their variables as one line of JSON, and stops them at the end of the input.
///
/// # Errors
///
/// If a server does not start; those that did are stopped.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let folder = data_folder()?;
    let mut variables = BTreeMap::new();

    // Declared after the folder, so stopped before it is removed.
    let _postgres = if options.postgres {
        let server = postgres::Server::start(folder.path(), options.durable)?;
        variables.insert(POSTGRES_URL, server.url());
        Some(server)
    } else {
        None
    };
    let _smtp = if options.smtp {
        let server = smtp::Server::start(folder.path())?;
        variables.insert(SMTP_URL, server.url());
        variables.insert(SMTP_DIR, server.folder().display().to_string());
        Some(server)
    } else {
        None
    };

    let mut output = std::io::stdout();
    writeln!(output, "{}", serde_json::to_string(&variables)?)?;
    output.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new()).context("cannot watch the standard input")?;
    Ok(ExitCode::SUCCESS)
}

/// A folder of our own that a server running as another user can walk through.
fn data_folder() -> Result<TempDir> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix("vestibule-services-")
        .permissions(std::fs::Permissions::from_mode(0o711))
        .tempdir()
        .context("cannot make a temporary folder")
}
