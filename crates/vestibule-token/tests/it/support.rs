//! Tokens made by hand, and the vectors.

use std::path::Path;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha512;
use vestibule_token::{Claims, SessionKeys};

pub(crate) const SECRET: &str = "test-secret-0123456789abcdef";
pub(crate) const COOKIE: &str = "authjs.session-token";
/// When the vectors were made.
pub(crate) const NOW: i64 = 1_700_000_000;

/// The keys of the first vector.
pub(crate) fn keys() -> SessionKeys {
    SessionKeys::new(&[SECRET], COOKIE)
}

/// A file in `fixtures/jose`.
pub(crate) fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/jose").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

pub(crate) fn hex_of<const N: usize>(value: &Value, name: &str) -> [u8; N] {
    hex::decode(text(value, name)).unwrap().try_into().unwrap()
}

/// One secret or several.
pub(crate) fn secrets(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().map(|secret| secret.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

/// Random bytes that give this initialization vector and this UUID.
pub(crate) fn entropy(iv: &[u8], jti: &str) -> [u8; 32] {
    let uuid = hex::decode(jti.replace('-', "")).unwrap();
    let mut padded = iv.to_vec();
    padded.resize(16, 0);
    [padded, uuid].concat().try_into().unwrap()
}

pub(crate) fn claims(json: &str) -> Claims {
    Claims::from_json(json).unwrap()
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The key that the first vector is under, as it stands there.
pub(crate) fn key() -> [u8; 64] {
    hex_of(&fixture("vectors-v5.json")["vectors"][0], "derived_key_hex")
}

/// A token with any header over any ciphertext, with the tag that it must have.
pub(crate) fn cbc_token(header: &str, iv: &[u8], ciphertext: &[u8]) -> String {
    let header = encode(header);
    let mut mac = Hmac::<Sha512>::new_from_slice(&key()[..32]).unwrap();
    mac.update(header.as_bytes());
    mac.update(iv);
    mac.update(ciphertext);
    mac.update(&(header.len() as u64 * 8).to_be_bytes());
    let tag = mac.finalize().into_bytes();
    [header, String::new(), encode(iv), encode(ciphertext), encode(&tag[..32])].join(".")
}

/// A token of `payload`, which may be anything, with any header.
pub(crate) fn cbc_token_of(header: &str, payload: &[u8]) -> String {
    use aes::cipher::{Array, BlockModeEncrypt, KeyIvInit};
    let mut blocks = payload.to_vec();
    let missing = 16 - blocks.len() % 16;
    blocks.resize(blocks.len() + missing, u8::try_from(missing).unwrap());
    let iv = [9; 16];
    let key: [u8; 32] = key()[32..].try_into().unwrap();
    let mut encryptor = cbc::Encryptor::<aes::Aes256>::new(&key.into(), &iv.into());
    encryptor.encrypt_blocks(Array::slice_as_chunks_mut(&mut blocks).0);
    cbc_token(header, &iv, &blocks)
}

/// A token of `payload` in `A256GCM` with any header, under the first half of the key.
pub(crate) fn gcm_token_of(header: &str, payload: &[u8]) -> String {
    let header = encode(header);
    let key: [u8; 32] = key()[..32].try_into().unwrap();
    let mut ciphertext = payload.to_vec();
    let iv = [9; 12];
    let tag = Aes256Gcm::new(&key.into())
        .encrypt_inout_detached(&iv.into(), header.as_bytes(), ciphertext.as_mut_slice().into())
        .unwrap();
    [header, String::new(), encode(iv), encode(ciphertext), encode(tag)].join(".")
}

/// The header that Auth.js writes, under `kid`.
pub(crate) fn header_with(kid: &str) -> String {
    format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{kid}"}}"#)
}

/// What the key of the first vector is called.
pub(crate) fn kid() -> String {
    text(&fixture("vectors-v5.json")["vectors"][0], "kid").to_owned()
}
