//! Tokens from outside: beside the vectors of the originals, at the edges, and changed by others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod claims;
mod differential;
mod edges;
mod forgeries;
mod headers;
mod properties;
mod support;
mod vectors_v4;
mod vectors_v5;
mod verifier;
mod verifier_subject;
