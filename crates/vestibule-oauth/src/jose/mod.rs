//! Signed tokens: the compact serialization (RFC 7515), keys (RFC 7517) and the signatures (RFC 7518, RFC 8037).
//!
//! The arithmetic is ring's. What is here is who may sign what with which key.

mod jwk;
mod jws;

pub(crate) use self::jwk::KeySet;
pub(crate) use self::jws::{Compact, Verified};
