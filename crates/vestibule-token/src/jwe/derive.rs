//! From a secret to a key, and from a key to its name.

use hkdf::Hkdf;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::encode;

/// How keys are derived from a secret: HKDF with SHA-256.
pub(crate) struct Derivation<'a> {
    salt: &'a str,
    info: String,
}

impl<'a> Derivation<'a> {
    /// As Auth.js v5 does for the cookie that `salt` names.
    pub(crate) fn authjs(salt: &'a str) -> Self {
        Self { salt, info: format!("Auth.js Generated Encryption Key ({salt})") }
    }

    /// As NextAuth v4 does for sessions, if `salt` is empty, or for the cookie that `salt` names.
    pub(crate) fn nextauth(salt: &'a str) -> Self {
        let mut info = "NextAuth.js Generated Encryption Key".to_owned();
        if !salt.is_empty() {
            info.push_str(" (");
            info.push_str(salt);
            info.push(')');
        }
        Self { salt, info }
    }

    /// 64 bytes. Whoever needs 32 takes the first 32.
    pub(crate) fn key(&self, secret: &str) -> Zeroizing<[u8; 64]> {
        let mut key = Zeroizing::new([0; 64]);
        let expanded = Hkdf::<Sha256>::new(Some(self.salt.as_bytes()), secret.as_bytes())
            .expand(self.info.as_bytes(), &mut *key);
        // HKDF refuses only what is longer than 255 times 32 bytes.
        debug_assert!(expanded.is_ok());
        key
    }
}

/// What a key is called: its RFC 7638 thumbprint, by the hash whose length is that of the key.
pub(crate) fn thumbprint(key: &[u8]) -> String {
    let encoded = Zeroizing::new(encode(key));
    let jwk = Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, *encoded));
    if key.len() == 32 {
        encode(&Sha256::digest(jwk.as_bytes()))
    } else {
        encode(&Sha512::digest(jwk.as_bytes()))
    }
}
