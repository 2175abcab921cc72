//! `cargo xtask bench`: the benchmarks, on private servers that are as durable as in production.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::install;
use crate::process::{self, cargo, must_run};
use crate::services::{Purpose, Service, Services};

/// Runs the program in `benches/` with `arguments`, and what it says that it needs for these: servers, packages of Node,
/// the programs in `benches/servers`.
///
/// # Errors
///
/// If something that is needed is missing or does not start, or the program fails.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    build("benches/Cargo.toml")?;
    let Some(needs) = ask(arguments)? else {
        return Ok(ExitCode::SUCCESS);
    };

    install::for_benchmarks(&needs.services, needs.node)?;
    if needs.servers {
        build("benches/servers/Cargo.toml")?;
    }
    let services = Services::start(&Purpose::Benchmarks(needs.services))?;
    if let Some(line) = services.skip_lines().first() {
        bail!("{line}");
    }
    must_run(process::command(program()).args(arguments).envs(&services.environment))?;
    Ok(ExitCode::SUCCESS)
}

/// Asks the program what it needs for `arguments`; `None` if these only ask for its help, which it has given.
fn ask(arguments: &[OsString]) -> Result<Option<Needs>> {
    let mut command = process::command(program());
    let output = command.arg("--needs").args(arguments).stderr(Stdio::inherit()).output();
    let output = output.context("cannot start the benchmarks")?;
    if !output.status.success() {
        bail!("{} failed ({})", process::show(&command), output.status);
    }
    let said = String::from_utf8(output.stdout)?;
    if let Some(words) = said.strip_prefix("needs:") {
        return Needs::read(words).map(Some);
    }
    print!("{said}");
    Ok(None)
}

/// What has to be there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Needs {
    services: BTreeSet<Service>,
    node: bool,
    servers: bool,
}

impl Needs {
    /// Reads the words that the program says.
    fn read(words: &str) -> Result<Self> {
        let mut needs = Self::default();
        for word in words.split_whitespace() {
            match word {
                "postgres" => drop(needs.services.insert(Service::Postgres)),
                "mariadb" => drop(needs.services.insert(Service::MariaDb)),
                "node" => needs.node = true,
                "servers" => needs.servers = true,
                other => bail!("the benchmarks need `{other}`, which nobody knows"),
            }
        }
        Ok(needs)
    }
}

fn build(manifest: &str) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--manifest-path", manifest]);
    build.env("CARGO_TARGET_DIR", target());
    must_run(&mut build)
}

fn target() -> PathBuf {
    process::root().join("target/benches")
}

fn program() -> PathBuf {
    target().join("release/vestibule-bench").with_extension(std::env::consts::EXE_EXTENSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_needs_is_understood_or_refused() {
        let all = Needs { services: [Service::Postgres, Service::MariaDb].into(), node: true, servers: true };

        assert_eq!(Needs::read("postgres mariadb node servers\n").unwrap(), all);
        assert_eq!(Needs::read("\n").unwrap(), Needs::default());
        assert!(Needs::read("postgres oracle").is_err());
    }
}
