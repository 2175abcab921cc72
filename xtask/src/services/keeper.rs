//! The process that owns the servers.
//!
//! It exists so that no server outlives the command that wanted it. The command holds the other
//! end of the keeper's standard input; when the command ends, however it ends (a panic and
//! `kill -9` included), the input ends too, and the keeper stops its children and removes their
//! data. The keeper leads its own process group, so a Ctrl-C meant for the command does not reach it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use tempfile::TempDir;

use super::Report;
use super::catalog::{Durability, Service, Started};

/// Which servers to keep.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What to start.
    #[arg(long)]
    start: Vec<Service>,
    /// Waits for the disk on every commit, as in production.
    #[arg(long)]
    durable: bool,
}

/// Starts the servers, all at once, prints a [`Report`] as one line of JSON, and stops them at the end of the input.
///
/// # Errors
///
/// If a server does not start that is no extra; those that did are stopped.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let folder = data_folder()?;
    let durability = if options.durable { Durability::Full } else { Durability::None };
    let mut report = Report::default();
    // Declared after the folder, so stopped before it is removed.
    let mut servers = Vec::new();

    let (later, now): (Vec<_>, Vec<_>) =
        options.start.iter().copied().partition(|service| service.waits_for().is_some());
    let started = start_all(&now, |service| service.start(folder.path(), durability, ""));
    take(started, &mut report, &mut servers)?;
    let started = start_all(&later, |service| {
        let behind = service.waits_for().context("it waits for another")?;
        service.start(folder.path(), durability, &url_of(behind, &report.variables)?)
    });
    take(started, &mut report, &mut servers)?;

    let mut output = std::io::stdout();
    writeln!(output, "{}", serde_json::to_string(&report)?)?;
    output.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new()).context("cannot watch the standard input")?;
    Ok(ExitCode::SUCCESS)
}

type Outcome = (Service, Result<Started>);

/// Starts servers side by side.
fn start_all(services: &[Service], start: impl Fn(Service) -> Result<Started> + Sync) -> Vec<Outcome> {
    thread::scope(|scope| {
        let start = &start;
        let threads: Vec<_> =
            services.iter().map(|service| (*service, scope.spawn(move || start(*service)))).collect();
        let ended = |(service, thread): (Service, thread::ScopedJoinHandle<'_, _>)| {
            (service, thread.join().unwrap_or_else(|_| Err(anyhow!("it panicked"))))
        };
        threads.into_iter().map(ended).collect()
    })
}

/// Notes what became of each server. The first failure is returned when all are noted, so that those that run stop.
fn take(outcomes: Vec<Outcome>, report: &mut Report, servers: &mut Vec<Started>) -> Result<()> {
    let mut failed = None;
    for (service, outcome) in outcomes {
        match outcome {
            Ok(started) => {
                let named = started.variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
                report.variables.extend(named);
                servers.push(started);
            }
            Err(reason) if service.is_extra() => {
                report.not_run.insert(service.word(), format!("{reason:#}"));
            }
            Err(reason) => failed = failed.or(Some(reason.context(service.label()))),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The URL of a server that we started, or that is the caller's.
fn url_of(service: Service, started: &BTreeMap<String, String>) -> Result<String> {
    let name = service.variables().first().context("every server has a variable")?;
    let found = started.get(*name).cloned().or_else(|| std::env::var(name).ok());
    found.with_context(|| format!("{name} is not set"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extra_that_does_not_start_is_reported_and_any_other_is_a_failure() {
        let fails = |service| vec![(service, Err(anyhow!("no room")))];
        let mut report = Report::default();

        let extra = take(fails(Service::MySql), &mut report, &mut Vec::new());
        let other = take(fails(Service::MariaDb), &mut report, &mut Vec::new());

        assert!(extra.is_ok());
        assert_eq!(report.not_run, [("mysql".to_owned(), "no room".to_owned())].into());
        assert_eq!(format!("{:#}", other.unwrap_err()), "MariaDB: no room");
    }
}
