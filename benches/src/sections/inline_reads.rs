//! Do reads of SQLite that run inline harm the other tasks of the runtime?

use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use crate::measure::Contestant;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::raw::sqlite::RawSqlite;
use crate::report::Report;
use crate::stores::sqlite::Pair;
use crate::through_adapter::ThroughAdapter;

/// How many tasks read.
const TASKS: u64 = 64;

/// What the readers do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Idle,
    Inline,
    SpawnBlocking,
}

/// Measures on runtimes of its own: how late a task wakes that sleeps for a millisecond, how long one waits that
/// only yields, and how many reads are done meanwhile.
pub(crate) fn run(plan: &Plan, report: &mut Report, pair: &Pair) -> Result<()> {
    if !plan.wants("inline-reads") {
        return Ok(());
    }
    println!("\n## Reads of SQLite inline and through spawn_blocking\n");
    println!(
        "| runtime | {TASKS} readers | one writer | reads/s | CPU µs a read | timer late: median, 99 %, most (ms) | yield: median, 99 %, most (ms) | one read inline: median, 99 %, 99.9 %, most (µs) |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let length = plan.effort().round * 8;
    for workers in [1, 2] {
        for way in [Way::Idle, Way::Inline, Way::SpawnBlocking] {
            for writes in [false, true] {
                report.note(measure(workers, way, writes, length, pair)?);
            }
        }
    }
    Ok(())
}

fn measure(workers: usize, way: Way, writes: bool, length: Duration, pair: &Pair) -> Result<String> {
    let runtime = runtime(workers)?;
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let before = crate::cpu::of_this_process();
    let begun = Instant::now();
    let (late, yielded, each) = runtime.block_on(async {
        let mut readers = Vec::new();
        for task in 0..TASKS {
            let (stop, reads) = (Arc::clone(&stop), Arc::clone(&reads));
            let (adapter, raw) = (Arc::clone(&pair.adapter), Arc::clone(&pair.raw));
            match way {
                Way::Idle => {}
                Way::Inline => readers.push(tokio::spawn(read_inline(adapter, task << 40, stop, reads))),
                Way::SpawnBlocking => readers.push(tokio::spawn(read_aside(raw, task << 40, stop, reads))),
            }
        }
        let writer = writes.then(|| tokio::spawn(write(Arc::clone(&pair.adapter), Arc::clone(&stop))));
        let timer = tokio::spawn(observe(Arc::clone(&stop), || async {
            let asked = Duration::from_millis(1);
            let begun = Instant::now();
            tokio::time::sleep(asked).await;
            begun.elapsed().saturating_sub(asked)
        }));
        let queue = tokio::spawn(observe(Arc::clone(&stop), || async {
            // Not the time to yield itself, which is spent between two naps.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let begun = Instant::now();
            tokio::task::yield_now().await;
            begun.elapsed()
        }));
        tokio::time::sleep(length).await;
        stop.store(true, Ordering::Relaxed);
        let mut took = Vec::new();
        for reader in readers {
            took.extend(reader.await??);
        }
        if let Some(writer) = writer {
            writer.await??;
        }
        anyhow::Ok((timer.await?, queue.await?, took))
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = crate::cpu::of_this_process().saturating_sub(before).as_secs_f64();
    let reads = crate::measure::as_f64(reads.load(Ordering::Relaxed));

    let name = ["no", "inline", "spawn_blocking"][way as usize];
    let kind = if workers == 1 { "one thread" } else { "two workers" };
    let writing = if writes { "yes" } else { "no" };
    let mut line = format!("| {kind} | {name} | {writing} | {:.0} | ", reads / seconds);
    let _ = if reads > 0.0 { write!(line, "{:.2}", cpu * 1e6 / reads) } else { write!(line, "–") };
    let (timer, queue) =
        (spread(late, 1e3, &[0.5, 0.99, 1.0], 2), spread(yielded, 1e3, &[0.5, 0.99, 1.0], 3));
    let inline =
        if way == Way::Inline { spread(each, 1e6, &[0.5, 0.99, 0.999, 1.0], 1) } else { "–".to_owned() };
    let _ = write!(line, " | {timer} | {queue} | {inline} |");
    Ok(line)
}

fn runtime(workers: usize) -> Result<Runtime> {
    let mut builder = if workers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    Ok(builder.worker_threads(workers).enable_all().build()?)
}

/// Reads as the adapter does it. Between reads a task waits its turn, as one that serves requests does. Returns
/// how long each of a few reads kept the thread.
async fn read_inline(
    adapter: Arc<ThroughAdapter>,
    first: u64,
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    let mut n = first;
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        adapter.call(Operation::SessionAndUser, n).await?;
        took.push(begun.elapsed());
        n += 1;
        tokio::task::yield_now().await;
    }
    reads.fetch_add(n - first, Ordering::Relaxed);
    Ok(took)
}

/// Reads by hand on a thread that may block.
async fn read_aside(
    raw: Arc<RawSqlite>,
    first: u64,
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
) -> Result<Vec<Duration>> {
    let mut n = first;
    while !stop.load(Ordering::Relaxed) {
        let raw = Arc::clone(&raw);
        tokio::task::spawn_blocking(move || raw.read_session(n)).await??;
        n += 1;
    }
    reads.fetch_add(n - first, Ordering::Relaxed);
    Ok(Vec::new())
}

async fn write(adapter: Arc<ThroughAdapter>, stop: Arc<AtomicBool>) -> Result<()> {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        adapter.call(Operation::UpdateSession, n).await?;
        n += 1;
    }
    Ok(())
}

/// Measures over and over until told to stop.
async fn observe<F: Future<Output = Duration>>(stop: Arc<AtomicBool>, once: impl Fn() -> F) -> Vec<Duration> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        seen.push(once().await);
    }
    seen
}

/// The values at these places of the sorted list.
fn spread(mut values: Vec<Duration>, scale: f64, places: &[f64], digits: usize) -> String {
    values.sort_unstable();
    let last = crate::measure::as_f64(values.len().saturating_sub(1) as u64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last place"
    )]
    let value = |place: &f64| values.get((last * place) as usize).map_or(0.0, Duration::as_secs_f64) * scale;
    places.iter().map(|place| format!("{:.digits$}", value(place))).collect::<Vec<_>>().join(", ")
}
