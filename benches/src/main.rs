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
mod drivers;
mod instructions;
mod measure;
mod needs;
mod node;
mod operation;
mod over_http;
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
use tokio::runtime::{Builder, Runtime};

use crate::needs::Need;
use crate::plan::Plan;
use crate::raw::sqlite::Reading;
use crate::report::{Bar, Report};
use crate::sections::{flat, inline_reads, raw as beside_raw, session_route};
use crate::stores::mysql::Mysql;
use crate::stores::postgres::Postgres;
use crate::stores::short;
use crate::stores::sqlite::Sqlite;

/// Of the raw driver's speed, on a pool of PostgreSQL's and on rusqlite.
const POSTGRES_BAR: f64 = 0.9;
const SQLITE_BAR: f64 = 0.7;
/// Of the bare handler's processor time.
const ROUTE_BAR: Bar = Bar::AtMost(1.5);
/// Where the servers are.
const POSTGRES_URL: &str = "VESTIBULE_TEST_POSTGRES_URL";
const MARIADB_URL: &str = "VESTIBULE_TEST_MARIADB_URL";

fn main() -> Result<ExitCode> {
    let plan = Plan::parse().completed();
    if plan.needs {
        println!("needs: {}", Need::words(&plan));
        return Ok(ExitCode::SUCCESS);
    }
    let mut report = Report::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    report.note(format!("{cores} cores; {}", std::env::consts::ARCH));
    if plan.instructions {
        instructions::run(&plan, &mut report)?;
    } else {
        measure_all(&plan, &mut report)?;
    }
    if plan.count.is_some() {
        return Ok(ExitCode::SUCCESS);
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

fn measure_all(plan: &Plan, report: &mut Report) -> Result<()> {
    // What is counted is the same each time only if one thread does everything.
    let mut builder =
        if plan.count.is_some() { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let runtime = builder.enable_all().build()?;
    on_sqlite(plan, report, &runtime)?;
    runtime.block_on(over_http::jwe(plan, report))?;
    if Need::Postgres.is_there(plan) {
        runtime.block_on(on_postgres(plan, report))?;
    }
    if Need::MariaDb.is_there(plan) {
        runtime.block_on(on_mysql(plan, report))?;
    }
    Ok(())
}

async fn on_mysql(plan: &Plan, report: &mut Report) -> Result<()> {
    let Ok(url) = std::env::var(MARIADB_URL) else {
        report.note(format!("MariaDB: skipped, {MARIADB_URL} is not set"));
        return Ok(());
    };
    let mysql = Mysql::create(&url).await?;
    report.note(format!("MariaDB {}", mysql.version));
    let done = drivers::on_mysql(plan, report, &mysql).await;
    mysql.drop().await?;
    done
}

fn on_sqlite(plan: &Plan, report: &mut Report, runtime: &Runtime) -> Result<()> {
    runtime.block_on(drivers::on_sqlite(plan, report))?;
    let sqlite = Sqlite::create()?;
    let (mut in_memory, mut on_file) = (Vec::new(), Vec::new());
    let of_all_sizes = ["flat/sqlite", "session-route/sqlite", "inline-reads"];
    let wants_all = of_all_sizes.iter().any(|part| plan.may_want(part));
    for &sessions in plan.sizes() {
        let parts = ["sqlite-memory", "sqlite-file"].map(|part| format!("{part}/{}", short(sessions)));
        if !wants_all && !parts.iter().any(|part| plan.may_want(part)) {
            continue;
        }
        eprintln!("filling SQLite with {sessions} sessions");
        let tables = sqlite.fill(sessions)?;
        let (memory, file) = runtime.block_on(async {
            anyhow::Ok((sqlite.in_memory(&tables).await?, sqlite.on_file(&tables, Reading::Copied).await?))
        })?;
        runtime.block_on(async {
            for (part, pair) in parts.iter().zip([&memory, &file]) {
                if plan.may_want(part) {
                    beside_raw::run(plan, report, part, (&pair.adapter, &pair.raw), None, SQLITE_BAR).await?;
                }
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
    drivers::on_postgres(plan, report, postgres).await?;
    if plan.may_want("http") {
        over_http::run(plan, report, postgres).await?;
    }
    let is_flat_wanted = plan.may_want("flat/postgres");
    let mut all = Vec::new();
    for &sessions in plan.sizes() {
        let is_last = Some(&sessions) == plan.sizes().last();
        let size = short(sessions);
        let parts = ["postgres", "shared", "pg-adapter"].map(|part| format!("{part}/{size}"));
        let is_wanted = parts.iter().any(|part| plan.may_want(part))
            || is_flat_wanted
            || is_last && plan.may_want("session-route/postgres");
        if !is_wanted {
            continue;
        }
        let tables = postgres.fill(sessions).await?;
        let adapter = postgres.pooled(&tables).await?;
        let [beside, shared, pg_adapter] = &parts;
        if plan.may_want(beside) {
            let raw = postgres.raw(&tables).await?;
            beside_raw::run(plan, report, beside, (&adapter, &raw), postgres.server, POSTGRES_BAR).await?;
        }
        if plan.may_want(shared) {
            sections::shared::run(plan, report, postgres, &tables).await?;
        }
        if plan.may_want(pg_adapter) {
            sections::pg_adapter::run(plan, report, postgres, &tables).await?;
        }
        if is_last && plan.may_want("session-route/postgres") {
            let store = postgres.connected(&tables).await?;
            session_route::check(&store).await?;
            session_route::run(plan, report, "postgres", &store, postgres.server, Some(ROUTE_BAR)).await?;
        }
        all.push((sessions, adapter));
    }
    if is_flat_wanted {
        flat::run(plan, report, "postgres", &all, postgres.server).await?;
    }
    Ok(())
}
