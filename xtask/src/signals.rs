//! Ctrl-C and the other polite requests to end.
//!
//! A signal does not end this program at once: it is noted, whatever is waiting sees it, hands it
//! to the command that is running, and returns an error, so that every guard on the way out stops
//! what it started.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static PENDING: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Begins to note SIGINT, SIGTERM and SIGHUP instead of dying of them.
pub(crate) fn watch() -> Result<()> {
    let pending = PENDING.get_or_init(|| Arc::new(AtomicUsize::new(0)));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let number = usize::try_from(signal).context("signal numbers are positive")?;
        signal_hook::flag::register_usize(signal, Arc::clone(pending), number)
            .context("cannot watch for signals")?;
    }
    Ok(())
}

/// The number of the last signal that has arrived, or `None` if none has.
pub(crate) fn pending() -> Option<u8> {
    let number = PENDING.get()?.load(Ordering::SeqCst);
    u8::try_from(number).ok().filter(|number| *number != 0)
}
