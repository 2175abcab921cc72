//! An application without a store: what it can do, what it must not be asked for, and that the original does the same.

mod original;
mod refusals;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use vestibule_engine::oauth::{Checks, Kind, Provider};
use vestibule_engine::{
    CallbackError, Callbacks, Config, Engine, OAuthProvider, Pages, Parts, SignInAttempt, SignInDecision,
    SignInMethod,
};
use vestibule_http::{HttpClient, HttpError, Limits};
use vestibule_token::{Claims, SessionKeys};

use crate::app::{App, Browser, ORIGIN, SECRET};

/// What providers answer, whatever they are asked.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    pub(super) token: Value,
    pub(super) userinfo: Value,
}

impl Default for StandIn {
    fn default() -> Self {
        Self {
            token: json!({"access_token": "at", "token_type": "Bearer", "scope": "read"}),
            userinfo: json!({
                "id": "ada-7", "name": "Ada", "email": "Ada@Example.com", "picture": "https://other.example/ada.png",
                "plan": "gold",
            }),
        }
    }
}

#[async_trait]
impl HttpClient for StandIn {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        let answer = if request.method() == Method::POST { &self.token } else { &self.userinfo };
        Ok(Response::new(answer.to_string().into()))
    }
}

pub(super) fn provider(id: &str) -> OAuthProvider {
    let provider = Provider::new(id, "Other", Kind::OAuth)
        .with_client_id("app")
        .with_client_secret("secret")
        .with_authorization("https://other.example/authorize")
        .with_token("https://other.example/token")
        .with_user_info("https://other.example/userinfo")
        .with_checks(Checks { pkce: true, state: true, nonce: false });
    OAuthProvider::new(provider)
}

pub(super) fn config() -> Config {
    let pages = Pages { new_user: Some("/welcome".into()), ..Pages::default() };
    Config::new(SECRET)
        .with_base_url(ORIGIN)
        .with_provider(provider("other"))
        .with_provider(provider("another"))
        .with_pages(pages)
}

pub(super) fn parts() -> Parts {
    Parts::without_store().with_http_client(Arc::new(StandIn::default()))
}

/// A browser of an application without a store. That of the test's application, which has one, is left alone.
pub(super) fn browser(config: Config, parts: Parts) -> Browser {
    let app = App::new();
    let parts = parts.with_clock(Arc::new(app.clock.clone()));
    App { engine: Engine::new(config, parts).unwrap(), ..app }.browser()
}

pub(super) async fn sign_in(browser: &mut Browser, provider: &str) -> crate::app::Answer {
    let to = browser.leave_with(provider, &[("callbackUrl", "/home")]).await;
    let to = url::Url::parse(&to).unwrap();
    let state = to.query_pairs().find(|(name, _)| name == "state").unwrap().1;
    browser.get(&format!("/auth/callback/{provider}?code=code&state={state}")).await
}

pub(super) fn claims(browser: &Browser) -> Claims {
    let keys = SessionKeys::new(&[SECRET], "authjs.session-token");
    keys.open(&browser.cookies["authjs.session-token"], browser.app.now().as_secs()).unwrap()
}

#[tokio::test]
async fn whoever_comes_from_a_provider_is_who_the_provider_tells_of() {
    let mut browser = browser(config(), parts());

    let answer = sign_in(&mut browser, "other").await;

    assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some("http://localhost:3000/home")));
    let user = json!({"name": "Ada", "email": "ada@example.com", "image": "https://other.example/ada.png"});
    assert_eq!(browser.get("/auth/session").await.json()["user"], user);
}

#[tokio::test]
async fn somebody_has_one_id_for_good_and_it_is_nobody_elses() {
    let subject = async |provider: &str| {
        let mut browser = browser(config(), parts());
        sign_in(&mut browser, provider).await;
        claims(&browser).text("sub").unwrap().to_owned()
    };

    let (first, second, elsewhere) =
        (subject("other").await, subject("other").await, subject("another").await);

    assert_eq!(first, "0d66dc58-a50d-84ce-8200-d09c47697235");
    assert_eq!(second, first);
    assert_ne!(elsewhere, first);
}

#[tokio::test]
async fn who_signs_in_again_is_who_the_other_provider_tells_of() {
    let mut browser = browser(config(), parts());
    sign_in(&mut browser, "other").await;
    let before = claims(&browser).text("sub").unwrap().to_owned();

    let answer = sign_in(&mut browser, "another").await;

    assert_eq!(answer.location(), Some("http://localhost:3000/home"));
    assert_ne!(claims(&browser).text("sub"), Some(&*before));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let mut browser = browser(config(), parts());
    sign_in(&mut browser, "other").await;

    let answer = browser.post("/auth/signout", &[]).await;

    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

/// Lets in nobody of this address, and takes note of who asked.
#[derive(Clone, Default)]
struct Doorman(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Callbacks for Doorman {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let SignInMethod::OAuth { account, profile } = attempt.method else { return Ok(false.into()) };
        let text = format!(
            "{} {} {}",
            attempt.who.email().unwrap(),
            account.provider_account_id.as_str(),
            profile["plan"]
        );
        self.0.lock().unwrap().push(text);
        Ok((profile["plan"] == "silver").into())
    }
}

#[tokio::test]
async fn the_application_has_its_say() {
    let doorman = Doorman::default();
    let mut browser = browser(config(), parts().with_callbacks(doorman.clone()));

    let answer = sign_in(&mut browser, "other").await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=AccessDenied"));
    assert!(browser.session_token().is_none());
    assert_eq!(*doorman.0.lock().unwrap(), ["ada@example.com ada-7 \"gold\""]);
}
