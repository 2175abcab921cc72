//! What do connections bring that all reads share?

use anyhow::Result;

use crate::measure;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Finding, Report};
use crate::stores::postgres::{Postgres, Tables};
use crate::stores::short;

/// Compares the connecting constructor with the raw driver on a pool, and with the adapter on a pool.
pub(crate) async fn run(
    plan: &Plan,
    report: &mut Report,
    postgres: &Postgres,
    tables: &Tables,
) -> Result<()> {
    let shared = postgres.connected(tables).await?;
    let pooled = postgres.pooled(tables).await?;
    let raw = postgres.raw(tables).await?;
    Report::begin("Reads on shared connections");
    for operation in [Operation::SessionAndUser, Operation::UserByEmail] {
        for &concurrency in plan.concurrency() {
            let name = format!("shared/{}/{concurrency}/{}", short(tables.sessions), operation.name());
            if !plan.wants(&name) {
                continue;
            }
            let (effort, server) = (plan.effort(), postgres.server);
            let (ours, theirs) =
                measure::duel((&shared, &raw), operation, concurrency, effort, server).await?;
            let (ours, theirs) = (("shared", &ours[..]), ("raw on a pool", &theirs[..]));
            report.add(Finding::by_rate(name.clone(), ours, theirs, None));
            let (ours, theirs) =
                measure::duel((&shared, &pooled), operation, concurrency, effort, server).await?;
            let (ours, theirs) = (("shared", &ours[..]), ("adapter on a pool", &theirs[..]));
            report.add(Finding::by_rate(name, ours, theirs, None));
        }
    }
    Ok(())
}
