//! Keys of the client, for assertions.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::Alg;

/// A private key that signs client assertions. Prints nothing but its algorithm; cheap to clone.
#[derive(Clone)]
pub struct ClientKey {
    pair: Arc<Pair>,
    alg: Alg,
    kid: Option<Box<str>>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ClientKey {
    /// Reads a key in PEM: `-----BEGIN PRIVATE KEY-----`, PKCS #8, as `openssl genpkey` and Apple write it.
    ///
    /// The kind of the key decides the algorithm: RS256 for RSA of 2048 bits and more, ES256 for P-256, ES384 for
    /// P-384, `EdDSA` for Ed25519.
    ///
    /// # Errors
    ///
    /// [`ClientKeyError`] if it is not such a key.
    pub fn from_pem(pem: &str) -> Result<Self, ClientKeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| ClientKeyError::NotPem)?;
        let der = der.secret_pkcs8_der();
        let random = SystemRandom::new();
        let (pair, alg) = if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            (Pair::Rsa(Box::new(pair)), Alg::Rs256)
        } else if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random) {
            (Pair::Ecdsa(pair), Alg::Es256)
        } else if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, der, &random) {
            (Pair::Ecdsa(pair), Alg::Es384)
        } else if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            (Pair::Ed25519(pair), Alg::EdDsa)
        } else {
            return Err(ClientKeyError::Unknown);
        };
        Ok(Self { pair: Arc::new(pair), alg, kid: None })
    }

    /// Sets the `kid` that assertions have in their header.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<Box<str>>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The algorithm.
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Signs bytes, in the form that JWS wants.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &*self.pair {
            Pair::Rsa(pair) => {
                let mut out = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut out).ok()?;
                Some(out)
            }
            Pair::Ecdsa(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Why a text is no key of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientKeyError {
    /// There is no PEM of a `PRIVATE KEY`. Older forms, such as `EC PRIVATE KEY`, `openssl pkcs8 -topk8` turns into it.
    #[error("the key is not a PRIVATE KEY in PEM (PKCS #8)")]
    NotPem,
    /// It is none of RSA with 2048 bits or more, P-256, P-384 and Ed25519.
    #[error("the key is none of RSA with 2048 bits or more, P-256, P-384 and Ed25519")]
    Unknown,
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    #[test]
    fn the_kind_of_the_key_decides_the_algorithm() {
        let random = SystemRandom::new();
        let ecdsa = |how| EcdsaKeyPair::generate_pkcs8(how, &random).unwrap().as_ref().to_vec();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref().to_vec();
        for (der, alg, length) in [
            (ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING), Alg::Es256, 64),
            (ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING), Alg::Es384, 96),
            (ed25519, Alg::EdDsa, 64),
        ] {
            let key = ClientKey::from_pem(&pem("PRIVATE KEY", &der)).unwrap();

            assert_eq!(key.alg(), alg);
            assert_eq!(key.sign(b"message").unwrap().len(), length);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let refused = |text: &str| ClientKey::from_pem(text).unwrap_err();

        assert_eq!(refused(""), ClientKeyError::NotPem);
        assert_eq!(refused("hunter2"), ClientKeyError::NotPem);
        assert_eq!(refused(&pem("EC PRIVATE KEY", b"hunter2")), ClientKeyError::NotPem);
        assert_eq!(refused(&pem("PRIVATE KEY", b"hunter2")), ClientKeyError::Unknown);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = ClientKey::from_pem(&pem("PRIVATE KEY", document.as_ref())).unwrap().with_kid("k");

        assert_eq!(format!("{key:?}"), "ClientKey { alg: EdDsa, kid: Some(\"k\"), .. }");
    }
}
