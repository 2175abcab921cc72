//! What the browser brings back, and must not.

use vestibule_oauth::{CallbackParams, Check, Checks, Expected, Kind, OAuthError, OAuthFailure};
use vestibule_testkit::Page;

use crate::support::{World, assert_refused};

fn set(name: &'static str, value: &'static str) -> impl Fn(&mut Vec<(String, String)>) {
    move |params| {
        params.retain(|(known, _)| known != name);
        params.push((name.to_owned(), value.to_owned()));
    }
}

fn without(name: &'static str) -> impl Fn(&mut Vec<(String, String)>) {
    move |params| params.retain(|(known, _)| known != name)
}

#[tokio::test]
async fn a_state_of_another_browser_is_refused() {
    let world = World::new().await;

    world.fake.alter_return(set("state", "the state of another browser"));
    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::StateMismatch);

    world.fake.heal();
    world.fake.alter_return(without("state"));
    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::StateMismatch);
    assert_eq!(world.fake.requests(Page::Token), 0);
}

#[tokio::test]
async fn a_callback_of_another_issuer_is_refused() {
    let world = World::new().await;

    world.fake.alter_return(set("iss", "https://evil.example"));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::CallbackIssuerMismatch { ref got, .. }
        if &**got == "https://evil.example");
    let oauth = world.oauth().with_issuer(world.fake.issuer());
    assert_refused!(world.refusal(&oauth).await, OAuthError::CallbackIssuerMismatch { .. });
    assert_eq!(world.fake.requests(Page::Token), 0);
}

#[tokio::test]
async fn an_issuer_that_was_promised_must_come() {
    let world = World::new().await;

    world.fake.alter_return(without("iss"));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::CallbackIssuerMissing);
    // Where it was not promised, it need not.
    world.sign_in(&world.oauth().with_issuer(world.fake.issuer())).await.unwrap();
}

#[tokio::test]
async fn an_error_of_the_provider_is_told() {
    let world = World::new().await;
    world.fake.alter_return(without("code"));
    world.fake.alter_return(set("error", "access_denied"));
    world.fake.alter_return(set("error_description", "the user\r\nsaid no"));

    let refused = world.refusal(&world.oidc()).await;

    assert_eq!(refused.to_string(), "the provider refused: access_denied (the user  said no)");
    assert_eq!(refused.kind(), OAuthFailure::Refused);
}

#[tokio::test]
async fn an_error_with_a_wrong_state_is_not_even_read() {
    let world = World::new().await;
    world.fake.alter_return(set("error", "access_denied"));
    world.fake.alter_return(set("state", "x"));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::StateMismatch);
}

#[tokio::test]
async fn an_error_together_with_a_code_is_an_error() {
    let world = World::new().await;
    world.fake.alter_return(set("error", "access_denied"));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::ProviderRefused { .. });
    assert_eq!(world.fake.requests(Page::Token), 0);
}

#[tokio::test]
async fn a_callback_without_a_code_is_refused() {
    let world = World::new().await;
    world.fake.alter_return(without("code"));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::CodeMissing);
}

#[tokio::test]
async fn responses_of_other_kinds_are_refused() {
    let world = World::new().await;
    for name in ["response", "id_token", "token"] {
        world.fake.heal();
        world.fake.alter_return(set(name, "x"));

        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::UnexpectedParameter(which)
            if which == name);
    }
}

#[tokio::test]
async fn a_parameter_twice_is_refused() {
    let world = World::new().await;
    world.fake.alter_return(|params| params.push(("code".to_owned(), "another".to_owned())));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::DuplicateParameter("code"));
}

#[tokio::test]
async fn a_check_that_is_on_is_never_skipped() {
    let world = World::new().await;
    let returned = world.leave(&world.oidc()).await.unwrap();
    let callback = CallbackParams::from_query(&returned.params).unwrap();
    for (missing, expected) in [
        (Check::State, Expected { state: None, ..world.expected() }),
        (Check::State, Expected { state: Some(""), ..world.expected() }),
        (Check::Nonce, Expected { nonce: None, ..world.expected() }),
        (Check::Pkce, Expected { code_verifier: None, ..world.expected() }),
    ] {
        let result = world.party.identify(&world.oidc(), &callback, &expected).await;
        assert_refused!(world.checked(result), OAuthError::CheckMissing(which) if which == missing);
    }
    let expected = Expected { code_verifier: Some("short"), ..world.expected() };
    let result = world.party.identify(&world.oidc(), &callback, &expected).await;
    assert_refused!(world.checked(result), OAuthError::CodeVerifierInvalid);
    assert_eq!(world.fake.requests(Page::Token), 0);
}

#[tokio::test]
async fn checks_that_are_off_ask_for_nothing() {
    let world = World::new().await;
    let none = Checks::all(Kind::Oidc).without_nonce().without_pkce().without_state();
    let provider = world.oidc().with_checks(none);
    let returned = world.leave(&provider).await.unwrap();
    let callback = CallbackParams::from_query(&returned.params).unwrap();

    let expected = Expected { redirect_uri: crate::support::REDIRECT_URI, ..Expected::default() };
    world.party.identify(&provider, &callback, &expected).await.unwrap();

    assert!(!returned.params.contains("state="));
}
