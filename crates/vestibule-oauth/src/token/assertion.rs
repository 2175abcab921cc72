//! Assertions by which a client shows who it is (RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};
use vestibule_core::{Random, Timestamp};

use crate::OAuthError;
use crate::provider::{Alg, ClientKey};

/// How long an assertion is good for, in seconds.
const LASTS: i64 = 60;

/// What an assertion says.
pub(crate) struct Assertion<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) audience: Value,
}

impl Assertion<'_> {
    /// Signs it with HMAC under a secret.
    pub(crate) fn under_secret(&self, secret: &str, now: Timestamp, random: &dyn Random) -> String {
        let signed = self.to_sign(Alg::Hs256, None, now, random);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// Signs it with a key.
    pub(crate) fn under_key(
        &self,
        key: &ClientKey,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, OAuthError> {
        let signed = self.to_sign(key.alg(), key.kid(), now, random);
        let signature =
            key.sign(signed.as_bytes()).ok_or(OAuthError::Misconfigured("the client's key does not sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn to_sign(&self, alg: Alg, kid: Option<&str>, now: Timestamp, random: &dyn Random) -> String {
        let mut id = [0; 16];
        random.fill(&mut id);
        let mut header = json!({"alg": alg.as_str()});
        if let Some(kid) = kid {
            header["kid"] = kid.into();
        }
        let now = now.as_secs();
        let claims = json!({
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add(LASTS),
            "jti": URL_SAFE_NO_PAD.encode(id),
        });
        let encoded = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", encoded(header), encoded(claims))
    }
}
