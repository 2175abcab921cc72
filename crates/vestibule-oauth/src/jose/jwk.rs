//! JWK sets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
    VerificationAlgorithm,
};
use serde_json::{Map, Value};

use crate::provider::Alg;
use crate::{OAuthError, ProviderEndpoint};

/// The most keys that are looked at.
const LIMIT: usize = 100;

/// The keys of a provider that can check a signature. Others, symmetric ones above all, are left out.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<Jwk>);

/// A public key.
#[derive(Debug)]
pub(crate) struct Jwk {
    kid: Option<Box<str>>,
    /// The one algorithm that the key is for.
    alg: Option<Box<str>>,
    /// The one issuer that the key is for. Entra ID has it.
    issuer: Option<Box<str>>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl KeySet {
    /// Reads a set. Keys that are of no use are left out, as RFC 7517 §5 wants it.
    pub(crate) fn read(document: &Map<String, Value>) -> Result<Self, OAuthError> {
        let keys = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(OAuthError::Member { from: ProviderEndpoint::Keys, name: "keys" })?;
        if keys.len() > LIMIT {
            return Err(OAuthError::TooManyKeys { limit: LIMIT });
        }
        Ok(Self(keys.iter().filter_map(Jwk::read).collect()))
    }

    /// The keys that may have signed with this algorithm: those of that `kid`, or all if the token names none.
    pub(crate) fn candidates<'a>(&'a self, alg: Alg, kid: Option<&'a str>) -> impl Iterator<Item = &'a Jwk> {
        self.0.iter().filter(move |key| key.fits(alg) && (kid.is_none() || key.kid.as_deref() == kid))
    }
}

impl Jwk {
    fn read(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let for_signatures = text("use").is_none_or(|purpose| purpose == "sig")
            && key
                .get("key_ops")
                .and_then(Value::as_array)
                .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !for_signatures {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa { n: unsigned(bytes("n")?), e: unsigned(bytes("e")?) },
            ("EC", Some("P-256")) => Material::P256(point(&bytes("x")?, &bytes("y")?, 32)?),
            ("EC", Some("P-384")) => Material::P384(point(&bytes("x")?, &bytes("y")?, 48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x").filter(|x| x.len() == 32)?),
            _ => return None,
        };
        let owned = |name| text(name).map(Into::into);
        Some(Self { kid: owned("kid"), alg: owned("alg"), issuer: owned("issuer"), material })
    }

    /// Whether the key is one for this algorithm.
    fn fits(&self, alg: Alg) -> bool {
        let of_the_kind = match alg {
            Alg::Rs256 | Alg::Rs384 | Alg::Rs512 | Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => {
                matches!(self.material, Material::Rsa { .. })
            }
            Alg::Es256 => matches!(self.material, Material::P256(_)),
            Alg::Es384 => matches!(self.material, Material::P384(_)),
            Alg::EdDsa => matches!(self.material, Material::Ed25519(_)),
            // A published key is no secret.
            Alg::Hs256 => false,
        };
        of_the_kind && self.alg.as_deref().is_none_or(|only| Alg::from_name(only) == Some(alg))
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether the key's owner signed this.
    pub(crate) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> bool {
        let by = |how: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(how, key).verify(message, signature).is_ok()
        };
        match &self.material {
            Material::Rsa { n, e } => {
                let how = match alg {
                    Alg::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                    Alg::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                    Alg::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                    Alg::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    Alg::Ps384 => &RSA_PSS_2048_8192_SHA384,
                    Alg::Ps512 => &RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
            }
            Material::P256(point) => alg == Alg::Es256 && by(&ECDSA_P256_SHA256_FIXED, point),
            Material::P384(point) => alg == Alg::Es384 && by(&ECDSA_P384_SHA384_FIXED, point),
            Material::Ed25519(key) => alg == Alg::EdDsa && by(&ED25519, key),
        }
    }
}

/// A number without leading zeros, which some providers write and ring does not take.
fn unsigned(bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    if zeros == 0 { bytes } else { bytes[zeros..].to_vec() }
}

/// A point of a curve, not compressed.
fn point(x: &[u8], y: &[u8], length: usize) -> Option<Vec<u8>> {
    (x.len() == length && y.len() == length).then(|| [&[4], x, y].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(keys: &Value) -> Result<KeySet, OAuthError> {
        KeySet::read(json!({"keys": keys}).as_object().unwrap())
    }

    /// The first key of RFC 7517, appendix A.1.
    fn p256() -> Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        })
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    #[test]
    fn keys_that_are_not_for_signatures_are_left_out() {
        let set = read(&json!([
            with(p256(), "use", json!("enc")),
            with(p256(), "key_ops", json!(["sign"])),
            with(p256(), "crv", json!("P-521")),
            with(p256(), "x", json!("AA")),
            with(p256(), "x", json!("%%")),
            with(p256(), "kty", json!("oct")),
            {"kty": "oct", "k": "c2VjcmV0"},
            {"kty": "RSA"},
            {},
            null,
            1,
        ]))
        .unwrap();

        assert_eq!(set.0.len(), 0);
        for fine in [p256(), with(p256(), "use", json!("sig")), with(p256(), "key_ops", json!(["verify"]))] {
            assert_eq!(read(&json!([fine])).unwrap().0.len(), 1);
        }
    }

    #[test]
    fn a_key_serves_its_own_algorithm_alone() {
        let set = read(&json!([p256()])).unwrap();
        let of_es384 = read(&json!([with(p256(), "alg", json!("ES384"))])).unwrap();

        assert_eq!(set.candidates(Alg::Es256, None).count(), 1);
        for alg in [Alg::Rs256, Alg::Ps256, Alg::Es384, Alg::EdDsa, Alg::Hs256] {
            assert_eq!(set.candidates(alg, None).count(), 0, "{alg}");
        }
        assert_eq!(of_es384.candidates(Alg::Es256, None).count(), 0);
    }

    #[test]
    fn a_kid_picks_its_keys() {
        let set =
            read(&json!([with(p256(), "kid", json!("a")), with(p256(), "kid", json!("b")), p256()])).unwrap();

        assert_eq!(set.candidates(Alg::Es256, Some("a")).count(), 1);
        assert_eq!(set.candidates(Alg::Es256, Some("c")).count(), 0);
        assert_eq!(set.candidates(Alg::Es256, None).count(), 3);
    }

    #[test]
    fn a_set_without_end_is_refused() {
        let many = vec![p256(); LIMIT + 1];

        assert!(matches!(read(&json!(many)), Err(OAuthError::TooManyKeys { .. })));
        assert!(matches!(read(&json!({})), Err(OAuthError::Member { name: "keys", .. })));
    }

    proptest! {
        #[test]
        fn no_key_makes_it_panic(
            kty in "RSA|EC|OKP|oct", crv in "P-256|P-384|Ed25519", x in "[A-Za-z0-9_-]{0,90}",
            message in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let key = json!({"kty": kty, "crv": crv, "x": x, "y": x, "n": x, "e": x});
            for key in read(&json!([key])).unwrap().0 {
                for alg in [Alg::Rs256, Alg::Ps512, Alg::Es256, Alg::Es384, Alg::EdDsa, Alg::Hs256] {
                    prop_assert!(!key.verify(alg, &message, &message));
                }
            }
        }
    }
}
