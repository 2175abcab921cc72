//! ID tokens that are wrong in one thing each.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_core::Clock as _;
use vestibule_oauth::{Alg, OAuthError};
use vestibule_testkit::{Page, Signing};

use crate::support::{World, assert_refused};

impl World {
    /// Why an ID token with this claim is refused.
    async fn refusal_of_claim(&self, name: &'static str, value: Value) -> OAuthError {
        self.fake.heal();
        self.fake.alter_claims(move |claims| drop(claims.insert(name.into(), value.clone())));
        self.refusal(&self.oidc()).await
    }

    async fn refusal_without_claim(&self, name: &'static str) -> OAuthError {
        self.fake.heal();
        self.fake.alter_claims(move |claims| drop(claims.remove(name)));
        self.refusal(&self.oidc()).await
    }

    async fn refusal_of_header(&self, name: &'static str, value: Value) -> OAuthError {
        self.fake.heal();
        self.fake.alter_header(move |header| drop(header.insert(name.into(), value.clone())));
        self.refusal(&self.oidc()).await
    }

    async fn refusal_of_signing(&self, signing: Signing) -> OAuthError {
        self.fake.heal();
        self.fake.sign(signing);
        self.refusal(&self.oidc()).await
    }
}

#[tokio::test]
async fn a_token_that_nobody_signed_is_refused_even_where_the_document_lists_it() {
    let world = World::new().await;

    assert_refused!(world.refusal_of_signing(Signing::None).await, OAuthError::AlgorithmRefused(ref alg)
        if &**alg == "none");
}

#[tokio::test]
async fn a_published_key_is_no_secret() {
    let world = World::new().await;

    for signing in [Signing::HmacUnderPublicKey, Signing::HmacUnderSecret] {
        assert_refused!(world.refusal_of_signing(signing).await, OAuthError::AlgorithmRefused(ref alg)
            if &**alg == "HS256");
    }
}

#[tokio::test]
async fn hmac_is_understood_where_the_data_says_so_and_only_under_the_secret() {
    let world = World::new().await;
    let provider = world.oidc().with_id_token_alg(Alg::Hs256);

    world.fake.sign(Signing::HmacUnderSecret);
    world.sign_in(&provider).await.unwrap();
    world.fake.sign(Signing::HmacUnderPublicKey);
    assert_refused!(world.refusal(&provider).await, OAuthError::BadSignature);
    world.fake.sign(Signing::Proper);
    assert_refused!(world.refusal(&provider).await, OAuthError::AlgorithmRefused(_));
}

#[tokio::test]
async fn a_wrong_signature_is_refused_for_every_kind_of_key() {
    let world = World::new().await;
    for alg in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        world.fake.set_alg(alg);
        world.clock.advance(Duration::from_mins(1));
        for signing in [Signing::Broken, Signing::Stranger] {
            assert_refused!(world.refusal_of_signing(signing).await, OAuthError::BadSignature);
        }
    }
}

#[tokio::test]
async fn a_token_of_another_algorithm_than_agreed_is_refused() {
    let world = World::new().await;

    let provider = world.oidc().with_id_token_alg(Alg::Rs256);

    assert_refused!(world.refusal(&provider).await, OAuthError::AlgorithmRefused(ref alg)
        if &**alg == "ES256");
}

#[tokio::test]
async fn without_a_list_only_rs256_will_do() {
    let world = World::new().await;
    world.fake.alter(Page::Discovery, |document| {
        document.as_object_mut().unwrap().remove("id_token_signing_alg_values_supported");
    });

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::AlgorithmRefused(_));
    world.fake.set_alg("RS256");
    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn a_critical_header_is_refused() {
    let world = World::new().await;

    assert_refused!(world.refusal_of_header("crit", json!(["exp"])).await, OAuthError::CriticalHeader);
}

#[tokio::test]
async fn a_header_that_claims_another_algorithm_of_the_same_key_is_refused() {
    let world = World::new().await;
    world.fake.set_alg("RS256");

    assert_refused!(world.refusal_of_header("alg", json!("PS256")).await, OAuthError::BadSignature);
    assert_refused!(world.refusal_of_header("alg", json!("ES256")).await, OAuthError::KeyUnknown);
}

#[tokio::test]
async fn keys_in_the_header_are_not_looked_at() {
    let world = World::new().await;
    let published = world.fake.url("/keys");
    world.fake.alter_header(move |header| {
        header.insert("jku".into(), published.clone().into());
        header.insert("jwk".into(), json!({"kty": "EC"}));
    });
    world.fake.sign(Signing::Stranger);

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::BadSignature);
}

#[tokio::test]
async fn a_claim_that_is_missing_is_named() {
    let world = World::new().await;
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        assert_refused!(world.refusal_without_claim(name).await, OAuthError::ClaimMissing(which)
            if which == name);
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    let world = World::new().await;
    let almost = format!("{}/", world.fake.issuer());

    for other in ["https://evil.example", &almost] {
        let refused = world.refusal_of_claim("iss", other.into()).await;
        assert_refused!(refused, OAuthError::IssuerMismatch { ref got, .. } if &**got == other);
    }
}

#[tokio::test]
async fn a_token_for_another_client_is_refused() {
    let world = World::new().await;

    for other in [json!("another-client"), json!(["another-client"]), json!([])] {
        assert_refused!(world.refusal_of_claim("aud", other).await, OAuthError::AudienceMismatch);
    }
    let several = json!(["the-client", "another-client"]);
    assert_refused!(world.refusal_of_claim("aud", several).await, OAuthError::AuthorizedPartyMismatch);
}

#[tokio::test]
async fn a_token_has_its_time() {
    let world = World::new().await;
    let now = world.clock.now().as_secs();

    assert_refused!(world.refusal_of_claim("exp", (now - 31).into()).await, OAuthError::Expired);
    assert_refused!(world.refusal_of_claim("nbf", (now + 60).into()).await, OAuthError::NotYetValid);
    assert_refused!(world.refusal_of_claim("iat", (now + 60).into()).await, OAuthError::NotYetValid);
}

#[tokio::test]
async fn a_token_with_another_nonce_or_none_is_refused() {
    let world = World::new().await;

    assert_refused!(world.refusal_of_claim("nonce", json!("replayed")).await, OAuthError::NonceMismatch);
    assert_refused!(world.refusal_without_claim("nonce").await, OAuthError::NonceMismatch);
    world.fake.heal();
    world.fake.alter_claims(|claims| drop(claims.insert("nonce".into(), "unasked".into())));
    let provider = world.oidc().with_checks(world.oidc().checks().without_nonce());
    assert_refused!(world.refusal(&provider).await, OAuthError::NonceMismatch);
}

#[tokio::test]
async fn a_sign_in_at_the_provider_must_be_as_fresh_as_the_data_says() {
    let world = World::new().await;
    let provider = world.oidc().with_authorization_param("max_age", "600");
    let now = world.clock.now().as_secs();

    assert_refused!(world.refusal(&provider).await, OAuthError::ClaimMissing("auth_time"));
    world.fake.alter_claims(move |claims| drop(claims.insert("auth_time".into(), (now - 700).into())));
    assert_refused!(world.refusal(&provider).await, OAuthError::AuthenticationTooOld);
    world.fake.alter_claims(move |claims| drop(claims.insert("auth_time".into(), (now - 600).into())));
    let tokens = world.sign_in(&provider).await.unwrap().tokens;
    // Refreshing is no sign-in.
    world.clock.advance(Duration::from_hours(1));
    world.party.refresh(&provider, &tokens.refresh_token.unwrap(), &"248289761001".into()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_was_paired_with_another_access_token_is_refused() {
    let world = World::new().await;
    for alg in ["ES256", "ES384", "RS512"] {
        world.fake.set_alg(alg);
        world.clock.advance(Duration::from_mins(1));
        let refused = world.refusal_of_claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")).await;
        assert_refused!(refused, OAuthError::AccessTokenMismatch);
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_refused() {
    let world = World::new().await;
    for malformed in ["", "x", "a.b.c", "....", "e30.e30.", "eyJhbGciOiJFUzI1NiJ9.e30.%%"] {
        world.fake.heal();
        world.fake.alter(Page::Token, move |answer| answer["id_token"] = malformed.into());
        let refused = world.refusal(&world.oidc()).await;
        if malformed.is_empty() {
            assert_refused!(refused, OAuthError::IdTokenMissing);
        } else if malformed == "...." {
            assert_refused!(refused, OAuthError::TokenEncrypted);
        } else {
            assert_refused!(refused, OAuthError::TokenMalformed);
        }
    }
}

#[tokio::test]
async fn openid_connect_without_an_id_token_is_none() {
    let world = World::new().await;
    world.fake.alter(Page::Token, |answer| drop(answer.as_object_mut().unwrap().remove("id_token")));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::IdTokenMissing);
}

#[tokio::test]
async fn an_id_token_of_oauth_is_checked_where_it_can_be_and_else_thrown_away() {
    let world = World::new().await;
    let provider = world.oauth().with_scope("openid");
    let with_keys = provider.clone().with_issuer(world.fake.issuer()).with_jwks_uri(world.fake.url("/keys"));
    let with_keys = with_keys.with_id_token_alg(Alg::Es256);

    // OAuth sends no nonce.
    for without_keys in [provider.clone(), provider.clone().with_issuer(world.fake.issuer())] {
        let identity = world.sign_in(&without_keys).await.unwrap();
        assert_eq!(identity.tokens.id_token, None);
    }
    let identity = world.sign_in(&with_keys).await.unwrap();
    assert!(identity.tokens.id_token.is_some());
    world.fake.sign(Signing::Stranger);
    assert_refused!(world.refusal(&with_keys).await, OAuthError::BadSignature);
}
