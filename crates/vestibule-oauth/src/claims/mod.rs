//! What an ID token must say (OpenID Connect Core §3.1.3.7).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use vestibule_core::Timestamp;

use crate::OAuthError;
use crate::issuer::Issuer;
use crate::jose::Verified;
use crate::provider::Alg;
use crate::text::printable;

/// How far apart the clocks may be.
const TOLERANCE: Duration = Duration::from_secs(30);

/// What is asked of the claims.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) issuer: &'a Issuer,
    /// Issuers that the provider's data admits besides.
    pub(crate) also: &'a [&'a str],
    pub(crate) client_id: &'a str,
    pub(crate) now: Timestamp,
    /// The `nonce`; that there must be none; or that it does not matter.
    pub(crate) nonce: Nonce<'a>,
    /// How long ago the user may have signed in at the provider, if that was said.
    pub(crate) max_age: Option<Duration>,
    /// What `at_hash` is the hash of.
    pub(crate) access_token: &'a str,
}

#[derive(Clone, Copy)]
pub(crate) enum Nonce<'a> {
    /// This one.
    Is(&'a str),
    /// There is none.
    Absent,
    /// After a refresh the provider may repeat the old one, which nobody kept.
    Whatever,
}

/// Checks everything that an ID token says.
pub(crate) fn check(token: &Verified, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let claims = &token.claims;
    check_issuer(token, rules.issuer, rules.also)?;
    check_audience(claims, rules.client_id)?;
    times(claims, rules.now)?;
    text(claims, "sub")?;
    nonce(claims, rules.nonce)?;
    age(claims, rules)?;
    at_hash(token, rules.access_token)
}

/// Checks what a signed answer of a userinfo endpoint says: `iss` and `aud`, where it has them.
pub(crate) fn check_user_info(
    token: &Verified,
    issuer: &Issuer,
    also: &[&str],
    client_id: &str,
) -> Result<(), OAuthError> {
    if token.claims.contains_key("iss") {
        check_issuer(token, issuer, also)?;
    }
    if token.claims.contains_key("aud") {
        check_audience(&token.claims, client_id)?;
    }
    Ok(())
}

/// The `sub`, which is not empty.
pub(crate) fn subject(claims: &Map<String, Value>) -> Result<&str, OAuthError> {
    text(claims, "sub")
}

fn check_issuer(token: &Verified, issuer: &Issuer, also: &[&str]) -> Result<(), OAuthError> {
    let got = text(&token.claims, "iss")?;
    let tenant = token.claims.get("tid").and_then(Value::as_str);
    let expected = issuer.for_tenant(tenant).ok_or(OAuthError::ClaimMissing("tid"))?;
    if got != &*expected && !also.contains(&got) {
        return Err(OAuthError::IssuerMismatch { expected: printable(&expected), got: printable(got) });
    }
    // Entra ID has keys for one tenant, and keys for all, which name the issuer as the document does.
    let admitted = |key: &str| key == got || key == &*issuer.text();
    if matches!(issuer, Issuer::AnyTenant { .. })
        && token.key_issuer.as_deref().is_some_and(|key| !admitted(key))
    {
        return Err(OAuthError::KeyUnknown);
    }
    Ok(())
}

fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), OAuthError> {
    let several = match claims.get("aud") {
        Some(Value::String(one)) => {
            return if one == client_id { Ok(()) } else { Err(OAuthError::AudienceMismatch) };
        }
        Some(Value::Array(several)) if several.iter().all(Value::is_string) => several,
        _ => return Err(OAuthError::ClaimMissing("aud")),
    };
    if !several.iter().any(|one| one == client_id) {
        return Err(OAuthError::AudienceMismatch);
    }
    if several.len() > 1 && claims.get("azp").and_then(Value::as_str) != Some(client_id) {
        return Err(OAuthError::AuthorizedPartyMismatch);
    }
    Ok(())
}

fn times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), OAuthError> {
    let expires = time(claims, "exp")?.ok_or(OAuthError::ClaimMissing("exp"))?;
    let issued = time(claims, "iat")?.ok_or(OAuthError::ClaimMissing("iat"))?;
    let valid_from = time(claims, "nbf")?;
    if expires.after(TOLERANCE) <= now {
        return Err(OAuthError::Expired);
    }
    let latest = now.after(TOLERANCE);
    if issued > latest || valid_from.is_some_and(|from| from > latest) {
        return Err(OAuthError::NotYetValid);
    }
    Ok(())
}

fn age(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let Some(max_age) = rules.max_age else { return Ok(()) };
    let signed_in = time(claims, "auth_time")?.ok_or(OAuthError::ClaimMissing("auth_time"))?;
    let oldest = rules.now.before(max_age).before(TOLERANCE);
    if signed_in < oldest { Err(OAuthError::AuthenticationTooOld) } else { Ok(()) }
}

/// A `NumericDate`, which may have a fraction.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, OAuthError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0).ok_or(OAuthError::ClaimMissing(name))?;
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest there is")]
    Ok(Some(Timestamp::from_millis((seconds * 1000.0) as i64)))
}

fn nonce(claims: &Map<String, Value>, rule: Nonce<'_>) -> Result<(), OAuthError> {
    let fine = match (rule, claims.get("nonce")) {
        (Nonce::Is(sent), Some(Value::String(got))) => got.as_bytes().ct_eq(sent.as_bytes()).into(),
        (Nonce::Absent, None) | (Nonce::Whatever, _) => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(OAuthError::NonceMismatch) }
}

/// The left half of the access token's hash, where there is one. For Ed25519 it was never settled which hash is meant.
fn at_hash(token: &Verified, access_token: &str) -> Result<(), OAuthError> {
    let hash: &'static Algorithm = match token.alg {
        Alg::Rs256 | Alg::Ps256 | Alg::Es256 | Alg::Hs256 => &SHA256,
        Alg::Rs384 | Alg::Ps384 | Alg::Es384 => &SHA384,
        Alg::Rs512 | Alg::Ps512 => &SHA512,
        Alg::EdDsa => return Ok(()),
    };
    let Some(got) = token.claims.get("at_hash") else { return Ok(()) };
    let hash = digest(hash, access_token.as_bytes());
    let expected = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
    if got == expected.as_str() { Ok(()) } else { Err(OAuthError::AccessTokenMismatch) }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, OAuthError> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(OAuthError::ClaimMissing(name))
}

#[cfg(test)]
mod tests;
