//! The driver against a server that speaks the protocol and says what each test wants.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod adapter;
mod batches;
mod catalogue;
mod connecting;
mod errors;
mod fake;
mod lost;
mod tls;
mod values;
