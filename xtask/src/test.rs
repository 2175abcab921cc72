//! `cargo xtask test`: the one command that decides whether a change is good.

use std::fs;
use std::io::IsTerminal;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::counts::{Counts, Runner};
use crate::install::Extras;
use crate::process::{self, cargo, must_run, say};
use crate::services::{Purpose, Services};
use crate::{browser, check_deps, check_docs, check_size, fuzz, install, pages, signals};

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Leaves out clippy.
    #[arg(long)]
    fast: bool,
    /// Runs only the tests of this package, and no checks. May be given several times.
    #[arg(short, long)]
    package: Vec<String>,
    /// Runs only the tests whose names contain this, and no checks.
    filter: Vec<String>,
}

/// Installs, starts, checks, tests, stops; prints the totals as its last line.
///
/// # Errors
///
/// None of its own: a failure is printed, and the exit code tells of it.
pub(crate) fn run(options: &Options, commands: &[String]) -> ExitCode {
    let begun = Instant::now();
    let mut counts = Counts::default();
    let mut missing = Vec::new();
    let outcome = run_steps(options, commands, &mut counts, &mut missing);

    for line in &missing {
        say(line);
    }
    match &outcome {
        Ok(()) if !counts.are_good() => say("FAILED: no test ran"),
        Ok(()) => {}
        Err(error) => say(&format!("FAILED: {error:#}")),
    }
    say(&format!("took {}", minutes(begun.elapsed().as_secs())));
    println!("{counts}");
    if outcome.is_ok() && counts.are_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Everything between the start of the servers and their stop, which is at the end of this function.
fn run_steps(
    options: &Options,
    commands: &[String],
    counts: &mut Counts,
    missing: &mut Vec<String>,
) -> Result<()> {
    let narrowed = !(options.package.is_empty() && options.filter.is_empty());
    install::everything(if narrowed { Extras::AsTheyAre } else { Extras::SetUp })?;
    fs::create_dir_all(process::root().join("artifacts"))?;
    let services = Services::start(&Purpose::all_tests())?;
    services.say_missing();
    let packages = install::missing_packages();
    for line in &packages {
        say(line);
    }
    *missing = [services.skip_lines(), packages].concat();

    if narrowed {
        return nextest(options, &services, counts);
    }
    let examples = process::root().join("examples/Cargo.toml").is_file();
    step("cargo fmt", || must_run(cargo().args(["fmt", "--all", "--check"])))?;
    if examples {
        step("cargo fmt in examples", || {
            must_run(cargo().args(["fmt", "--manifest-path", "examples/Cargo.toml", "--all", "--check"]))
        })?;
    }
    step("cargo fmt in fuzz", || {
        must_run(cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
    })?;
    step("check-size", check_size::run)?;
    step("check-deps", check_deps::run)?;
    step("check-docs", || check_docs::run(commands))?;
    let mut failures = Failures::default();
    if !options.fast {
        let clippy = ["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"];
        failures.note(step("cargo clippy", || must_run(cargo().args(clippy))))?;
    }
    pages::forget_what_ran()?;
    failures.note(nextest(options, &services, counts))?;
    failures.note(step("docs/profiles.md as it ran", pages::compare_with_what_ran))?;
    let mut doctests = cargo();
    doctests.args(["test", "--doc", "--workspace"]);
    let doctests = doctests.envs(&services.environment);
    failures.note(test("examples in the documentation", Runner::Harness, doctests, counts))?;
    if examples {
        let mut command = cargo();
        command.args(["test", "--manifest-path", "examples/Cargo.toml", "--workspace", "--no-fail-fast"]);
        command.env("CARGO_TARGET_DIR", browser::examples_target());
        let command = command.envs(&services.environment);
        failures.note(test("examples", Runner::Harness, command, counts))?;
    }
    failures.note(fuzz_parsers(counts, missing))?;
    for (folder, name) in browser::FOLDERS {
        match browser::command(folder, &services)? {
            Ok(mut command) => {
                step("the programs for the tests in Node", build_programs)?;
                failures.note(test(name, Runner::Node, &mut command, counts))?;
            }
            Err(reason) => leave_out(&format!("the {name}: {reason}"), missing),
        }
    }
    failures.into_result()
}

/// What failed so far, of steps that need not stop each other: one report tells all that is broken.
#[derive(Debug, Default)]
struct Failures(Vec<String>);

impl Failures {
    /// Keeps a failure for the end, and prints it now.
    ///
    /// # Errors
    ///
    /// The failure, if we have been asked to end.
    fn note(&mut self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(error) if signals::pending().is_none() => {
                let failure = format!("{error:#}");
                say(&format!("    FAILED, going on: {failure}"));
                self.0.push(failure);
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { bail!(self.0.join("; ")) }
    }
}

fn build_programs() -> Result<()> {
    must_run(cargo().args(["build", "--package", "vestibule-cli"]))?;
    let example = ["build", "--manifest-path", "examples/Cargo.toml", "--package", "credentials_argon2"];
    must_run(cargo().args(example).env("CARGO_TARGET_DIR", browser::examples_target()))
}

/// The same inputs in every run; each target counts as a test.
fn fuzz_parsers(counts: &mut Counts, missing: &mut Vec<String>) -> Result<()> {
    match fuzz::is_missing() {
        None => step("fuzzing", || {
            counts.passed += fuzz::run(&fuzz::Options::default())?;
            Ok(())
        }),
        Some(reason) if process::in_ci() => bail!("fuzzing: {reason}"),
        Some(reason) => {
            leave_out(&format!("fuzzing: {reason}"), missing);
            Ok(())
        }
    }
}

fn leave_out(what: &str, missing: &mut Vec<String>) {
    let line = format!("MISSING, its tests are skipped: {what}");
    say(&line);
    missing.push(line);
}

fn step(name: &str, action: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("==> {name}"));
    let begun = Instant::now();
    action().with_context(|| name.to_owned())?;
    say(&format!("    {name}: good, {}", minutes(begun.elapsed().as_secs())));
    Ok(())
}

/// Runs a command that runs tests, and adds up what its output says.
fn test(name: &str, runner: Runner, command: &mut Command, counts: &mut Counts) -> Result<()> {
    if std::io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    step(name, || {
        let (status, output) = process::run_and_read(command)?;
        let these = Counts::read(runner, &output);
        *counts += these;
        if !status.success() {
            bail!("{} failed ({status}): {these}", process::show(command));
        }
        Ok(())
    })
}

/// Runs the tests by nextest, or by the standard runner where that is not to be had.
fn nextest(options: &Options, services: &Services, counts: &mut Counts) -> Result<()> {
    let runner = if install::has_nextest() { Runner::Nextest } else { Runner::Harness };
    let mut command = command(options, runner);
    command.envs(&services.environment).env(pages::RAN, pages::ran());
    test("tests", runner, &mut command, counts)
}

fn command(options: &Options, runner: Runner) -> Command {
    let mut command = cargo();
    let has_nextest = runner == Runner::Nextest;
    if has_nextest {
        command.args(["nextest", "run", "--profile", if process::in_ci() { "ci" } else { "default" }]);
    } else {
        say("NO cargo-nextest: running the tests under `cargo test`, without time limits");
        command.args(["test", "--no-fail-fast", "--tests"]);
    }
    if options.package.is_empty() {
        command.arg("--workspace");
    }
    for package in &options.package {
        command.args(["--package", package]);
    }
    if !has_nextest && !options.filter.is_empty() {
        command.arg("--");
    }
    command.args(&options.filter);
    command
}

fn minutes(seconds: u64) -> String {
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_filters_narrow_the_tests() {
        let options = |package: &[&str], filter: &[&str]| Options {
            fast: false,
            package: package.iter().map(ToString::to_string).collect(),
            filter: filter.iter().map(ToString::to_string).collect(),
        };

        let all = process::show(&command(&options(&[], &[]), Runner::Nextest));
        let some = process::show(&command(&options(&["a", "b"], &["race"]), Runner::Nextest));

        assert!(all.ends_with("--workspace"), "{all}");
        assert!(some.contains("--package a --package b") && some.ends_with(" race"), "{some}");
        assert!(!some.contains("--workspace"), "{some}");
    }

    #[test]
    fn failures_are_all_told_at_the_end() {
        let mut failures = Failures::default();
        failures.note(Ok(())).unwrap();
        assert!(Failures::default().into_result().is_ok());

        failures.note(Err(anyhow::anyhow!("the tests"))).unwrap();
        failures.note(Ok(())).unwrap();
        failures.note(Err(anyhow::anyhow!("fuzzing"))).unwrap();

        assert_eq!(failures.into_result().unwrap_err().to_string(), "the tests; fuzzing");
    }

    #[test]
    fn time_is_told_in_minutes() {
        assert_eq!(minutes(61), "1 min 01 s");
    }
}
