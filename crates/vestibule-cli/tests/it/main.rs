//! The real program, started in a folder of its own, on a port of its own.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot go on may panic")]

mod bad_input;
mod browser;
mod cookies;
mod databases;
mod hosts;
mod http;
mod limits;
mod logs;
mod outage;
mod passkeys;
mod postgres;
mod profiles;
mod program;
mod refreshing;
mod refusals;
mod schema;
mod sign_in;
mod smtp;
mod stop;
mod sweep;
mod terminal;
