//! Why a token is not accepted.

use thiserror::Error;

/// Why a token is not accepted. No message repeats anything of the token.
///
/// Whatever the reason, nobody is signed in; what differs is what to write into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is no token of this kind, is longer than [`MAX_TOKEN`](crate::MAX_TOKEN), or holds no claims.
    #[error("the token is malformed")]
    Malformed,
    /// Its header asks for an algorithm or an extension that is not on the list.
    #[error("the token asks for an algorithm or an extension that is refused")]
    Unsupported,
    /// It was sealed under a secret, or for a cookie name, that is none of these.
    #[error("no secret belongs to the token")]
    UnknownKey,
    /// It was changed, or made by somebody without the secret.
    #[error("the token is not authentic")]
    Forged,
    /// Its `exp` was 15 seconds ago or more.
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` is more than 15 seconds ahead.
    #[error("the token is not valid yet")]
    NotYetValid,
}
