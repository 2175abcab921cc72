//! The processor time that this program and the database's server use.

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

/// PostgreSQL's processes, if they run on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server {
    postmaster: u32,
}

impl Server {
    /// Finds the server by one of its processes.
    pub(crate) fn of_backend(pid: u32) -> Option<Self> {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        name.starts_with("postgres").then_some(())?;
        parent(pid).map(|postmaster| Self { postmaster })
    }

    /// What each process has used so far.
    pub(crate) fn used(self) -> BTreeMap<u32, Duration> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let ours = pids.filter(|&pid| pid == self.postmaster || parent(pid) == Some(self.postmaster));
        ours.filter_map(|pid| Some((pid, time_on_cpu(pid)?))).collect()
    }
}

/// What all processes have used between two readings.
pub(crate) fn between(before: &BTreeMap<u32, Duration>, after: &BTreeMap<u32, Duration>) -> Duration {
    let each =
        after.iter().map(|(pid, used)| used.saturating_sub(before.get(pid).copied().unwrap_or_default()));
    each.sum()
}

/// The fourth field of `stat`, counted behind the name in brackets.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The first field of `schedstat`: nanoseconds on a processor. A process of PostgreSQL has one thread.
fn time_on_cpu(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
