//! The commands of this repository, run as `cargo xtask COMMAND`.
//!
//! `test` is the one that matters: it is what continuous integration runs and what a contributor
//! runs before a change is proposed. The others are its parts, usable by themselves.

mod install;
mod process;
mod services;
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The commands of this repository"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Installs what the tests need and this machine lacks, where that is possible.
    Install,
    /// Starts private servers, runs a command with their addresses in its environment, stops them.
    ///
    /// Without a command it prints the addresses and waits for Ctrl-C.
    Services {
        /// The command and its arguments, after `--`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Owns the servers, and stops them when its standard input ends. Started by the other commands.
    #[command(hide = true)]
    ServicesKeeper(services::keeper::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::ServicesKeeper(options) => services::keeper::run(&options),
        command => signals::watch().and_then(|()| match command {
            Command::Install => install::everything().map(|()| ExitCode::SUCCESS),
            Command::Services { command } => services::run_command(&command),
            Command::ServicesKeeper(_) => unreachable!("matched above"),
        }),
    };
    outcome.unwrap_or_else(|error| {
        process::say(&format!("error: {error:#}"));
        match signals::pending() {
            Some(signal) => ExitCode::from(128_u8.saturating_add(signal)),
            None => ExitCode::FAILURE,
        }
    })
}
