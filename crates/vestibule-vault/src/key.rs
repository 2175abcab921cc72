//! Keys, and what else is derived from each.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The shortest secret that keys are derived from, in bytes.
const SHORTEST: usize = 32;
/// The longest id of a key.
const LONGEST_ID: usize = 32;

/// A key: 32 random bytes, or what is derived from a secret. Prints nothing, and is wiped when dropped.
///
/// No key is used as it is: for each purpose another one is derived from it, by HKDF (RFC 5869) with SHA-256.
#[derive(Clone)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// A key of 32 random bytes, such as `openssl rand 32` makes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// A key that is derived from a secret of 32 bytes or more, such as `openssl rand -base64 33` prints.
    ///
    /// The secret must be random: no password becomes a key by this.
    ///
    /// # Errors
    ///
    /// [`KeyError::ShortSecret`].
    pub fn from_secret(secret: &str) -> Result<Self, KeyError> {
        if secret.len() < SHORTEST {
            return Err(KeyError::ShortSecret);
        }
        Ok(Self(Zeroizing::new(secret.as_bytes().to_vec())))
    }

    /// The key for one purpose.
    #[expect(clippy::expect_used, reason = "HKDF refuses only what is longer than 255 times 32 bytes")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), &mut *derived)
            .expect("32 bytes are short enough");
        derived
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why keys were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key ring without a key.
    #[error("a key ring needs a key")]
    NoKey,
    /// An id may have up to 32 letters and digits of ASCII, `-` and `_`.
    #[error("{id:?} cannot be the id of a key: up to 32 letters, digits, - and _ can")]
    IdRefused {
        /// The id.
        id: Box<str>,
    },
    /// Two keys have one id.
    #[error("two keys have the id {id}")]
    IdTwice {
        /// The id.
        id: Box<str>,
    },
    /// A secret has fewer than 32 bytes.
    #[error("a secret needs 32 bytes or more")]
    ShortSecret,
}

/// The keys of [`EncryptedTokens`](crate::EncryptedTokens), each with an id: the first encrypts, all decrypt.
///
/// To rotate, put a new key in front, run [`migrate_user`](crate::EncryptedTokens::migrate_user) for every user,
/// and take the old key out. The id stands in the database beside every value, so it must never be given to
/// another key. A clone is cheap. `Debug` prints the ids.
///
/// ```
/// use vestibule_vault::{Key, KeyRing};
///
/// # fn main() -> Result<(), vestibule_vault::KeyError> {
/// let older = Key::from_secret("what OLD_TOKEN_SECRET held, 44 random letters")?;
/// let newer = Key::from_secret("what TOKEN_SECRET holds, 44 random characters")?;
/// let ring = KeyRing::new([("2026-02", newer), ("2025-11", older)])?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeyRing(Arc<[NamedKey]>);

pub(crate) struct NamedKey {
    pub(crate) id: Box<str>,
    pub(crate) cipher: XChaCha20Poly1305,
}

impl KeyRing {
    /// Takes the keys, the one that encrypts first.
    ///
    /// # Errors
    ///
    /// [`KeyError`], if there is none, or their ids are not right.
    pub fn new<I: Into<Box<str>>>(keys: impl IntoIterator<Item = (I, Key)>) -> Result<Self, KeyError> {
        let mut ring: Vec<NamedKey> = Vec::new();
        for (id, key) in keys {
            let id = id.into();
            if !is_id(&id) {
                return Err(KeyError::IdRefused { id });
            }
            if ring.iter().any(|other| other.id == id) {
                return Err(KeyError::IdTwice { id });
            }
            let derived = key.derive(&format!("vestibule-vault: tokens of accounts, key {id}"));
            ring.push(NamedKey { cipher: XChaCha20Poly1305::new((&*derived).into()), id });
        }
        if ring.is_empty() {
            return Err(KeyError::NoKey);
        }
        Ok(Self(ring.into()))
    }

    /// The key that encrypts.
    pub(crate) fn first(&self) -> &NamedKey {
        &self.0[0]
    }

    /// The key of this id, and whether it is the one that encrypts.
    pub(crate) fn find(&self, id: &str) -> Option<(&NamedKey, bool)> {
        let at = self.0.iter().position(|key| *key.id == *id)?;
        Some((&self.0[at], at == 0))
    }
}

/// Whether this can be the id of a key. It must not hold the dot that ends it.
fn is_id(id: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_letter)
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")?;
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of 32 or more random characters";

    fn ring(ids: &[&str]) -> Result<KeyRing, KeyError> {
        KeyRing::new(ids.iter().map(|id| (*id, Key::new([7; 32]))))
    }

    #[test]
    fn a_ring_needs_a_key() {
        assert_eq!(ring(&[]).unwrap_err(), KeyError::NoKey);
    }

    #[test]
    fn ids_are_short_and_plain_and_differ() {
        for id in ["", "a.b", "a b", "ä", "a/b", &"a".repeat(33)] {
            assert_eq!(ring(&["a", id]).unwrap_err(), KeyError::IdRefused { id: id.into() });
        }
        assert_eq!(ring(&["a", "b", "a"]).unwrap_err(), KeyError::IdTwice { id: "a".into() });
        assert!(ring(&["a", "A", "2026-02_x", &"a".repeat(32)]).is_ok());
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(Key::from_secret(&SECRET[..31]).unwrap_err(), KeyError::ShortSecret);
        assert!(Key::from_secret(&SECRET[..32]).is_ok());
    }

    #[test]
    fn keys_for_two_purposes_differ() {
        let key = Key::new([7; 32]);

        assert_ne!(*key.derive("a"), *key.derive("b"));
        assert_ne!(*key.derive("a"), [7; 32]);
        assert_ne!(*key.derive("a"), *Key::new([8; 32]).derive("a"));
    }

    #[test]
    fn keys_print_nothing() {
        let key = Key::from_secret(SECRET).unwrap();
        let ring = KeyRing::new([("new", key.clone()), ("old", Key::new([7; 32]))]).unwrap();

        assert_eq!(format!("{key:?} {ring:?}"), r#"Key(…) KeyRing["new", "old"]"#);
    }
}
