//! `A256GCM`, RFC 7518 section 5.3.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use super::derive::thumbprint;
use super::segments::{Parts, Segments};
use super::{compact, encode};
use crate::error::TokenError;

const IV: usize = 12;
const TAG: usize = 16;
/// What NextAuth v4 writes.
const HEADER: &str = r#"{"alg":"dir","enc":"A256GCM"}"#;

/// A key.
pub(crate) struct GcmKey {
    kid: String,
    cipher: Aes256Gcm,
}

impl GcmKey {
    /// The first half of `key` is the key.
    pub(crate) fn new(key: &[u8; 64]) -> Self {
        let mut half = Zeroizing::new([0; 32]);
        half.copy_from_slice(&key[..32]);
        Self { kid: thumbprint(&*half), cipher: Aes256Gcm::new((&*half).into()) }
    }

    /// What the key is called.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Makes a token of `payload`, as NextAuth v4 does. The first 12 bytes of `iv` count. `None` if `payload` is longer
    /// than the method can, which is some 64 GiB.
    pub(crate) fn seal(&self, mut payload: Vec<u8>, iv: &[u8; 16]) -> Option<String> {
        let header = encode(HEADER.as_bytes());
        let [iv @ .., _, _, _, _] = iv;
        let buffer = InOutBuf::from(&mut *payload);
        let tag = self.cipher.encrypt_inout_detached(iv.into(), header.as_bytes(), buffer).ok()?;
        Some(compact(&header, iv, &payload, &tag))
    }

    /// Opens a token.
    ///
    /// # Errors
    ///
    /// [`TokenError::Forged`], found out in constant time and before anything is decrypted;
    /// [`TokenError::Malformed`].
    pub(crate) fn open(&self, segments: &Segments<'_>) -> Result<Vec<u8>, TokenError> {
        let Parts { iv, mut ciphertext, tag } = segments.decode::<IV, TAG>()?;
        let buffer = InOutBuf::from(&mut *ciphertext);
        self.cipher
            .decrypt_inout_detached((&iv).into(), segments.header.as_bytes(), buffer, (&tag).into())
            .map_err(|_| TokenError::Forged)?;
        Ok(ciphertext)
    }
}
