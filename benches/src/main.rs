//! `cargo xtask bench`: what Vestibule costs.
//!
//! Every comparison is of two contestants that take turns in short rounds on the same rows, since a machine that
//! does other things as well is slower now and faster then, for both. What counts is the ratio, round by round,
//! and the processor time, which suffers least from neighbors. Nothing here is a test: the bars are printed with
//! what was measured, and only `--enforce` makes missing one a failure.
//!
//! PostgreSQL is the one that `VESTIBULE_TEST_POSTGRES_URL` names, in a database made for the run.

mod cpu;
mod data;
mod measure;
mod operation;
mod plan;
mod raw;
mod recorded;
mod report;
mod sections;
mod stores;
mod through_adapter;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::runtime::Runtime;

use crate::plan::Plan;
use crate::report::{Bar, Report};
use crate::sections::{flat, inline_reads, pg_adapter, raw as beside_raw, session_route, shared};
use crate::stores::postgres::Postgres;
use crate::stores::short;
use crate::stores::sqlite::Sqlite;

/// Of the raw driver's speed, on a pool of PostgreSQL's and on rusqlite.
const POSTGRES_BAR: f64 = 0.9;
const SQLITE_BAR: f64 = 0.7;
/// Of the bare handler's processor time.
const ROUTE_BAR: Bar = Bar::AtMost(1.5);
/// Where the server is.
const POSTGRES_URL: &str = "VESTIBULE_TEST_POSTGRES_URL";

fn main() -> Result<ExitCode> {
    let plan = Plan::parse();
    let mut report = Report::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    report.note(format!("{cores} cores; {}", std::env::consts::ARCH));
    let runtime = Runtime::new()?;
    on_sqlite(&plan, &mut report, &runtime)?;
    if ["postgres", "shared", "pg-adapter", "flat/postgres", "session-route/postgres"]
        .iter()
        .any(|part| plan.may_want(part))
    {
        runtime.block_on(on_postgres(&plan, &mut report))?;
    }

    let missed: Vec<_> = report.missed().collect();
    println!(
        "\n{} of {} bars missed{}",
        missed.len(),
        report.bars(),
        if missed.is_empty() { "." } else { ":" }
    );
    for (name, by_cpu) in &missed {
        println!("  {name}{}", if *by_cpu { "" } else { " (by speed; met by processor time)" });
    }
    let is_missed = !missed.is_empty();
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts/bench.json");
    report.write(plan.json.as_deref().unwrap_or(&default))?;
    Ok(if plan.enforce && is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn on_sqlite(plan: &Plan, report: &mut Report, runtime: &Runtime) -> Result<()> {
    let parts = ["sqlite-memory", "sqlite-file", "flat/sqlite", "session-route/sqlite", "inline-reads"];
    if !parts.iter().any(|part| plan.may_want(part)) {
        return Ok(());
    }
    let sqlite = Sqlite::create()?;
    let (mut in_memory, mut on_file) = (Vec::new(), Vec::new());
    for &sessions in plan.sizes() {
        eprintln!("filling SQLite with {sessions} sessions");
        let tables = sqlite.fill(sessions)?;
        let (memory, file) = runtime.block_on(async {
            anyhow::Ok((sqlite.in_memory(&tables).await?, sqlite.on_file(&tables).await?))
        })?;
        runtime.block_on(async {
            let part = format!("sqlite-memory/{}", short(sessions));
            if plan.may_want(&part) {
                beside_raw::run(plan, report, &part, (&memory.adapter, &memory.raw), None, SQLITE_BAR)
                    .await?;
            }
            let part = format!("sqlite-file/{}", short(sessions));
            if plan.may_want(&part) {
                beside_raw::run(plan, report, &part, (&file.adapter, &file.raw), None, SQLITE_BAR).await?;
            }
            anyhow::Ok(())
        })?;
        in_memory.push((tables.sessions, memory));
        on_file.push((tables.sessions, file));
    }
    runtime.block_on(async {
        for (part, pairs) in [("sqlite-memory", &in_memory), ("sqlite-file", &on_file)] {
            if plan.may_want(&format!("flat/{part}")) {
                let adapters: Vec<_> =
                    pairs.iter().map(|(sessions, pair)| (*sessions, Arc::clone(&pair.adapter))).collect();
                flat::run(plan, report, part, &adapters, None).await?;
            }
        }
        let Some((_, memory)) = in_memory.last() else { return Ok(()) };
        if plan.may_want("session-route/sqlite-memory") {
            session_route::check(&memory.adapter).await?;
            session_route::run(plan, report, "sqlite-memory", &memory.adapter, None, None).await?;
        }
        anyhow::Ok(())
    })?;
    match on_file.last() {
        Some((_, file)) => inline_reads::run(plan, report, file),
        None => Ok(()),
    }
}

async fn on_postgres(plan: &Plan, report: &mut Report) -> Result<()> {
    let url = std::env::var(POSTGRES_URL).with_context(|| {
        format!("{POSTGRES_URL} is not set; `cargo xtask bench` starts a server and sets it")
    })?;
    let postgres = Postgres::create(&url).await?;
    report.note(format!("PostgreSQL {}", postgres.version));
    let done = postgres_parts(plan, report, &postgres).await;
    postgres.drop().await?;
    done
}

async fn postgres_parts(plan: &Plan, report: &mut Report, postgres: &Postgres) -> Result<()> {
    let mut all = Vec::new();
    for &sessions in plan.sizes() {
        eprintln!("filling PostgreSQL with {sessions} sessions");
        let tables = postgres.fill(sessions).await?;
        let adapter = postgres.pooled(&tables).await?;
        let part = format!("postgres/{}", short(sessions));
        if plan.may_want(&part) {
            let raw = postgres.raw(&tables).await?;
            beside_raw::run(plan, report, &part, (&adapter, &raw), postgres.server, POSTGRES_BAR).await?;
        }
        if plan.may_want(&format!("shared/{}", short(sessions))) {
            shared::run(plan, report, postgres, &tables).await?;
        }
        if plan.may_want(&format!("pg-adapter/{}", short(sessions))) {
            pg_adapter::run(plan, report, postgres, &tables).await?;
        }
        if plan.may_want("session-route/postgres") && Some(&sessions) == plan.sizes().last() {
            let store = postgres.connected(&tables).await?;
            session_route::check(&store).await?;
            session_route::run(plan, report, "postgres", &store, postgres.server, Some(ROUTE_BAR)).await?;
        }
        all.push((sessions, adapter));
    }
    if plan.may_want("flat/postgres") {
        flat::run(plan, report, "postgres", &all, postgres.server).await?;
    }
    Ok(())
}
