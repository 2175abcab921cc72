//! The discovery document.

use std::time::Duration;

use http::Response;
use vestibule_http::{Bytes, http};
use vestibule_oauth::{OAuthError, OAuthFailure, ProviderEndpoint};
use vestibule_testkit::{HttpServer, Page};

use crate::support::{World, assert_refused};

const FROM: ProviderEndpoint = ProviderEndpoint::Discovery;

#[tokio::test]
async fn the_document_is_asked_for_once_an_hour() {
    let world = World::new().await;

    for _ in 0..3 {
        world.sign_in(&world.oidc()).await.unwrap();
    }
    assert_eq!((world.fake.requests(Page::Discovery), world.fake.requests(Page::Keys)), (1, 1));

    world.clock.advance(Duration::from_hours(1));
    world.sign_in(&world.oidc()).await.unwrap();
    assert_eq!((world.fake.requests(Page::Discovery), world.fake.requests(Page::Keys)), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_begin_at_once_ask_for_it_once() {
    let world = std::sync::Arc::new(World::new().await);

    let tasks = (0..32).map(|_| {
        let world = std::sync::Arc::clone(&world);
        tokio::spawn(async move { world.sign_in(&world.oidc()).await.map(drop) })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }

    assert_eq!((world.fake.requests(Page::Discovery), world.fake.requests(Page::Keys)), (1, 1));
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    let world = World::new().await;

    world.fake.alter(Page::Discovery, |document| document["issuer"] = "https://evil.example".into());

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::DiscoveryIssuerMismatch { ref got, .. }
        if &**got == "https://evil.example");
}

#[tokio::test]
async fn the_slash_of_a_bare_host_does_not_make_another_issuer() {
    let world = World::new().await;
    let issuer = format!("{}/", world.fake.issuer());
    let (in_document, in_token) = (issuer.clone(), issuer.clone());
    world.fake.alter(Page::Discovery, move |document| document["issuer"] = in_document.clone().into());
    world.fake.alter_claims(move |claims| drop(claims.insert("iss".into(), in_token.clone().into())));
    world.fake.alter_return(move |params| params[2].1.clone_from(&issuer));

    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn the_document_may_be_elsewhere_and_must_name_the_issuer_all_the_same() {
    let world = World::new().await;
    let there = world.fake.url("/.well-known/openid-configuration");

    let provider = world.oidc().with_issuer("https://p.example").with_discovery_url(there);

    assert_refused!(world.refusal(&provider).await, OAuthError::DiscoveryIssuerMismatch { .. });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let target = world.fake.url("/keys");
    world.fake.answer(Page::Discovery, move || {
        Response::builder().status(302).header("location", &target).body(Bytes::new()).unwrap()
    });

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::Status { from: FROM, status: 302 });
    assert_eq!(world.fake.requests(Page::Keys), 0);
}

#[tokio::test]
async fn other_answers_are_refused_each_by_its_name() {
    let world = World::new().await;
    for (status, body) in [(404, "{}"), (201, "{}"), (500, "{}")] {
        world.fake.answer(Page::Discovery, move || {
            Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
        });
        world.clock.advance(Duration::from_secs(2));
        let refused = world.refusal(&world.oidc()).await;
        let down = status == 500;
        assert_eq!(refused.kind(), if down { OAuthFailure::Unreachable } else { OAuthFailure::Invalid });
        assert_refused!(refused, OAuthError::Status { from: FROM, status: got } if got == status);
    }
    for body in ["<html>", "[]", "", "null"] {
        world.fake.answer(Page::Discovery, move || Response::new(Bytes::from_static(body.as_bytes())));
        world.clock.advance(Duration::from_secs(2));
        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::NotJson { from: FROM });
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let world = World::new().await;

    world.fake.answer(Page::Discovery, || Response::new(Bytes::from(vec![b' '; 2 * 1024 * 1024])));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::TooLarge { from: FROM, .. });
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_unreachable() {
    let world = World::new().await;
    let silent = HttpServer::start(|_| std::future::pending()).await;
    let party = world.party.clone().with_timeout(Duration::from_millis(50));

    let provider = world.oidc().with_issuer(silent.url(""));
    let request = vestibule_oauth::AuthorizationRequest {
        redirect_uri: crate::support::REDIRECT_URI,
        state: Some("s"),
        nonce: Some("n"),
        code_challenge: Some("c"),
        params: &[],
    };
    let refused = world.checked(party.authorization_url(&provider, &request).await);

    assert_eq!(refused.kind(), OAuthFailure::Unreachable);
    assert_refused!(refused, OAuthError::Unreachable { from: FROM, .. });
}

#[tokio::test]
async fn a_failure_is_forgotten_after_two_seconds() {
    let world = World::new().await;
    world.fake.answer(Page::Discovery, || Response::builder().status(503).body(Bytes::new()).unwrap());

    world.refusal(&world.oidc()).await;
    world.fake.heal();
    world.refusal(&world.oidc()).await;
    assert_eq!(world.fake.requests(Page::Discovery), 1);

    world.clock.advance(Duration::from_secs(2));
    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn endpoints_without_tls_elsewhere_are_refused() {
    let world = World::new().await;
    for (member, endpoint) in [
        ("authorization_endpoint", ProviderEndpoint::Authorization),
        ("token_endpoint", ProviderEndpoint::Token),
        ("userinfo_endpoint", ProviderEndpoint::UserInfo),
        ("jwks_uri", ProviderEndpoint::Keys),
    ] {
        for url in
            ["http://p.example/x", "javascript:alert(1)", "file:///etc/passwd", "https://u:p@p.example/"]
        {
            world.fake.heal();
            world.fake.alter(Page::Discovery, move |document| document[member] = url.into());
            world.clock.advance(Duration::from_hours(1));
            assert_refused!(world.refusal(&world.oidc()).await, OAuthError::InsecureUrl(which)
                if which == endpoint);
        }
    }
    assert_refused!(
        world.refusal(&world.oidc().with_issuer("http://p.example")).await,
        OAuthError::InsecureUrl(FROM)
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new().await;
    for (member, refusal) in [
        ("issuer", "the discovery endpoint answered without a proper `issuer`"),
        ("authorization_endpoint", "the provider is not set up: there is no authorization endpoint"),
        ("token_endpoint", "the provider is not set up: there is no token endpoint"),
        ("jwks_uri", "the provider is not set up: it is not known where the keys are"),
    ] {
        world.fake.heal();
        world.fake.alter(Page::Discovery, move |document| {
            document.as_object_mut().unwrap().remove(member);
        });
        world.clock.advance(Duration::from_hours(1));
        assert_eq!(world.refusal(&world.oidc()).await.to_string(), refusal);
    }
    world.fake.heal();
    world.fake.alter(Page::Discovery, |document| document["jwks_uri"] = 1.into());
    world.clock.advance(Duration::from_hours(1));
    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::Member { from: FROM, name: "jwks_uri" });
}

#[tokio::test]
async fn a_userinfo_endpoint_is_not_needed_for_the_id_token() {
    let world = World::new().await;
    world.fake.alter(Page::Discovery, |document| {
        document.as_object_mut().unwrap().remove("userinfo_endpoint");
    });

    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn without_discovery_the_data_says_everything() {
    let world = World::new().await;
    let provider = world
        .oidc()
        .with_discovery(false)
        .with_authorization(world.fake.url("/authorize"))
        .with_token(world.fake.url("/token"))
        .with_jwks_uri(world.fake.url("/keys"))
        .with_id_token_alg(vestibule_oauth::Alg::Es256);

    world.sign_in(&provider).await.unwrap();

    assert_eq!(world.fake.requests(Page::Discovery), 0);
}
