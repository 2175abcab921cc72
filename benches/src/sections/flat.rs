//! Does an operation cost the same on a large table as on a small one?

use std::sync::Arc;

use anyhow::Result;

use crate::cpu::Server;
use crate::measure::{self, Contestant};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Finding, Report};
use crate::stores::short;

/// Compares the largest tables with the smallest by processor time an operation. `part` is the database's name.
pub(crate) async fn run<C: Contestant>(
    plan: &Plan,
    report: &mut Report,
    part: &str,
    tables: &[(usize, Arc<C>)],
    server: Option<Server>,
) -> Result<()> {
    let Some(((small, first), others)) = tables.split_first() else {
        return Ok(());
    };
    Report::begin(&format!("{part}: cost of an operation by the number of sessions (above 1: costs more)"));
    for operation in Operation::ALL {
        for (sessions, large) in others {
            let name = format!("flat/{part}/{}/{}", short(*sessions), operation.name());
            if plan.wants(&name) {
                let (ours, theirs) =
                    measure::duel((large, first), operation, 16, plan.effort(), server).await?;
                let (large, small) = (short(*sessions), short(*small));
                let (ours, theirs) = ((&*large, &ours[..]), (&*small, &theirs[..]));
                report.add(Finding::by_cost(name, ours, theirs));
            }
        }
    }
    Ok(())
}
