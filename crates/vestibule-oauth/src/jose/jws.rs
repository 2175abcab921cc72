//! The compact serialization.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Map, Value};

use super::KeySet;
use crate::OAuthError;
use crate::provider::Alg;
use crate::text::printable;

/// A signed token that was taken apart, and not verified.
pub(crate) struct Compact<'a> {
    alg: Alg,
    kid: Option<Box<str>>,
    signed: &'a str,
    signature: Vec<u8>,
    payload: Vec<u8>,
}

/// The claims of a token whose signature is right, and of nothing else.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) claims: Map<String, Value>,
    pub(crate) alg: Alg,
    /// The one issuer that the key is for.
    pub(crate) key_issuer: Option<Box<str>>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart. `allowed` says of an algorithm whether it is.
    pub(crate) fn parse(token: &'a str, allowed: impl Fn(Alg) -> bool) -> Result<Self, OAuthError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(OAuthError::TokenMalformed)?;
        let (header, payload) = match signed.split('.').collect::<Vec<_>>()[..] {
            [header, payload] => (header, payload),
            [_, _, _, _] => return Err(OAuthError::TokenEncrypted),
            _ => return Err(OAuthError::TokenMalformed),
        };
        let decoded = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| OAuthError::TokenMalformed);
        let header: Map<String, Value> =
            serde_json::from_slice(&decoded(header)?).map_err(|_| OAuthError::TokenMalformed)?;
        let Some(Value::String(name)) = header.get("alg") else { return Err(OAuthError::TokenMalformed) };
        let alg = Alg::from_name(name)
            .filter(|alg| allowed(*alg))
            .ok_or_else(|| OAuthError::AlgorithmRefused(printable(name)))?;
        if header.contains_key("crit") {
            return Err(OAuthError::CriticalHeader);
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(Box::from(&**kid)),
            Some(_) => return Err(OAuthError::TokenMalformed),
        };
        Ok(Self { alg, kid, signed, signature: decoded(signature)?, payload: decoded(payload)? })
    }

    pub(crate) fn alg(&self) -> Alg {
        self.alg
    }

    /// Whether the token says which key signed it.
    pub(crate) fn names_its_key(&self) -> bool {
        self.kid.is_some()
    }

    /// The claims, if one of the keys signed them. A token that names no key is tried with all that fit.
    pub(crate) fn verify(&self, keys: &KeySet) -> Result<Verified, OAuthError> {
        let mut error = OAuthError::KeyUnknown;
        for key in keys.candidates(self.alg, self.kid.as_deref()) {
            if key.verify(self.alg, self.signed.as_bytes(), &self.signature) {
                return self.verified(key.issuer());
            }
            error = OAuthError::BadSignature;
        }
        Err(error)
    }

    /// The claims, if they were signed with HMAC under this secret.
    pub(crate) fn verify_hmac(&self, secret: &str) -> Result<Verified, OAuthError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        match hmac::verify(&key, self.signed.as_bytes(), &self.signature) {
            Ok(()) if self.alg == Alg::Hs256 => self.verified(None),
            _ => Err(OAuthError::BadSignature),
        }
    }

    fn verified(&self, key_issuer: Option<&str>) -> Result<Verified, OAuthError> {
        let claims = serde_json::from_slice(&self.payload).map_err(|_| OAuthError::TokenMalformed)?;
        Ok(Verified { claims, alg: self.alg, key_issuer: key_issuer.map(Into::into) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// RFC 7515, appendix A.3.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN\
        vbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg\
        6NU1Q";

    fn keys() -> KeySet {
        let key = json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        KeySet::read(json!({"keys": [key]}).as_object().unwrap()).unwrap()
    }

    fn parse(token: &str) -> Result<Compact<'_>, OAuthError> {
        Compact::parse(token, |_| true)
    }

    fn token(header: &Value) -> String {
        format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode("{}"))
    }

    #[test]
    fn the_example_of_rfc_7515_verifies_and_a_changed_one_does_not() {
        let verified = parse(ES256).unwrap().verify(&keys()).unwrap();
        let changed = ES256.replace("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Uj");

        assert_eq!(verified.claims["iss"], "joe");
        assert_eq!(verified.alg, Alg::Es256);
        assert!(matches!(parse(&changed).unwrap().verify(&keys()), Err(OAuthError::BadSignature)));
    }

    #[test]
    fn an_algorithm_that_is_not_allowed_is_refused_before_anything_else() {
        let refused = |token: &str, allowed: Alg| match Compact::parse(token, |alg| alg == allowed) {
            Err(OAuthError::AlgorithmRefused(name)) => Some(name),
            _ => None,
        };

        assert_eq!(refused(ES256, Alg::Rs256).as_deref(), Some("ES256"));
        for name in ["none", "NONE", "HS256", "HS512", "es256", "ES256K"] {
            assert_eq!(refused(&token(&json!({"alg": name})), Alg::Es256).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_critical_is_not_understood() {
        for critical in [json!(["exp"]), json!([]), json!(null)] {
            let token = token(&json!({"alg": "ES256", "crit": critical}));
            assert!(matches!(parse(&token), Err(OAuthError::CriticalHeader)));
        }
    }

    #[test]
    fn an_encrypted_token_is_told_from_a_malformed_one() {
        assert!(matches!(parse("a.b.c.d.e"), Err(OAuthError::TokenEncrypted)));
        let good = token(&json!({"alg": "ES256"}));
        for malformed in [
            "",
            "a",
            "a.b",
            "a.b.c",
            "..",
            "a.b.c.d",
            "a.b.c.d.e.f",
            &good.replace(".AA", ".AA="),
            &good.replace(".AA", ".A"),
            &good.replace(".AA", ".AB"),
            &token(&json!({"alg": 1})),
            &token(&json!({})),
            &token(&json!([])),
            &token(&json!({"alg": "ES256", "kid": 1})),
        ] {
            assert!(matches!(parse(malformed), Err(OAuthError::TokenMalformed)), "{malformed}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9_.{}\"-]{0,200}") {
            if let Ok(token) = parse(&text) {
                drop(token.verify(&keys()));
            }
        }

        #[test]
        fn no_header_and_payload_make_it_panic(
            header in "\\{\"alg\":\"(ES256|RS256|EdDSA)\",\"kid\":\".{0,8}\"\\}",
            payload in ".{0,40}", signature in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let encoded = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
            let token =
                format!("{}.{}.{}", encoded(header.as_bytes()), encoded(payload.as_bytes()), encoded(&signature));
            if let Ok(token) = parse(&token) {
                prop_assert!(token.verify(&keys()).is_err());
            }
        }
    }
}
