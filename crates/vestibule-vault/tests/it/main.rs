//! What the conformance suite cannot see: what stands in the store, what stood there before, and who came in between.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod adoption;
mod crash;
mod dump;
mod engine;
mod interleavings;
mod lists;
mod migration;
mod mixed;
mod races;
mod sessions;
mod support;
mod tokens;
