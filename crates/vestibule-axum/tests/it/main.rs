//! The axum face, over a store in memory and a clock that is moved by hand.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot go on may panic")]

mod app;
mod by_request;
mod client_address;
mod layer;
mod outage;
mod router;
mod signed_in;
mod typed;
mod unreliable;
