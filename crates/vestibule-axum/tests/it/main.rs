//! The axum face, over a store in memory and a clock that is moved by hand.

mod app;
mod layer;
mod outage;
mod router;
mod signed_in;
mod unreliable;
