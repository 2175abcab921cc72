//! The token endpoint.

use http::Response;
use serde_json::json;
use tokio::net::TcpListener;
use vestibule_http::{Bytes, http};
use vestibule_oauth::{OAuthError, OAuthFailure, ProviderEndpoint};
use vestibule_testkit::{HttpServer, Page};

use crate::support::{REDIRECT_URI, World, assert_refused};

const FROM: ProviderEndpoint = ProviderEndpoint::Token;

#[tokio::test]
async fn the_request_says_what_the_originals_say() {
    let world = World::new().await;

    world.sign_in(&world.oidc()).await.unwrap();

    let request = world.fake.last_request(Page::Token).unwrap();
    let verifier = world.expected().code_verifier.unwrap();
    let redirect_uri = REDIRECT_URI.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(
        std::str::from_utf8(request.body()).unwrap(),
        format!(
            "redirect_uri={redirect_uri}&code=code-1&code_verifier={verifier}&grant_type=authorization_code"
        )
    );
    let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("accept"), "application/json");
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert!(header("authorization").starts_with("Basic dGhlLWNsaWVudDp0aGUrc2VjcmV0"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let elsewhere = HttpServer::answering(200, "{}").await;
    let target = elsewhere.url("/token");
    for status in [302, 307, 308] {
        let target = target.clone();
        world.fake.answer(Page::Token, move || {
            Response::builder().status(status).header("location", &target).body(Bytes::new()).unwrap()
        });

        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::Status { from: FROM, status: got }
            if got == status);
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn an_outage_is_an_outage_and_a_refusal_a_refusal() {
    let world = World::new().await;
    for (status, body, failure) in [
        (500, "", OAuthFailure::Unreachable),
        (503, r#"{"error": "temporarily_unavailable"}"#, OAuthFailure::Unreachable),
        (429, "{}", OAuthFailure::Unreachable),
        (400, r#"{"error": "invalid_grant"}"#, OAuthFailure::Invalid),
        (200, r#"{"error": "bad_verification_code"}"#, OAuthFailure::Invalid),
        (404, "<html>", OAuthFailure::Invalid),
        (200, "<html>", OAuthFailure::Invalid),
    ] {
        world.fake.answer(Page::Token, move || {
            Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
        });

        assert_eq!(world.refusal(&world.oidc()).await.kind(), failure, "{status} {body}");
    }
}

#[tokio::test]
async fn a_code_is_sent_once_even_if_no_answer_comes() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = world.oidc().with_token(format!("http://{}/token", listener.local_addr().unwrap()));
    let returned = world.leave(&provider).await.unwrap();
    let (mut taken, mut refused) = (0, None);

    // Reads each request, and goes away without an answer.
    let mut coming_back = std::pin::pin!(world.come_back(&provider, &returned.params));
    while refused.is_none() {
        tokio::select! {
            result = &mut coming_back => refused = Some(world.checked(result)),
            accepted = listener.accept() => {
                taken += 1;
                accepted.unwrap().0.readable().await.unwrap();
            }
        }
    }

    assert_eq!(refused.unwrap().kind(), OAuthFailure::Unreachable);
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let world = World::new().await;
    world.fake.answer(Page::Token, || Response::new(Bytes::from(vec![b' '; 2 * 1024 * 1024])));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::TooLarge { from: FROM, .. });
}

#[tokio::test]
async fn members_that_nobody_asked_for_are_dropped() {
    let world = World::new().await;
    world.fake.alter(Page::Token, |answer| {
        answer["ext_expires_in"] = json!(7200);
        answer["not-before-policy"] = json!(0);
        answer["expires_in"] = json!("60");
    });

    let tokens = world.sign_in(&world.oidc()).await.unwrap().tokens;

    assert_eq!(tokens.expires_at.unwrap().as_secs(), 1_795_179_973 + 60);
}

#[tokio::test]
async fn only_bearer_tokens_are_taken() {
    let world = World::new().await;
    for kind in ["DPoP", "mac", "N_A"] {
        world.fake.alter(Page::Token, move |answer| answer["token_type"] = kind.into());
        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::TokenTypeRefused(ref got)
            if **got == *kind.to_lowercase());
    }
}
