//! `vestibule sweep`: one sweep, for those who start it by a timer of their own.

use std::sync::Arc;

use vestibule_core::SystemClock;
use vestibule_engine::OsRandom;

use crate::args::SweepArgs;
use crate::config::{Database, Sources};
use crate::connect::{self, Missing};
use crate::failure::{Exit, Failure, chain};
use crate::sweeper::{Sweeper, Swept};
use crate::{logging, say};

/// Sweeps once, unless another process is at it.
///
/// # Errors
///
/// If the database cannot be opened, lacks something, or fails.
pub(crate) async fn run(args: &SweepArgs) -> Result<(), Failure> {
    let sources = Sources::gather(&args.common)?;
    logging::start(&sources.log()?)?;
    let settings = sources.store()?;
    if settings.database == Database::Memory {
        return Err(Failure::new(Exit::Usage, "a database in memory is empty; name a file."));
    }
    let sweeper = Sweeper {
        store: connect::store(&settings, Missing::Refuse).await?,
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
        batch: settings.sweep_batch,
    };
    let swept = sweeper.sweep(|| false).await.map_err(|error| {
        Failure::new(
            Exit::Store,
            format!("the sweep came to a halt: {}. What it deleted stays deleted.", chain(&error)),
        )
    })?;
    match swept {
        Swept::Deleted { sessions, tokens } => {
            say(&format!("Deleted {sessions} expired sessions and {tokens} expired tokens."));
        }
        Swept::Elsewhere => say("Another process is sweeping; nothing was done."),
    }
    Ok(())
}
