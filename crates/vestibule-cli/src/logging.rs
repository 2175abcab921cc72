//! Structured logs on standard error: text on a terminal, JSON otherwise.
//!
//! Only `tracing` events are shown. Records of the `log` crate are left out on purpose: at its finer levels
//! `tokio-postgres` writes parameters of statements there, and those hold tokens.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::args::LogFormat;
use crate::config::LogSettings;
use crate::failure::{Exit, Failure};

/// Starts the logs; to be called once.
///
/// # Errors
///
/// If the filter is not understood.
pub(crate) fn start(settings: &LogSettings) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(&settings.filter).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!(
                "the log filter {:?} (RUST_LOG, or log.filter in the configuration file) is not understood: \
                 {error}. Write a level such as info, or vestibule=debug,info.",
                settings.filter
            ),
        )
    })?;
    let terminal = io::stderr().is_terminal();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(terminal);
    let as_text = match settings.format {
        Some(format) => format == LogFormat::Text,
        None => terminal,
    };
    let started = if as_text {
        subscriber.try_init()
    } else {
        subscriber.json().flatten_event(true).with_current_span(false).try_init()
    };
    started.map_err(|error| Failure::new(Exit::System, format!("cannot start the logs: {error}")))
}
