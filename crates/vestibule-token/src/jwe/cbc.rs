//! `A256CBC-HS512`, RFC 7518 section 5.2.

use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use cbc::{Decryptor, Encryptor};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

use super::derive::thumbprint;
use super::segments::{Parts, Segments};
use super::{compact, encode};
use crate::error::TokenError;

const IV: usize = 16;
const BLOCK: usize = 16;
/// Half of what HMAC with SHA-512 gives.
const TAG: usize = 32;
/// What SHA-512 reads at a time.
const HASH_BLOCK: usize = 128;

/// A key, and all that can be computed before there is a token.
pub(crate) struct CbcKey {
    kid: String,
    /// The header of every token under this key, in base64url.
    header: String,
    /// Has read the key.
    mac: Hmac<Sha512>,
    /// Has read the key and `header`.
    mac_after_header: Hmac<Sha512>,
    encryption: Aes256Enc,
    decryption: Aes256Dec,
}

impl CbcKey {
    /// The first half of `key` authenticates, the second encrypts.
    pub(crate) fn new(key: &[u8; 64]) -> Self {
        let kid = thumbprint(key);
        let header = encode(format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{kid}"}}"#).as_bytes());

        // HMAC pads a key with zeros to this length.
        let mut mac_key = Zeroizing::new([0; HASH_BLOCK]);
        mac_key[..32].copy_from_slice(&key[..32]);
        let mac = Hmac::<Sha512>::new((&*mac_key).into());
        let mac_after_header = mac.clone().chain_update(&header);

        let mut encryption_key = Zeroizing::new([0; 32]);
        encryption_key.copy_from_slice(&key[32..]);
        let encryption = Aes256Enc::new((&*encryption_key).into());
        let decryption = Aes256Dec::from(&encryption);
        Self { kid, header, mac, mac_after_header, encryption, decryption }
    }

    /// What the key is called.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The header of the tokens that [`seal`](Self::seal) makes.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Makes a token of `payload`.
    pub(crate) fn seal(&self, mut payload: Vec<u8>, iv: &[u8; IV]) -> String {
        pad(&mut payload);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut payload);
        Encryptor::inner_iv_init(&self.encryption, iv.into()).encrypt_blocks(blocks);

        let tag = finish(self.mac_after_header.clone(), &self.header, iv, &payload).finalize().into_bytes();
        compact(&self.header, iv, &payload, &tag[..TAG])
    }

    /// Opens a token, whose header may have been written otherwise than ours.
    ///
    /// # Errors
    ///
    /// [`TokenError::Forged`], found out in constant time and before anything is decrypted;
    /// [`TokenError::Malformed`].
    pub(crate) fn open(&self, segments: &Segments<'_>) -> Result<Vec<u8>, TokenError> {
        let Parts { iv, mut ciphertext, tag } = segments.decode::<IV, TAG>()?;
        let mac = if segments.header == self.header {
            self.mac_after_header.clone()
        } else {
            self.mac.clone().chain_update(segments.header)
        };
        finish(mac, segments.header, &iv, &ciphertext)
            .verify_truncated_left(&tag)
            .map_err(|_| TokenError::Forged)?;

        let (blocks, rest) = Array::slice_as_chunks_mut(&mut ciphertext);
        if !rest.is_empty() {
            return Err(TokenError::Malformed);
        }
        Decryptor::inner_iv_init(&self.decryption, (&iv).into()).decrypt_blocks(blocks);
        let length = unpadded(&ciphertext).ok_or(TokenError::Malformed)?;
        ciphertext.truncate(length);
        Ok(ciphertext)
    }
}

/// Lets `mac`, which has read `header`, read the rest of what the tag protects.
fn finish(mac: Hmac<Sha512>, header: &str, iv: &[u8; IV], ciphertext: &[u8]) -> Hmac<Sha512> {
    let bits = (header.len() as u64) * 8;
    mac.chain_update(iv).chain_update(ciphertext).chain_update(bits.to_be_bytes())
}

/// Fills up the last block, or adds one, with the number of bytes that are added.
fn pad(payload: &mut Vec<u8>) {
    let missing = BLOCK - payload.len() % BLOCK;
    #[expect(clippy::cast_possible_truncation, reason = "at most 16")]
    payload.resize(payload.len() + missing, missing as u8);
}

/// How long the payload is without its padding, if that is as it must be.
fn unpadded(payload: &[u8]) -> Option<usize> {
    let last = *payload.last()?;
    let length = payload.len().checked_sub(usize::from(last))?;
    let is_padding =
        (1..=BLOCK).contains(&usize::from(last)) && payload[length..].iter().all(|byte| *byte == last);
    is_padding.then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_fills_the_last_block() {
        for length in 0..=33 {
            let mut payload = vec![7; length];

            pad(&mut payload);

            assert!(payload.len() > length && payload.len() - length <= BLOCK && payload.len() % BLOCK == 0);
            assert_eq!(unpadded(&payload), Some(length));
        }
    }

    #[test]
    fn what_is_no_padding_is_told() {
        let block = |end: &[u8]| [vec![9; BLOCK - end.len()], end.to_vec()].concat();

        for payload in [vec![], block(&[0]), block(&[17]), block(&[255]), block(&[1, 2]), block(&[2, 3, 3])] {
            assert_eq!(unpadded(&payload), None, "{payload:?}");
        }
        assert_eq!(unpadded(&[16; 16]), Some(0));
        assert_eq!(unpadded(&[17; 32]), None);
    }
}
