//! The processor time that this program and servers use.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What this process has used so far, all threads together.
pub(crate) fn of_this_process() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
    seconds + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// A server that runs on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Server {
    /// PostgreSQL: a process for each connection, and this one, whose children they are.
    Postmaster(u32),
    /// One process with threads.
    Process(u32),
}

impl Server {
    /// Finds PostgreSQL by one of its processes.
    pub(crate) fn of_backend(pid: u32) -> Option<Self> {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        name.starts_with("postgres").then_some(())?;
        parent(pid).map(Self::Postmaster)
    }

    /// A server that is one process, if it runs here.
    pub(crate) fn of_process(pid: u32) -> Option<Self> {
        fs::metadata(format!("/proc/{pid}")).ok().map(|_| Self::Process(pid))
    }

    /// What each process, or each thread, has used so far.
    pub(crate) fn used(self) -> BTreeMap<u32, Duration> {
        let each: Vec<u32> = match self {
            Self::Postmaster(postmaster) => numbers_in("/proc")
                .into_iter()
                .filter(|&pid| pid == postmaster || parent(pid) == Some(postmaster))
                .collect(),
            Self::Process(pid) => numbers_in(&format!("/proc/{pid}/task")),
        };
        each.into_iter().filter_map(|id| Some((id, time_on_cpu(id)?))).collect()
    }
}

fn numbers_in(folder: &str) -> Vec<u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// What all processes or threads have used between two readings.
pub(crate) fn between(before: &BTreeMap<u32, Duration>, after: &BTreeMap<u32, Duration>) -> Duration {
    let each =
        after.iter().map(|(id, used)| used.saturating_sub(before.get(id).copied().unwrap_or_default()));
    each.sum()
}

/// The fourth field of `stat`, counted behind the name in brackets.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The first field of `schedstat`, of a process with one thread or of any thread: nanoseconds on a processor.
fn time_on_cpu(id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/schedstat")).ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
