//! The statements as text, and the schema on a real SQLite. What PostgreSQL says to it all is tested with its
//! drivers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corrupt;
mod detect;
mod inspect;
mod instants;
mod losing;
mod lucia;
mod mutations;
mod names;
mod overtaken;
mod rebuild;
mod recorder;
mod snapshots;
mod texts;
