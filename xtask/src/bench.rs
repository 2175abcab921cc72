//! `cargo xtask bench`: the benchmarks, on a private PostgreSQL that is as durable as in production.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::install;
use crate::process::{self, cargo, must_run};
use crate::services::{Purpose, Services};

/// Runs the program in `benches/` with `arguments`.
///
/// # Errors
///
/// If PostgreSQL is missing or does not start, or the program fails.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    install::for_benchmarks()?;
    let services = Services::start(&Purpose::Benchmarks)?;
    if let Some(line) = services.skip_lines().first() {
        bail!("{line}");
    }
    let mut program = cargo();
    program.args(["run", "--release", "--manifest-path", "benches/Cargo.toml", "--"]).args(arguments);
    program.env("CARGO_TARGET_DIR", process::root().join("target/benches"));
    must_run(program.envs(&services.environment))?;
    Ok(ExitCode::SUCCESS)
}
