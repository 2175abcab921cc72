//! Sign-in by e-mail link.

/// Why a text was not taken for an e-mail address. Says nothing about the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidAddress;
