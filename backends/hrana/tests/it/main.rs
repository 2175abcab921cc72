//! SQLite over HTTP, against the test kit's servers and against servers that fail on purpose.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod official;
mod outage;
mod requests;
mod servers;
mod settings;
mod values;
