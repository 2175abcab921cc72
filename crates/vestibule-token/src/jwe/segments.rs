//! The parts of a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::TokenError;
use crate::keys::MAX_TOKEN;

/// The parts of a token, in base64url. The second, an encrypted key, is empty.
#[derive(Debug)]
pub(crate) struct Segments<'a> {
    pub(crate) header: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

/// The parts of a token as bytes.
pub(crate) struct Parts<const IV: usize, const TAG: usize> {
    pub(crate) iv: [u8; IV],
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: [u8; TAG],
}

impl<'a> Segments<'a> {
    /// Splits a token; `None` if it cannot be one.
    pub(crate) fn split(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let bytes = token.as_bytes();
        let empty_key = memchr::memchr_iter(b'.', bytes).find(|at| bytes.get(at + 1) == Some(&b'.'))?;
        let (header, rest) = (token.get(..empty_key)?, token.get(empty_key + 2..)?);
        let (iv, rest) = split_at_dot(rest)?;
        let (ciphertext, tag) = split_at_dot(rest)?;
        Some(Self { header, iv, ciphertext, tag })
    }

    /// Decodes all but the header. Only the one canonical way of writing bytes is accepted.
    pub(crate) fn decode<const IV: usize, const TAG: usize>(&self) -> Result<Parts<IV, TAG>, TokenError> {
        let ciphertext = URL_SAFE_NO_PAD.decode(self.ciphertext).map_err(|_| TokenError::Malformed)?;
        Ok(Parts { iv: exactly(self.iv)?, ciphertext, tag: exactly(self.tag)? })
    }
}

fn split_at_dot(text: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b'.', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Decodes `N` bytes, at most 32.
fn exactly<const N: usize>(segment: &str) -> Result<[u8; N], TokenError> {
    let mut buffer = [0; 48];
    let decoded = match URL_SAFE_NO_PAD.decode_slice(segment, &mut buffer) {
        Ok(length) => buffer[..length].try_into(),
        Err(_) => return Err(TokenError::Malformed),
    };
    decoded.map_err(|_| TokenError::Malformed)
}
