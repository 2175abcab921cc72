//! The commands of this repository, run as `cargo xtask COMMAND`.
//!
//! `test` is the one that matters: it is what continuous integration runs and what a contributor
//! runs before a change is proposed. The others are its parts, usable by themselves.

mod bench;
mod browser;
mod check_deps;
mod check_docs;
mod check_size;
mod counts;
mod files;
mod fuzz;
mod install;
mod pages;
mod process;
mod services;
mod signals;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The commands of this repository")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks and tests everything: what continuous integration runs.
    Test(test::Options),
    /// Installs what the tests need and this machine lacks, where that is possible.
    Install,
    /// Starts private servers, runs a command with their addresses in its environment, stops them.
    ///
    /// Without a command it prints the addresses and waits for Ctrl-C.
    Services(services::Options),
    /// Runs the benchmarks on private, durable servers.
    Bench {
        /// What to pass on to the program in `benches/`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Runs the parsers on inputs that libFuzzer makes up.
    Fuzz(fuzz::Options),
    /// Makes the page of schema profiles from the list of their tests.
    Profiles(pages::Options),
    /// Makes the page of sign-in providers from their catalogue.
    Providers(pages::Options),
    /// Checks who depends on whom, and that SQL stays in its place.
    CheckDeps,
    /// Checks that what the Markdown says about the repository is so.
    CheckDocs,
    /// Checks that no source file is too long.
    CheckSize,
    /// Owns the servers, and stops them when its standard input ends. Started by the other commands.
    #[command(hide = true)]
    ServicesKeeper(services::keeper::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::ServicesKeeper(options) => services::keeper::run(&options),
        command => signals::watch().and_then(|()| run(command)),
    };
    outcome.unwrap_or_else(|error| {
        process::say(&format!("error: {error:#}"));
        match signals::pending() {
            Some(signal) => ExitCode::from(128_u8.saturating_add(signal)),
            None => ExitCode::FAILURE,
        }
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Test(options) => return Ok(test::run(&options, &names())),
        Command::Services(options) => return services::run_command(&options),
        Command::Bench { arguments } => return bench::run(&arguments),
        Command::ServicesKeeper(options) => return services::keeper::run(&options),
        Command::Install => install::everything(install::Extras::SetUp)?,
        Command::Profiles(options) => pages::run(&pages::PROFILES, &options)?,
        Command::Providers(options) => pages::run(&pages::PROVIDERS, &options)?,
        Command::Fuzz(options) => drop(fuzz::run(&options)?),
        Command::CheckDeps => check_deps::run()?,
        Command::CheckDocs => check_docs::run(&names())?,
        Command::CheckSize => check_size::run()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The names of the commands that people may use.
fn names() -> Vec<String> {
    let cli = Cli::command();
    let visible = cli.get_subcommands().filter(|command| !command.is_hide_set());
    visible.map(|command| command.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn people_see_every_command_but_the_keeper() {
        assert_eq!(
            names(),
            [
                "test",
                "install",
                "services",
                "bench",
                "fuzz",
                "profiles",
                "providers",
                "check-deps",
                "check-docs",
                "check-size"
            ]
        );
    }
}
