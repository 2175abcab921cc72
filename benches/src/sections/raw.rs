//! What does the adapter cost beside the same statement on the raw driver?

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::cpu::Server;
use crate::measure::{self, Contestant};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Bar, Finding, Report};
use crate::through_adapter::{ThroughAdapter, try_all};

/// Compares every operation at every concurrency. Names begin with `part`, such as `postgres/1e5`.
pub(crate) async fn run<R: Contestant>(
    plan: &Plan,
    report: &mut Report,
    part: &str,
    (adapter, raw): (&Arc<ThroughAdapter>, &Arc<R>),
    server: Option<Server>,
    bar: f64,
) -> Result<()> {
    try_all(&**adapter).await.context("through the adapter")?;
    try_all(&**raw).await.context("on the raw driver")?;
    Report::begin(&format!("{part}: the adapter and the same statement on the raw driver"));
    for operation in Operation::ALL {
        for &concurrency in plan.concurrency() {
            let name = format!("{part}/{concurrency}/{}", operation.name());
            if plan.wants(&name) {
                let (ours, theirs) =
                    measure::duel((adapter, raw), operation, concurrency, plan.effort(), server).await?;
                let (ours, theirs) = (("adapter", &ours[..]), ("raw", &theirs[..]));
                report.add(Finding::by_rate(name, ours, theirs, Some(Bar::AtLeast(bar))));
            }
        }
    }
    Ok(())
}
