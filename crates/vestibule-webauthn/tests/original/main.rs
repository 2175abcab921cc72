//! SimpleWebAuthn 9, with which Auth.js verifies passkeys, beside this crate: the same options, and the same answers
//! judged by both.

mod judged;
mod node;
mod options;
