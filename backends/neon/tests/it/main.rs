//! Neon over HTTP, against the test kit's bridge to PostgreSQL and against clients that fail on purpose.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod bridge;
mod official;
mod outage;
mod requests;
mod settings;
mod values;
