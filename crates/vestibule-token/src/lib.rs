//! The session tokens of Auth.js v5 and NextAuth v4: claims, encrypted under a secret that the servers of an
//! application share.
//!
//! * [`SessionKeys`] seals and opens tokens; [`Claims`] is what is in them.
//! * [`cookie`] finds the token in a request, and cuts one that is too long for a cookie.
//! * [`Verifier`] does both, for a service that only wants to know who is signed in.
//!
//! Nothing here reads a clock, asks for random bytes or does any other input or output: the time and the random
//! bytes are handed in. Nor does it know any other crate of Vestibule, so that a small service, or one in
//! WebAssembly, can use it alone.
//!
//! # The format
//!
//! A token is a JWE in compact form with a key that both sides derive (`alg` is `dir`). Version 5 writes
//! `A256CBC-HS512` and reads `A256GCM` too; version 4 knows only the latter. Nothing else is accepted. The key comes
//! from the secret by HKDF, with the name of the cookie as salt: **a token for one cookie name does not open under
//! another**. `kid` names the secret, so that secrets can be replaced one after the other: the first one seals, all
//! open.

mod claims;
pub mod cookie;
mod error;
mod jwe;
mod keys;
mod payload;
mod verifier;

pub use claims::{Claim, Claims, Number};
pub use error::TokenError;
pub use keys::{MAX_TOKEN, SessionKeys};
pub use payload::TOLERANCE;
pub use verifier::Verifier;

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
