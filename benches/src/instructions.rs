//! Counts the processor's instructions with valgrind.
//!
//! Each contestant runs twice in a process of its own, with few and with many operations; what the difference takes
//! is what the operations take, without what comes before and after them.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::measure::as_f64;
use crate::plan::Plan;
use crate::report::Report;

const FEW: u64 = 3_200;
const MANY: u64 = 9_600;

/// What is counted unless something else is asked for.
pub(crate) const USUAL: [&str; 10] = [
    "postgres/1e3/16/session_and_user",
    "drivers/sqlx-postgres/1e3/16/session_and_user",
    "drivers/sea-orm/postgres/1e3/16/session_and_user",
    "drivers/diesel-async/1e3/16/session_and_user",
    "drivers/mysql-async/1e3/16/session_and_user",
    "drivers/sqlx-mysql/1e3/16/session_and_user",
    "drivers/sea-orm/mysql/1e3/16/session_and_user",
    "sqlite-file/1e3/16/session_and_user",
    "drivers/sqlx-sqlite/1e3/16/session_and_user",
    "drivers/sea-orm/sqlite/1e3/16/session_and_user",
];

/// Counts what is wanted; each must be the whole name of one comparison.
pub(crate) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    println!("\n| what | ours, instructions | theirs | ratio |\n|---|---|---|---|");
    for name in &plan.only {
        let (ours, theirs) = (per_operation(name, "ours")?, per_operation(name, "theirs")?);
        report.note(format!("| {name} | {ours:.0} | {theirs:.0} | {:.2} |", ours / theirs));
    }
    Ok(())
}

fn per_operation(name: &str, side: &str) -> Result<f64> {
    let (few, many) = (count(name, side, FEW)?, count(name, side, MANY)?);
    ensure!(many > few, "{name} is no comparison, or more than one");
    Ok(as_f64(many - few) / as_f64(MANY - FEW))
}

fn count(name: &str, side: &str, operations: u64) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(std::env::current_exe()?).args(["--only", name, "--side", side]);
    command.args(["--count", &operations.to_string()]);
    let output = command.output().context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{name}: {said}");
    }
    let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.context("valgrind counted nothing")
}
