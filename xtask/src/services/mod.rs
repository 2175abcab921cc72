//! The private servers of the tests.
//!
//! Each is started on a free port with temporary data by the [`keeper`], a process of its own that
//! stops them all as soon as this one is gone, for whatever reason. A server whose variable the
//! caller has set already is the caller's: nothing is started for it, and nothing is stopped.

pub(crate) mod chromium;
pub(crate) mod keeper;
pub(crate) mod postgres;
pub(crate) mod smtp;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{self, say};
use crate::{install, signals};

/// The URL of a PostgreSQL superuser's database.
pub(crate) const POSTGRES_URL: &str = "VESTIBULE_TEST_POSTGRES_URL";
/// The URL of an SMTP server.
pub(crate) const SMTP_URL: &str = "VESTIBULE_TEST_SMTP_URL";
/// The folder where that SMTP server leaves what it received, one `.eml` a message.
pub(crate) const SMTP_DIR: &str = "VESTIBULE_TEST_SMTP_DIR";
/// The path of a Chromium program.
pub(crate) const CHROMIUM: &str = "VESTIBULE_TEST_CHROMIUM";
/// The folder for screenshots and logs.
pub(crate) const ARTIFACTS: &str = "VESTIBULE_TEST_ARTIFACTS";

/// What a run of servers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Tests: every service, and no waiting for the disk.
    Tests,
    /// Benchmarks: PostgreSQL alone, as durable as in production.
    Benchmarks,
}

/// The servers that run, the variables that name them, and what could not be had.
#[derive(Debug)]
pub(crate) struct Services {
    /// What to add to the environment of a command.
    pub(crate) environment: BTreeMap<String, String>,
    /// Each service that is missing, and why.
    missing: Vec<String>,
    keeper: Option<(Child, ChildStdin)>,
}

impl Services {
    /// Starts what the caller has not brought.
    ///
    /// # Errors
    ///
    /// If a server that is installed does not start, or, in continuous integration, if one is missing.
    pub(crate) fn start(purpose: Purpose) -> Result<Self> {
        let mut services = Self { environment: BTreeMap::new(), missing: Vec::new(), keeper: None };
        let mut wanted = Vec::new();
        if std::env::var_os(POSTGRES_URL).is_none() {
            match postgres::Binaries::find() {
                Ok(_) => wanted.push("--postgres"),
                Err(reason) => {
                    services.missing.push(format!("PostgreSQL: {reason:#} (or set {POSTGRES_URL})"));
                }
            }
        }
        if purpose == Purpose::Benchmarks {
            wanted.push("--durable");
        } else {
            services.plan_smtp_and_browser(&mut wanted);
        }
        if process::in_ci() && !services.missing.is_empty() {
            bail!("missing in continuous integration: {}", services.missing.join("; "));
        }
        if wanted.iter().any(|flag| *flag != "--durable") {
            services.start_keeper(&wanted)?;
        }
        Ok(services)
    }

    fn plan_smtp_and_browser(&mut self, wanted: &mut Vec<&str>) {
        if std::env::var_os(SMTP_URL).is_none() {
            match smtp::available() {
                Ok(()) => wanted.push("--smtp"),
                Err(reason) => {
                    self.missing.push(format!("SMTP: {reason:#} (or set {SMTP_URL} and {SMTP_DIR})"));
                }
            }
        }
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

    fn start_keeper(&mut self, flags: &[&str]) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut keeper = Command::new(program);
        // Its own group: Ctrl-C in the terminal is for us, and we tell the keeper by closing its input.
        keeper.arg("services-keeper").args(flags).process_group(0);
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
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
        let variables: BTreeMap<String, String> = serde_json::from_str(&line)?;
        self.environment.extend(variables);
        Ok(())
    }

    /// One line for each service that is missing, for people to read.
    pub(crate) fn skip_lines(&self) -> Vec<String> {
        self.missing.iter().map(|line| format!("MISSING, its tests are skipped: {line}")).collect()
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

/// `cargo xtask services -- COMMAND`.
///
/// # Errors
///
/// If a server does not start, the command does not, or a signal arrives.
pub(crate) fn run_command(words: &[OsString]) -> Result<ExitCode> {
    install::for_services()?;
    let services = Services::start(Purpose::Tests)?;
    services.say_missing();
    let Some((program, arguments)) = words.split_first() else {
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
