//! Sign-in by e-mail link.
//!
//! A link carries a random token; the store keeps only its hash, under the normalized address. Taking the hash
//! out of the store is what redeems the link, so it can be redeemed once.

mod address;
mod message;

mod request;

pub(crate) use address::{normalize, normalize_by_default};

pub(crate) use request::send_link;

/// Why a text was not taken for an e-mail address. Says nothing about the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidAddress;
