//! The catalogue, entry by entry.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalogue;
mod idp;
mod mapping;
mod original;
mod settings;
mod sign_in;
mod subject;
