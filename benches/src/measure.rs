//! Rounds in alternation.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use tokio::task::JoinSet;

use crate::cpu::{self, Server};
use crate::operation::Operation;

/// Does operations, one way or another.
pub(crate) trait Contestant: Send + Sync + 'static {
    /// Does one; fails if the outcome is not the expected one. `n` is never the same twice.
    fn call(&self, operation: Operation, n: u64) -> impl Future<Output = Result<()>> + Send;
}

/// What one contestant did in one round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) operations: f64,
    pub(crate) seconds: f64,
    /// Seconds of processor time of the program that asks.
    pub(crate) program: f64,
    /// Seconds of processor time of the database's server, where there is one.
    pub(crate) server: f64,
}

impl Sample {
    pub(crate) fn rate(&self) -> f64 {
        self.operations / self.seconds
    }
}

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
    /// Only this contestant, and so many operations, for a profiler.
    pub(crate) alone: Option<(Side, u64)>,
}

/// A contestant of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// The one that is judged.
    Ours,
    /// The one that it is compared with.
    Theirs,
}

static ROUND: AtomicU64 = AtomicU64::new(1);

/// Lets `concurrency` tasks do the operation over and over for one round.
pub(crate) async fn round<C: Contestant>(
    contestant: &Arc<C>,
    operation: Operation,
    concurrency: usize,
    length: Duration,
    server: Option<Server>,
) -> Result<Sample> {
    let number = ROUND.fetch_add(1, Ordering::Relaxed);
    let (server_before, program_before) = (server.map(Server::used), cpu::of_this_process());
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..concurrency as u64 {
        let contestant = Arc::clone(contestant);
        tasks.spawn(async move {
            let first = number << 36 | task << 28;
            let mut done = 0;
            loop {
                contestant.call(operation, first + done).await?;
                done += 1;
                // Reading the clock takes a part of what the fastest operation does, and so does yielding.
                if operation.is_slow() || done % 8 == 0 {
                    if start.elapsed() >= length {
                        return anyhow::Ok(done);
                    }
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    let mut operations = 0;
    while let Some(done) = tasks.join_next().await {
        operations += done??;
    }
    let (seconds, program) = (start.elapsed(), cpu::of_this_process().saturating_sub(program_before));
    let server = match (&server_before, server.map(Server::used)) {
        (Some(before), Some(after)) => cpu::between(before, &after),
        _ => Duration::ZERO,
    };
    Ok(Sample {
        operations: as_f64(operations),
        seconds: seconds.as_secs_f64(),
        program: program.as_secs_f64(),
        server: server.as_secs_f64(),
    })
}

/// Lets `concurrency` tasks do so many operations together.
async fn do_all<C: Contestant>(
    contestant: &Arc<C>,
    operation: Operation,
    concurrency: usize,
    operations: u64,
) -> Result<()> {
    let mut tasks = JoinSet::new();
    for task in 0..concurrency as u64 {
        let contestant = Arc::clone(contestant);
        tasks.spawn(async move {
            for n in 0..operations / concurrency as u64 {
                contestant.call(operation, task << 28 | n).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Lets two contestants take turns: A B, B A, A B, …; the first turn of each is for warming up. Nothing comes back if
/// only one is wanted.
pub(crate) async fn duel<A: Contestant, B: Contestant>(
    (a, b): (&Arc<A>, &Arc<B>),
    operation: Operation,
    concurrency: usize,
    effort: Effort,
    server: Option<Server>,
) -> Result<(Vec<Sample>, Vec<Sample>)> {
    if let Some((side, operations)) = effort.alone {
        match side {
            Side::Ours => do_all(a, operation, concurrency, operations).await?,
            Side::Theirs => do_all(b, operation, concurrency, operations).await?,
        }
        return Ok((Vec::new(), Vec::new()));
    }
    let warm_up = effort.round / 4;
    round(a, operation, concurrency, warm_up, server).await?;
    round(b, operation, concurrency, warm_up, server).await?;
    take_turns(effort.rounds, async |side| match side {
        Side::Ours => round(a, operation, concurrency, effort.round, server).await,
        Side::Theirs => round(b, operation, concurrency, effort.round, server).await,
    })
    .await
}

/// Lets two sides take turns: A B, B A, A B, …; returns what each did.
pub(crate) async fn take_turns(
    rounds: usize,
    mut round: impl AsyncFnMut(Side) -> Result<Sample>,
) -> Result<(Vec<Sample>, Vec<Sample>)> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for turn in 0..rounds {
        if turn % 2 == 0 {
            ours.push(round(Side::Ours).await?);
            theirs.push(round(Side::Theirs).await?);
        } else {
            theirs.push(round(Side::Theirs).await?);
            ours.push(round(Side::Ours).await?);
        }
    }
    Ok((ours, theirs))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn as_f64(number: u64) -> f64 {
    number as f64
}
