//! Session tokens, made and read in process.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vestibule_core::{Clock, OsRandom, Random, SystemClock};
use vestibule_token::SessionKeys;

use super::SECRET;
use crate::cpu;
use crate::measure::{Sample, Side, as_f64, take_turns};
use crate::node::Node;
use crate::plan::Plan;
use crate::report::{Finding, Report};

const SALT: &str = "authjs.session-token";
const MAX_AGE: u64 = 30 * 24 * 60 * 60;

/// Compares with `@auth/core/jwt`.
pub(crate) async fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    if !["jwe/encode", "jwe/decode"].iter().any(|name| plan.wants(name)) {
        return Ok(());
    }
    let token = super::session::tokens().pop().context("no token")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let first = serde_json::json!({ "secret": SECRET, "salt": SALT, "token": token });
    let mut node = Node::start(&folder, "jwe.mjs", &first).await?;
    let keys = SessionKeys::new(&[SECRET], SALT);
    Report::begin("Session tokens, by tokens for the same processor time");
    for what in ["encode", "decode"] {
        let name = format!("jwe/{what}");
        if !plan.wants(&name) {
            continue;
        }
        let millis = u64::try_from(plan.effort().round.as_millis())? * 3;
        let job = serde_json::json!({ "what": what, "millis": millis });
        node.round(&job, None).await?;
        let (ours, theirs) = take_turns(plan.effort().rounds, async |side| match side {
            Side::Ours => round(plan, what, &keys, &token),
            Side::Theirs => node.round(&job, None).await,
        })
        .await?;
        let (ours, theirs) = (("vestibule-token", &ours[..]), ("@auth/core/jwt", &theirs[..]));
        report.add(Finding::by_thrift(name, ours, theirs, None));
    }
    node.stop().await
}

fn round(plan: &Plan, what: &str, keys: &SessionKeys, token: &str) -> Result<Sample> {
    let (before, start) = (cpu::of_this_process(), std::time::Instant::now());
    let now = SystemClock.now().as_secs();
    let claims = keys.open(token, now)?;
    let (mut operations, mut entropy) = (0_u64, [0; 32]);
    while operations % 64 != 0 || start.elapsed() < plan.effort().round {
        if what == "encode" {
            OsRandom.fill(&mut entropy);
            ensure!(!std::hint::black_box(keys.seal(&claims, now, MAX_AGE, &entropy)).is_empty(), "no token");
        } else {
            std::hint::black_box(keys.open(token, now)?);
        }
        operations += 1;
    }
    Ok(Sample {
        operations: as_f64(operations),
        seconds: start.elapsed().as_secs_f64(),
        program: cpu::of_this_process().saturating_sub(before).as_secs_f64(),
        server: 0.0,
    })
}
