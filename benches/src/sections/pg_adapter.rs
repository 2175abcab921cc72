//! How fast is `session_and_user` beside `@auth/pg-adapter` on the same tables?

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::measure;
use crate::node::Node;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Bar, Finding, Report};
use crate::stores::postgres::{Postgres, Tables};
use crate::stores::short;

/// How many sessions it asks for, of those that there are.
const MOST_TOKENS: usize = 20_000;

/// Compares, with the bars for 16 and 64 tasks.
pub(crate) async fn run(
    plan: &Plan,
    report: &mut Report,
    postgres: &Postgres,
    tables: &Tables,
) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    if !folder.join("node_modules").is_dir() {
        report
            .note("pg-adapter: skipped, its packages are not installed (npm ci in benches/node)".to_owned());
        return Ok(());
    }
    let ours = postgres.connected(tables).await?;
    let sessions = &tables.data.sessions;
    let step = (sessions.len() / MOST_TOKENS).max(1);
    let tokens: Vec<_> = sessions.iter().step_by(step).map(vestibule_core::SecretToken::expose).collect();
    let first = json!({ "url": postgres.url(), "schema": tables.schema, "tokens": tokens });
    let mut theirs = Node::start(&folder, "bench.mjs", &first).await?;
    let (effort, server) = (plan.effort(), postgres.server);
    Report::begin("session_and_user and @auth/pg-adapter");
    for &concurrency in plan.concurrency() {
        let name = format!("pg-adapter/{}/{concurrency}/session_and_user", short(tables.sessions));
        if !plan.wants(&name) {
            continue;
        }
        let operation = Operation::SessionAndUser;
        measure::round(&ours, operation, concurrency, effort.round, server).await?;
        // Long enough for the compiler of Node to have seen everything.
        let millis = u64::try_from(effort.round.as_millis())?;
        theirs.round(&json!({ "concurrency": concurrency, "millis": millis * 3 }), server).await?;
        let job = json!({ "concurrency": concurrency, "millis": millis });
        let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            of_ours.push(measure::round(&ours, operation, concurrency, effort.round, server).await?);
            of_theirs.push(theirs.round(&job, server).await?);
        }
        let bar = match concurrency {
            16 => Some(Bar::AtLeast(3.5)),
            64 => Some(Bar::AtLeast(4.5)),
            _ => None,
        };
        let (ours, theirs) = (("shared", &of_ours[..]), ("@auth/pg-adapter", &of_theirs[..]));
        report.add(Finding::by_rate(name, ours, theirs, bar));
    }
    theirs.stop().await
}
