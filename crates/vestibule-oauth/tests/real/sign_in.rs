//! Signing in at a real provider.

use std::sync::Arc;

use serde_json::Value;
use vestibule_core::{OsRandom, ProviderAccountId, SystemClock};
use vestibule_http::HyperClient;
use vestibule_oauth::{
    Alg, AuthorizationRequest, CallbackParams, ClientAuth, ClientKey, Expected, Identity, Kind, OAuthError,
    ProfileSource, Provider, RelyingParty, pkce,
};

use crate::browser::Browser;
use crate::node::{REDIRECT_URI, RealProvider, is_installed};

fn party() -> RelyingParty {
    RelyingParty::new(Arc::new(HyperClient::new()), Arc::new(SystemClock))
}

/// The data of a client that is registered.
fn client(real: &RealProvider, id: &str) -> Provider {
    let registered = real.client(id);
    let provider =
        Provider::new("real", "Real", Kind::Oidc).with_issuer(real.issuer.clone()).with_client_id(id);
    match &registered["client_secret"] {
        Value::String(secret) => provider.with_client_secret(secret.as_str()),
        _ => provider,
    }
}

/// Everything from the link to the identity.
async fn sign_in(
    party: &RelyingParty,
    real: &RealProvider,
    provider: &Provider,
    user: &str,
) -> Result<Identity, OAuthError> {
    let verifier = pkce::verifier(&OsRandom);
    let (callback, expected) = callback(party, real, provider, user, &verifier).await;
    party.identify(provider, &callback, &expected).await
}

async fn callback<'a>(
    party: &RelyingParty,
    real: &RealProvider,
    provider: &Provider,
    user: &str,
    verifier: &'a str,
) -> (CallbackParams, Expected<'a>) {
    let challenge = pkce::challenge(verifier);
    let request = AuthorizationRequest {
        redirect_uri: REDIRECT_URI,
        state: Some("the state"),
        nonce: Some("the nonce"),
        code_challenge: Some(&challenge),
        params: &[],
    };
    let url = party.authorization_url(provider, &request).await.expect("a URL");
    let back = Browser::new(&real.issuer).sign_in(&url, user).await;
    assert!(back.as_str().starts_with(REDIRECT_URI), "{back}");
    let expected = Expected {
        state: Some("the state"),
        nonce: Some("the nonce"),
        code_verifier: Some(verifier),
        redirect_uri: REDIRECT_URI,
    };
    (CallbackParams::from_query(back.query().unwrap_or_default()).expect("a callback"), expected)
}

#[tokio::test]
async fn a_real_provider_knows_the_client_in_every_way() {
    if !is_installed() {
        return;
    }
    let (real, party) = (RealProvider::start().await, party());
    let key = |id: &str| {
        let pem = real.client(id)["key"].as_str().expect("a key");
        ClientAuth::PrivateKeyJwt(ClientKey::from_pem(pem).expect("a key").with_kid("the-client's-key"))
    };
    for (id, auth) in [
        ("basic", ClientAuth::Basic),
        ("post", ClientAuth::Post),
        ("none", ClientAuth::None),
        ("secret-jwt", ClientAuth::SecretJwt),
        ("key-jwt-RS256", key("key-jwt-RS256")),
        ("key-jwt-ES256", key("key-jwt-ES256")),
        ("key-jwt-ES384", key("key-jwt-ES384")),
        ("key-jwt-EdDSA", key("key-jwt-EdDSA")),
    ] {
        let provider = client(&real, id).with_client_auth(auth);

        let identity = sign_in(&party, &real, &provider, "jane").await;

        assert_eq!(&*identity.expect(id).user.id, "jane", "{id}");
    }
}

#[tokio::test]
async fn a_real_provider_refuses_another_client_and_another_browser() {
    if !is_installed() {
        return;
    }
    let (real, party) = (RealProvider::start().await, party());
    let provider = client(&real, "basic");
    let verifier = pkce::verifier(&OsRandom);

    let (returned, expected) = callback(&party, &real, &provider, "jane", &verifier).await;
    let wrong = provider.clone().with_client_secret("wrong");
    let refused = party.identify(&wrong, &returned, &expected).await.expect_err("a refusal");
    assert!(refused.to_string().starts_with("the token endpoint refused: invalid_client"), "{refused}");

    let other = pkce::verifier(&OsRandom);
    let expected = Expected { code_verifier: Some(&other), ..expected };
    let refused = party.identify(&provider, &returned, &expected).await.expect_err("a refusal");
    assert!(refused.to_string().starts_with("the token endpoint refused: invalid_grant"), "{refused}");
}

#[tokio::test]
async fn a_real_provider_signs_with_every_algorithm_and_with_new_keys() {
    if !is_installed() {
        return;
    }
    let mut real = RealProvider::start().await;
    let clock = vestibule_testkit::TestClock::at(vestibule_core::Clock::now(&SystemClock));
    let party = RelyingParty::new(Arc::new(HyperClient::new()), Arc::new(clock.clone()));
    for generation in 1..=2 {
        for alg in [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::Es384, Alg::EdDsa, Alg::Hs256] {
            let provider = client(&real, &format!("signed-{alg}"));
            let provider = if alg == Alg::Hs256 { provider.with_id_token_alg(alg) } else { provider };

            let identity = sign_in(&party, &real, &provider, "jane").await;

            assert_eq!(identity.unwrap().user.email.as_deref(), Some("jane@example.com"));
        }
        if generation == 1 {
            real.rotate().await;
            clock.advance(std::time::Duration::from_secs(30));
        }
    }
}

#[tokio::test]
async fn a_real_userinfo_endpoint_is_read_plain_and_signed() {
    if !is_installed() {
        return;
    }
    let (real, party) = (RealProvider::start().await, party());
    let plain = client(&real, "basic").with_profile_source(ProfileSource::UserInfo);
    let signed = client(&real, "user-info-signed")
        .with_profile_source(ProfileSource::UserInfo)
        .with_user_info_alg(Alg::Es256);

    for provider in [plain, signed] {
        let user = sign_in(&party, &real, &provider, "jane").await.expect("an identity").user;

        assert_eq!(user.name.as_deref(), Some("Jane Doe"));
        assert_eq!(user.email_verified, Some(true));
        assert_eq!(user.image.as_deref(), Some("https://example.com/jane.jpg"));
    }
}

#[tokio::test]
async fn a_real_provider_refreshes_and_notices_a_token_that_was_used() {
    if !is_installed() {
        return;
    }
    let (real, party) = (RealProvider::start().await, party());
    let provider = client(&real, "basic");
    let identity = sign_in(&party, &real, &provider, "jane").await.expect("an identity");
    let first = identity.tokens.refresh_token.expect("a refresh token");
    let account = ProviderAccountId::from(&*identity.user.id);

    let tokens = party.refresh(&provider, &first, &account).await.expect("new tokens");
    assert_ne!(tokens.refresh_token.as_ref(), Some(&first));
    assert!(tokens.id_token.is_some());
    let refused = party.refresh(&provider, &first, &account).await.expect_err("a refusal");
    assert!(refused.to_string().starts_with("the token endpoint refused: invalid_grant"), "{refused}");
}
