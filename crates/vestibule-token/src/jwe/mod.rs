//! JWE in compact form with a shared key, as much of it as Auth.js uses.
//!
//! Text and bytes only: what is inside a token is no matter here.

pub(crate) mod cbc;
pub(crate) mod derive;
pub(crate) mod gcm;
pub(crate) mod header;
pub(crate) mod segments;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes in base64url.
fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes the token of these segments.
fn compact(header: &str, iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> String {
    // Three separate lengths in base64, each rounded up, and four dots.
    let capacity = header.len() + (iv.len() + ciphertext.len() + tag.len()) * 4 / 3 + 10;
    let mut token = String::with_capacity(capacity);
    token.push_str(header);
    token.push_str("..");
    URL_SAFE_NO_PAD.encode_string(iv, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(ciphertext, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(tag, &mut token);
    token
}
