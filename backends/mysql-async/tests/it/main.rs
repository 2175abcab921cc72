//! What the conformance suite cannot see: values on the wire, batches that are given up, outages.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod cluster;
mod outage;
mod round_trips;
mod server;
mod values;
