//! Each provider's sign-in, from the URL to the user.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;
use vestibule_core::Timestamp;
use vestibule_oauth::{
    AuthorizationRequest, CallbackParams, Expected, Identity, OAuthError, RelyingParty, ResponseMode,
    UserInfo, pkce,
};
use vestibule_testkit::TestClock;

use crate::idp::{Idp, NOW};
use crate::subject::{Subject, subjects};

const STATE: &str = "the-state";
const NONCE: &str = "the-nonce";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(crate) fn redirect_uri(id: &str) -> String {
    format!("https://app.example.com/auth/callback/{id}")
}

fn relying_party(idp: &Arc<Idp>) -> RelyingParty {
    RelyingParty::new(idp.clone(), Arc::new(TestClock::at(Timestamp::from_secs(NOW))))
}

/// The URL that the browser is sent to.
pub(crate) async fn authorization_url(subject: Subject) -> String {
    let provider = subject.provider.clone();
    let redirect_uri = redirect_uri(subject.entry.id());
    let idp = Arc::new(Idp::new(subject, NONCE));
    let challenge = pkce::challenge(VERIFIER);
    let request = AuthorizationRequest {
        redirect_uri: &redirect_uri,
        state: Some(STATE),
        nonce: Some(NONCE),
        code_challenge: Some(&challenge),
        params: &[],
    };
    relying_party(&idp).authorization_url(&provider, &request).await.unwrap()
}

/// Who signs in, and what the provider was asked.
async fn identify(subject: Subject) -> (Result<Identity, OAuthError>, String) {
    let provider = subject.provider.clone();
    let redirect_uri = redirect_uri(subject.entry.id());
    let idp = Arc::new(Idp::new(subject, NONCE));
    let mut callback = form_urlencoded::Serializer::new(String::new());
    callback.append_pair("code", "the-code").append_pair("state", STATE);
    if let Some(user) = idp.callback_user() {
        callback.append_pair("user", &user);
    }
    let callback = callback.finish();
    let callback = match provider.response_mode() {
        ResponseMode::Query => CallbackParams::from_query(&callback).unwrap(),
        ResponseMode::FormPost => CallbackParams::from_form(callback.as_bytes()).unwrap(),
    };
    let expected = Expected {
        state: Some(STATE),
        nonce: Some(NONCE),
        code_verifier: Some(VERIFIER),
        redirect_uri: &redirect_uri,
    };
    (relying_party(&idp).identify(&provider, &callback, &expected).await, idp.asked())
}

fn shown(user: &UserInfo) -> Value {
    json!({
        "id": user.id, "name": user.name, "email": user.email, "email_verified": user.email_verified,
        "image": user.image,
    })
}

#[tokio::test]
async fn every_provider_s_user_signs_in() {
    let mut wrong = Vec::new();
    for subject in subjects() {
        let (id, expected) = (subject.entry.id(), subject.expected.clone());
        let identity = identify(subject).await.0.unwrap_or_else(|error| panic!("{id}: {error}"));
        if shown(&identity.user) != expected {
            wrong.push(format!("{id}: {:#}", shown(&identity.user)));
        }
        assert!(identity.user.extra.is_empty(), "{id} has columns that no table has");
    }
    assert!(wrong.is_empty(), "fixtures/providers/<id>/expected.json says otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_said_to_every_provider_is_as_reviewed() {
    for (subject, again) in subjects().into_iter().zip(subjects()) {
        let id = subject.entry.id();
        let url = Url::parse(&authorization_url(again).await).unwrap();
        let mut text = format!("BROWSER {}\n", url.as_str().split('?').next().unwrap());
        for (name, value) in url.query_pairs() {
            let _ = writeln!(text, "    {name} = {value}");
        }
        text.push_str(&identify(subject).await.1);
        insta::assert_snapshot!(id, text);
    }
}

#[tokio::test]
async fn another_s_state_signs_nobody_in_anywhere() {
    for subject in subjects() {
        let provider = subject.provider.clone();
        let idp = Arc::new(Idp::new(subject, NONCE));
        let callback = CallbackParams::from_query("code=the-code&state=another").unwrap();
        let expected = Expected {
            state: Some(STATE),
            nonce: Some(NONCE),
            code_verifier: Some(VERIFIER),
            redirect_uri: "https://app.example.com/auth/callback",
        };

        let refused = relying_party(&idp).identify(&provider, &callback, &expected).await;

        assert!(matches!(refused, Err(OAuthError::StateMismatch)), "{provider:?}");
        assert_eq!(idp.asked(), "");
    }
}
