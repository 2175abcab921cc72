//! Deletes what has expired: in batches, at times that differ between replicas, one replica at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vestibule_core::{Adapter, AdapterError, Clock, Lease, Random};

use crate::failure::chain;

/// The lease that the sweeping replica holds.
const LEASE: &str = "vestibule:sweep";
/// How long it holds it at most, if it dies; a long sweep takes it again and again.
const TERM: Duration = Duration::from_mins(1);
/// How much of the term must be left for another batch.
const MARGIN: Duration = Duration::from_secs(30);

/// What came of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swept {
    /// So much was deleted.
    Deleted {
        /// Sessions.
        sessions: u64,
        /// Verification tokens and leases.
        tokens: u64,
    },
    /// Nothing was done: another process is sweeping.
    Elsewhere,
}

/// Sweeps one store.
#[derive(Clone, Debug)]
pub(crate) struct Sweeper {
    /// What is swept.
    pub(crate) store: Arc<dyn Adapter>,
    /// What tells when a row has expired.
    pub(crate) clock: Arc<dyn Clock>,
    /// What makes the times differ.
    pub(crate) random: Arc<dyn Random>,
    /// How many rows are deleted at a time.
    pub(crate) batch: u32,
}

/// How far one lease got.
enum Progress {
    Finished,
    TermOver,
}

impl Sweeper {
    /// Sweeps once, unless another process is at it.
    ///
    /// `stop` is asked between batches; once it is true, the sweep ends early.
    ///
    /// # Errors
    ///
    /// Those of the store. What was deleted by then stays deleted.
    pub(crate) async fn sweep(&self, stop: impl Fn() -> bool + Send) -> Result<Swept, AdapterError> {
        let (mut sessions, mut tokens) = (0, 0);
        let mut first = true;
        loop {
            let now = self.clock.now();
            let Some(lease) = self.store.acquire_lease(LEASE, now, now.after(TERM)).await? else {
                if first {
                    return Ok(Swept::Elsewhere);
                }
                break;
            };
            first = false;
            let progress = self.batches(&lease, &stop, &mut sessions, &mut tokens).await;
            self.store.release_lease(&lease).await?;
            if matches!(progress?, Progress::Finished) {
                break;
            }
        }
        Ok(Swept::Deleted { sessions, tokens })
    }

    async fn batches(
        &self,
        lease: &Lease,
        stop: &(impl Fn() -> bool + Send),
        sessions: &mut u64,
        tokens: &mut u64,
    ) -> Result<Progress, AdapterError> {
        let full = u64::from(self.batch);
        loop {
            let now = self.clock.now();
            let gone_sessions = self.store.delete_expired_sessions(now, self.batch).await?;
            let gone_tokens = self.store.delete_expired_tokens(now, self.batch).await?;
            *sessions += gone_sessions;
            *tokens += gone_tokens;
            if (gone_sessions < full && gone_tokens < full) || stop() {
                return Ok(Progress::Finished);
            }
            if self.clock.now().after(MARGIN) > lease.expires {
                return Ok(Progress::TermOver);
            }
        }
    }

    /// Sweeps about every `interval` until `stop` turns true. An outage is logged; the next round tries again.
    pub(crate) async fn run(self, interval: Duration, mut stop: watch::Receiver<bool>) {
        let mut wait = self.jittered(interval.min(Duration::from_secs(10)));
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let flag = stop.clone();
            match self.sweep(move || *flag.borrow()).await {
                Ok(Swept::Deleted { sessions, tokens }) => {
                    tracing::info!(sweep.sessions = sessions, sweep.tokens = tokens, "swept");
                }
                Ok(Swept::Elsewhere) => tracing::debug!("another process is sweeping"),
                Err(error) => tracing::warn!(error = chain(&error), "cannot sweep; trying again later"),
            }
            wait = self.jittered(interval);
        }
    }

    /// Between half of `interval` and one and a half.
    fn jittered(&self, interval: Duration) -> Duration {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
        interval.mul_f64(0.5 + share)
    }
}

#[cfg(test)]
#[path = "sweeper_tests.rs"]
mod tests;
