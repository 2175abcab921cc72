//! Mailers against servers of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod environment;
mod original;
