//! The keys of a provider.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

/// ring makes no RSA keys, so there are two that everybody knows.
const RSA: [&str; 2] = [include_str!("rsa-1.pem"), include_str!("rsa-2.pem")];

/// The keys, the newest last.
pub(super) struct Keys {
    alg: String,
    keys: Vec<Key>,
    made: usize,
}

/// A key pair.
pub(super) struct Key {
    pub(super) kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair, &'static str),
    Ed25519(Ed25519KeyPair),
}

impl Keys {
    pub(super) fn new(alg: &str) -> Self {
        let mut keys = Self { alg: alg.to_owned(), keys: Vec::new(), made: 0 };
        keys.rotate();
        keys
    }

    pub(super) fn set_alg(&mut self, alg: &str) {
        alg.clone_into(&mut self.alg);
        self.rotate();
    }

    pub(super) fn rotate(&mut self) {
        let key = self.make();
        self.keys.push(key);
    }

    pub(super) fn retire(&mut self) {
        self.keys.drain(..self.keys.len() - 1);
    }

    pub(super) fn alg(&self) -> &str {
        &self.alg
    }

    pub(super) fn newest(&self) -> &Key {
        self.keys.last().expect("there always is a key")
    }

    /// A key that is not published.
    pub(super) fn stranger(&mut self) -> Key {
        self.make()
    }

    pub(super) fn published(&self) -> Value {
        json!({"keys": self.keys.iter().map(Key::public).collect::<Vec<_>>()})
    }

    fn make(&mut self) -> Key {
        self.made += 1;
        let pair = match &*self.alg {
            "ES256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            "ES384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            "EdDSA" => {
                let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key"))
            }
            rsa => {
                let _is_one = encoding(rsa);
                let lines = RSA[self.made % RSA.len()].lines().filter(|line| !line.starts_with('-'));
                let der = STANDARD.decode(lines.collect::<String>()).expect("base64");
                Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).expect("a key")))
            }
        };
        Key { kid: format!("key-{}", self.made), pair }
    }
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm, curve: &'static str) -> Pair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    Pair::Ecdsa(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key"), curve)
}

fn encoding(alg: &str) -> &'static dyn RsaEncoding {
    match alg {
        "RS256" => &RSA_PKCS1_SHA256,
        "RS384" => &RSA_PKCS1_SHA384,
        "RS512" => &RSA_PKCS1_SHA512,
        "PS256" => &RSA_PSS_SHA256,
        "PS384" => &RSA_PSS_SHA384,
        "PS512" => &RSA_PSS_SHA512,
        other => panic!("no key signs with {other}"),
    }
}

impl Key {
    /// The public half as a JWK.
    pub(super) fn public(&self) -> Value {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut key = match &self.pair {
            Pair::Rsa(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": encoded(&n), "e": encoded(&e)})
            }
            Pair::Ecdsa(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(pair.public_key().as_ref())})
            }
        };
        key["kid"] = self.kid.clone().into();
        key["use"] = "sig".into();
        key
    }

    /// Signs in the form of JWS.
    pub(super) fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding(alg), &random, message, &mut signature).expect("a signature");
                signature
            }
            Pair::Ecdsa(pair, _) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}
