//! The keys that sessions are sealed and opened with.

use std::fmt;
use std::sync::Arc;

use crate::claims::Claims;
use crate::error::TokenError;
use crate::jwe::cbc::CbcKey;
use crate::jwe::derive::Derivation;
use crate::jwe::gcm::GcmKey;
use crate::jwe::header::{Encryption, Header};
use crate::jwe::segments::Segments;
use crate::payload;

/// No token is longer, in bytes: sixteen cookies full.
pub const MAX_TOKEN: usize = 65_536;

/// The keys of a list of secrets for one cookie name.
///
/// Deriving them costs more than opening a token, so keep them. A clone shares them. They are wiped when the last
/// clone is dropped, and `Debug` shows nothing of them.
#[derive(Clone)]
pub struct SessionKeys(Arc<Generation>);

/// Whose tokens they are.
enum Generation {
    /// Auth.js v5.
    V5(Vec<Key>),
    /// NextAuth v4.
    V4(Vec<GcmKey>),
}

/// The keys of one secret in version 5.
struct Key {
    cbc: CbcKey,
    gcm: GcmKey,
}

impl SessionKeys {
    /// Derives the keys of Auth.js v5 from `secrets`, the newest first.
    ///
    /// `salt` is the name of the cookie in full, with its prefix and without the number of a chunk.
    ///
    /// An empty secret is left out, since everybody knows it. Without any secret nothing opens, and what is sealed is
    /// the empty text, which is no token.
    pub fn new<S: AsRef<str>>(secrets: &[S], salt: &str) -> Self {
        let derivation = Derivation::authjs(salt);
        let keys = non_empty(secrets).map(|secret| {
            let bytes = derivation.key(secret);
            Key { cbc: CbcKey::new(&bytes), gcm: GcmKey::new(&bytes) }
        });
        Self(Arc::new(Generation::V5(keys.collect())))
    }

    /// Derives the keys of NextAuth v4 from `secrets`. For sessions, `salt` is empty; for other sealed cookies it is
    /// their name.
    ///
    /// Version 4 knew one secret and does not name it in its tokens, so each secret is tried. What these keys seal is
    /// a token of version 4.
    pub fn nextauth_v4<S: AsRef<str>>(secrets: &[S], salt: &str) -> Self {
        let derivation = Derivation::nextauth(salt);
        let keys = non_empty(secrets).map(|secret| GcmKey::new(&derivation.key(secret)));
        Self(Arc::new(Generation::V4(keys.collect())))
    }

    /// Seals `claims` under the first secret, valid from `now` for `max_age`, both in seconds.
    ///
    /// Sets `iat`, `exp` and `jti`, in their places if they are there and at the end otherwise. `entropy` is 32
    /// random bytes that are never used again: 16 for the initialization vector, 16 for the UUID in `jti`.
    ///
    /// A token of more than [`MAX_TOKEN`] bytes, for which it takes claims of some 48 KiB, is made but does not open.
    #[must_use]
    pub fn seal(&self, claims: &Claims, now: i64, max_age: u64, entropy: &[u8; 32]) -> String {
        let iv: [u8; 16] = std::array::from_fn(|index| entropy[index]);
        let random: [u8; 16] = std::array::from_fn(|index| entropy[16 + index]);
        let payload = payload::write(claims, now, max_age, &random);
        match &*self.0 {
            Generation::V5(keys) => keys.first().map(|key| key.cbc.seal(payload, &iv)),
            Generation::V4(keys) => keys.first().and_then(|key| key.seal(payload, &iv)),
        }
        .unwrap_or_default()
    }

    /// Opens `token`, and checks `exp` and `nbf` against `now`, in seconds, with a [tolerance](crate::TOLERANCE).
    ///
    /// In version 5 the token names its secret. One that names none is tried under the first only.
    ///
    /// # Errors
    ///
    /// Each variant of [`TokenError`]. The tag is compared in constant time, and before anything that it protects is
    /// looked at.
    pub fn open(&self, token: &str, now: i64) -> Result<Claims, TokenError> {
        let segments = Segments::split(token).ok_or(TokenError::Malformed)?;
        let payload = match &*self.0 {
            Generation::V5(keys) => open_v5(keys, &segments)?,
            Generation::V4(keys) => open_v4(keys, &segments)?,
        };
        payload::read(&payload, now)
    }
}

fn non_empty<S: AsRef<str>>(secrets: &[S]) -> impl Iterator<Item = &str> {
    secrets.iter().map(AsRef::as_ref).filter(|secret| !secret.is_empty())
}

fn open_v5(keys: &[Key], segments: &Segments<'_>) -> Result<Vec<u8>, TokenError> {
    // A header as every Auth.js writes it is known by its text.
    if let Some(key) = keys.iter().find(|key| key.cbc.header() == segments.header) {
        return key.cbc.open(segments);
    }
    let header = Header::read(segments.header)?;
    let kid = header.kid.as_deref();
    // Without a name, the first.
    let find = |kid_of: fn(&Key) -> &str| keys.iter().find(|key| kid.is_none_or(|kid| kid == kid_of(key)));
    match header.encryption {
        Encryption::Cbc => find(|key| key.cbc.kid()).ok_or(TokenError::UnknownKey)?.cbc.open(segments),
        Encryption::Gcm => find(|key| key.gcm.kid()).ok_or(TokenError::UnknownKey)?.gcm.open(segments),
    }
}

fn open_v4(keys: &[GcmKey], segments: &Segments<'_>) -> Result<Vec<u8>, TokenError> {
    if Header::read(segments.header)?.encryption != Encryption::Gcm {
        return Err(TokenError::Unsupported);
    }
    let mut outcome = Err(TokenError::UnknownKey);
    for key in keys {
        outcome = key.open(segments);
        if outcome != Err(TokenError::Forged) {
            break;
        }
    }
    outcome
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys(…)")
    }
}
