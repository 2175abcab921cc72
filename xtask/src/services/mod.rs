//! The private servers of the tests.
//!
//! Each is started on a free port with temporary data by the [`keeper`], a process of its own that
//! stops them all as soon as this one is gone, for whatever reason. A server whose variable the
//! caller has set already is the caller's: nothing is started for it, and nothing is stopped.

mod catalog;
pub(crate) mod chromium;
pub(crate) mod keeper;
mod mariadb;
pub(crate) mod mysql;
mod pgbouncer;
mod postgres;
mod private;
mod smtp;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::process::{self, say};
use crate::{install, signals};
pub(crate) use catalog::{Durability, Service};

/// The path of a Chromium program.
pub(crate) const CHROMIUM: &str = "VESTIBULE_TEST_CHROMIUM";
/// The folder for screenshots and logs.
pub(crate) const ARTIFACTS: &str = "VESTIBULE_TEST_ARTIFACTS";
/// The variables of extra servers that could not be had, with commas between them: their tests may be left out
/// even in continuous integration.
pub(crate) const NOT_RUN: &str = "VESTIBULE_TEST_NOT_RUN";

/// What a run of servers is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Tests with these servers, and no waiting for the disk.
    Tests(BTreeSet<Service>),
    /// Benchmarks with these, as durable as in production.
    Benchmarks(BTreeSet<Service>),
}

impl Purpose {
    /// Tests with every server there is.
    pub(crate) fn all_tests() -> Self {
        Self::Tests(Service::value_variants().iter().copied().collect())
    }

    fn servers(&self) -> BTreeSet<Service> {
        match self {
            Self::Tests(servers) | Self::Benchmarks(servers) => servers.clone(),
        }
    }
}

/// What the keeper tells when the servers run.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Report {
    /// What names the servers in the environment.
    variables: BTreeMap<String, String>,
    /// The extra servers that did not start, and why.
    not_run: BTreeMap<String, String>,
}

/// The servers that run, the variables that name them, and what could not be had.
#[derive(Debug)]
pub(crate) struct Services {
    /// What to add to the environment of a command.
    pub(crate) environment: BTreeMap<String, String>,
    /// Each service that is missing, and why.
    missing: Vec<String>,
    /// Each extra service that is not to be had, and why.
    not_run: BTreeMap<Service, String>,
    keeper: Option<(Child, ChildStdin)>,
}

impl Services {
    /// Starts what the caller has not brought.
    ///
    /// # Errors
    ///
    /// If a server that is installed does not start, or, in continuous integration, if one is missing. An extra is
    /// neither.
    pub(crate) fn start(purpose: &Purpose) -> Result<Self> {
        let mut services = Self {
            environment: BTreeMap::new(),
            missing: Vec::new(),
            not_run: BTreeMap::new(),
            keeper: None,
        };
        let mut wanted = Vec::new();
        for service in purpose.servers() {
            match service.available() {
                _ if service.is_the_callers() => {}
                Ok(()) => wanted.push(service),
                Err(reason) if service.is_extra() => {
                    services.not_run.insert(service, format!("{reason:#}"));
                }
                Err(reason) => {
                    let set = service.variables().join(" and ");
                    services.missing.push(format!("{}: {reason:#} (or set {set})", service.label()));
                }
            }
        }
        if matches!(purpose, Purpose::Tests(_)) {
            services.plan_browser();
        }
        if process::in_ci() && !services.missing.is_empty() {
            bail!("missing in continuous integration: {}", services.missing.join("; "));
        }
        if !wanted.is_empty() {
            services.start_keeper(&wanted, purpose)?;
        }
        let left_out = services.not_run.keys().flat_map(|service| service.variables()).copied();
        let left_out = left_out.collect::<Vec<_>>().join(",");
        services.environment.insert(NOT_RUN.to_owned(), left_out);
        Ok(services)
    }

    fn plan_browser(&mut self) {
        if std::env::var_os(CHROMIUM).is_none() {
            match chromium::find() {
                Some(path) => drop(self.environment.insert(CHROMIUM.to_owned(), path.display().to_string())),
                None => self.missing.push(format!("Chromium: not found (or set {CHROMIUM})")),
            }
        }
        if std::env::var_os(ARTIFACTS).is_none() {
            let folder = process::root().join("artifacts");
            self.environment.insert(ARTIFACTS.to_owned(), folder.display().to_string());
        }
    }

    fn start_keeper(&mut self, wanted: &[Service], purpose: &Purpose) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut keeper = Command::new(program);
        keeper.arg("services-keeper");
        for service in wanted {
            keeper.args(["--start", &service.word()]);
        }
        if matches!(purpose, Purpose::Benchmarks(_)) {
            keeper.arg("--durable");
        }
        // Its own group: Ctrl-C in the terminal is for us, and we tell the keeper by closing its input.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = keeper.spawn().context("cannot start the keeper of the servers")?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("the keeper of the servers has no pipes");
        };
        self.keeper = Some((child, stdin));

        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("cannot hear the keeper of the servers")?;
        if line.is_empty() {
            bail!("the servers did not start");
        }
        let report: Report = serde_json::from_str(&line)?;
        self.environment.extend(report.variables);
        for (word, reason) in report.not_run {
            if let Ok(service) = Service::from_str(&word, false) {
                self.not_run.insert(service, reason);
            }
        }
        Ok(())
    }

    /// One line for each service that is missing, for people to read.
    pub(crate) fn skip_lines(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|line| format!("MISSING, its tests are skipped: {line}"));
        let not_run = self.not_run.iter().map(|(service, reason)| {
            format!("NOT RUN: {} (an extra, so nothing fails): {reason}", service.label())
        });
        missing.chain(not_run).collect()
    }

    /// Prints what is missing, if anything is.
    pub(crate) fn say_missing(&self) {
        for line in self.skip_lines() {
            say(&line);
        }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let Some((mut child, stdin)) = self.keeper.take() else {
            return;
        };
        drop(stdin);
        if !matches!(process::wait_for(&mut child, Duration::from_secs(20)), Ok(Some(_))) {
            say("the keeper of the servers does not end; killing it");
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What `cargo xtask services` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Starts these alone, with commas between them, and sets up an extra that is named. Without it everything is
    /// started that is set up.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Service>,
    /// The command and its arguments, after `--`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// `cargo xtask services -- COMMAND`.
///
/// # Errors
///
/// If a server does not start, the command does not, or a signal arrives.
pub(crate) fn run_command(options: &Options) -> Result<ExitCode> {
    let mut purpose = Purpose::all_tests();
    let mut extras = install::Extras::AsTheyAre;
    if !options.only.is_empty() {
        let mut only: BTreeSet<_> = options.only.iter().copied().collect();
        only.extend(options.only.iter().filter_map(|service| service.waits_for()));
        purpose = Purpose::Tests(only);
        extras = install::Extras::SetUp;
    }
    install::for_services(&purpose.servers(), extras)?;
    let services = Services::start(&purpose)?;
    services.say_missing();
    let Some((program, arguments)) = options.command.split_first() else {
        for (name, value) in &services.environment {
            println!("export {name}='{value}'");
        }
        say("servers are running; Ctrl-C stops them");
        while signals::pending().is_none() {
            std::thread::sleep(Duration::from_millis(100));
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut command = process::command(program);
    command.args(arguments).envs(&services.environment);
    command.current_dir(std::env::current_dir()?);
    let status = process::run(&mut command)?;
    // As a shell tells it: 128 and the signal that ended the command.
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
