//! What the crate `openidconnect` thinks of an ID token.

use openidconnect::core::{
    CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm as Alg,
};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, Nonce};
use serde_json::Value;
use vestibule_testkit::FakeProvider;

/// Accepts the ID token of a token response, or says why not.
pub(crate) fn judge(case: &Value) -> Result<(), String> {
    let keys: CoreJsonWebKeySet =
        serde_json::from_value(case["jwks"].clone()).map_err(|error| error.to_string())?;
    let issuer = case["as"]["issuer"].as_str().expect("an issuer").to_owned();
    let token: CoreIdToken =
        serde_json::from_value(case["answer"]["id_token"].clone()).map_err(|error| error.to_string())?;
    let (now, nonce) = (case["now"].as_i64().expect("a number"), Nonce::new("the nonce".to_owned()));
    let verifier = CoreIdTokenVerifier::new_confidential_client(
        ClientId::new(FakeProvider::CLIENT_ID.to_owned()),
        ClientSecret::new(FakeProvider::CLIENT_SECRET.to_owned()),
        IssuerUrl::new(issuer).map_err(|error| error.to_string())?,
        keys,
    )
    .set_allowed_algs([
        Alg::RsaSsaPkcs1V15Sha256,
        Alg::RsaSsaPssSha256,
        Alg::EcdsaP256Sha256,
        Alg::EcdsaP384Sha384,
        Alg::EdDsa,
    ])
    .set_time_fn(move || chrono::DateTime::from_timestamp(now, 0).expect("a time"));
    token.claims(&verifier, &nonce).map(drop).map_err(|error| format!("{error:?}"))
}
