//! The program `vestibule`: a sign-in page on a database.
//!
//! `vestibule serve` (or no command at all) serves it, `vestibule schema` prints, checks and completes the
//! tables, `vestibule sweep` deletes what has expired. What it is told comes from flags, the environment and a
//! file, in this order; the README of this crate lists all of it, and the exit codes.

mod args;
mod config;
mod connect;
mod failure;
mod home;
mod logging;
mod mailbox;
mod mysql;
mod over_http;
mod page;
mod postgres;
mod schema;
mod secret_file;
mod serve;
mod sweep;
mod sweeper;
mod tables;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

/// A request allocates some dozens of times; with this a tenth of its processor time is saved.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve::run(cli.serve).await,
        Some(Command::Serve(args)) => serve::run(args).await,
        Some(Command::Schema(command)) => schema::run(command).await,
        Some(Command::Sweep(args)) => sweep::run(&args).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // If nobody listens on standard error, the exit code still says it.
            let _ = writeln!(io::stderr(), "vestibule: {failure}");
            ExitCode::from(failure.exit.code())
        }
    }
}

/// A line on standard output, for the person or program that started this one.
fn say(line: &str) {
    // Whoever started this program may have closed its end, as `head` does; that is no reason to stop.
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{line}");
    let _ = output.flush();
}
