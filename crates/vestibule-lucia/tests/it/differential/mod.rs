//! The real Lucia from npm and ours on one real PostgreSQL database.
//!
//! Both are given the same calls at the same points in time. Three schemas hold the same rows at the start: one is
//! Lucia's alone, one ours alone, and in the third they take turns. Every answer and all rows are the same in the
//! three, to the millisecond.

mod contract;
mod original;
mod ours;
mod passwords;
mod round_trips;
mod tables;
mod turns;

/// The life of sessions on both sides. Odd, so that its half is no whole number of milliseconds.
const EXPIRES_IN: std::time::Duration = std::time::Duration::from_millis(1_000_001);
