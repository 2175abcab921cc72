//! What the conformance suite cannot see: round trips, outages, crashes, schemas that others made.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod bouncer;
mod crash;
mod dumps;
mod failover;
mod inspect;
mod interleavings;
mod losing;
mod on_client;
mod outage;
mod published;
mod refusals;
mod round_trips;
mod server;
mod together;
