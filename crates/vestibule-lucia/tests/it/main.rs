//! The session manager from outside, and its answers beside those of the original.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod differential;
mod dumps;
mod outage;
mod passwords;
mod properties;
mod sessions;
mod support;
mod wire;
