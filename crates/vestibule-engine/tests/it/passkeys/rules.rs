//! What the application has a say in, what it may hear, and how often one may be wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use vestibule_core::AccountType;
use vestibule_engine::{
    CallbackError, Callbacks, Claims, Config, JwtCause, Limit, Limits, Pages, SignInAttempt, SignInDecision,
    SignInMethod, Who,
};
use vestibule_testkit::webauthn::Defect;

use super::{ADA, Place, WRONG, config_with, new_key, open};
use crate::app::ORIGIN;
use crate::oauth::{DENIED, strategies};

/// Decides about passkeys, and writes down what it was asked.
#[derive(Clone)]
struct Says(Arc<Mutex<Vec<String>>>, Option<SignInDecision>);

#[async_trait]
impl Callbacks for Says {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let SignInMethod::WebAuthn { account } = attempt.method else {
            return Ok(SignInDecision::Allow);
        };
        assert_eq!(account.account_type, AccountType::WebAuthn);
        let who = match attempt.who {
            Who::Known(user) => format!("known {}", user.email.as_deref().unwrap()),
            Who::New(user) => format!("new {}", user.email.as_deref().unwrap()),
        };
        self.0.lock().unwrap().push(who);
        self.1.clone().ok_or_else(|| "out of order".into())
    }
}

#[tokio::test]
async fn the_application_refuses_or_leads_elsewhere_before_anything_is_written() {
    let decisions = [
        (Some(SignInDecision::Deny), DENIED),
        (Some(SignInDecision::Redirect("/wait".into())), "http://localhost:3000/wait"),
        (None, DENIED),
    ];
    for strategy in strategies() {
        for (decision, to) in decisions.clone() {
            let place = Place::new(open(), strategy);
            let (_, mut key, _) = place.registered(ADA).await;
            let (mail, grace) = place.by_mail("grace@example.com").await;
            let says = Says(Arc::default(), decision);
            let place = place.asking(says.clone());
            let with = |browser: &crate::app::Browser| {
                let mut browser = browser.clone();
                browser.app = place.app.clone();
                browser
            };

            let known = place.app.browser().show(&mut key).await;
            let mut stranger = place.app.browser();
            let new = stranger.register(&mut new_key(), "email=new@example.com").await;
            let linking = with(&mail).register(&mut new_key(), "action=register").await;

            for answer in [&known, &new, &linking] {
                assert_eq!(answer.location(), Some(to));
                let signs_in = |line: &&str| line.starts_with("authjs.session-token");
                assert_eq!(answer.set_cookies().iter().find(|line| signs_in(line)), None);
            }
            let asked = ["known ada@example.com", "new new@example.com", "known grace@example.com"];
            assert_eq!(*says.0.lock().unwrap(), asked);
            assert_eq!(place.app.user("new@example.com").await, None);
            assert_eq!((place.keys(&grace).await, place.accounts(&grace).await), (vec![], vec![]));
        }
    }
}

/// Puts the cause into the token.
struct Marks;

#[async_trait]
impl Callbacks for Marks {
    async fn jwt(&self, mut claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        if let JwtCause::SignIn { account, is_new_user, .. } = cause {
            claims.insert("kind", account.map(|account| account.account_type.as_str().to_owned()));
            claims.insert("isNew", *is_new_user);
        }
        Ok(Some(claims))
    }
}

#[tokio::test]
async fn a_token_is_made_with_the_account() {
    let place = Place::new(open(), strategies()[1]).asking(Marks);
    let mut browser = place.app.browser();

    browser.register(&mut new_key(), "email=ada@example.com").await;

    let cookies = browser.cookie_header().parse().unwrap();
    let headers = [(http::header::COOKIE, cookies)].into_iter().collect();
    let session = place.app.engine.session(&http::Uri::from_static("/"), &headers).await.unwrap().unwrap();
    assert_eq!(session.claims().unwrap().text("kind"), Some("webauthn"));
    assert_eq!(session.claims().unwrap().get("isNew").and_then(as_bool), Some(true));
}

fn as_bool(claim: &impl serde::Serialize) -> Option<bool> {
    serde_json::to_value(claim).unwrap().as_bool()
}

#[tokio::test]
async fn somebody_new_is_led_to_the_page_for_them() {
    let pages = Pages { new_user: Some("/welcome".into()), ..Pages::default() };
    let place = Place::with(config_with(open(), strategies()[0]).with_pages(pages));
    let mut key = new_key();

    let new = place.app.browser().register(&mut key, "email=ada@example.com").await;
    let known = place.app.browser().show(&mut key).await;

    assert_eq!(new.location(), Some("/welcome?callbackUrl=http%3A%2F%2Flocalhost%3A3000"));
    assert_eq!(known.location(), Some(ORIGIN));
}

fn limited(limits: Limits) -> Config {
    config_with(open(), strategies()[0]).with_limits(limits).with_trusted_proxies(0)
}

/// One machine that answers wrong locks nobody out: a signature is not guessed.
#[tokio::test]
async fn wrong_answers_lock_no_network_out() {
    let place = Place::with(limited(Limits::new()));
    let (_, mut key, _) = place.registered(ADA).await;
    for _ in 0..60 {
        let wrong = place.app.browser_at("203.0.113.1").show(key.misbehave(Defect::SignatureFlipped)).await;
        assert_eq!(wrong.location(), Some(WRONG));
        let mut browser = place.app.browser_at("203.0.113.1");
        browser.asked("action=authenticate").await;
        let malformed = browser.answer("authenticate", &serde_json::json!({})).await;
        assert_eq!(malformed.location(), Some(WRONG));
    }

    assert_eq!(place.app.browser_at("203.0.113.1").show(&mut key).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn addresses_to_register_are_limited_by_network() {
    let limit = Limit::new(2, Duration::from_hours(1));
    let place = Place::with(limited(Limits::off().with_passkey_addresses_per_network(limit)));
    for _ in 0..2 {
        assert_eq!(place.app.browser_at("203.0.113.1").options("email=a@example.com").await.status(), 200);
    }

    let blocked = place.app.browser_at("203.0.113.1").options("email=a@example.com").await;

    assert_eq!(blocked.status(), 429);
    assert_eq!(place.app.browser_at("203.0.113.2").options("email=a@example.com").await.status(), 200);
    place.app.clock.advance(Duration::from_hours(2));
    assert_eq!(place.app.browser_at("203.0.113.1").options("email=a@example.com").await.status(), 200);
}

/// A challenge counts for one key, but anybody who is signed in can ask for as many as they like.
#[tokio::test]
async fn a_user_has_fifty_passkeys_and_no_more() {
    let place = Place::new(open(), strategies()[1]);
    let (mut browser, ada) = place.by_mail(ADA).await;
    for _ in 0..49 {
        browser.register(&mut new_key(), "action=register").await;
    }
    let mut kept = browser.clone();
    let asked = kept.asked("action=register").await;
    let too_late = new_key().register(ORIGIN, &asked["options"]);
    let mut last = new_key();
    let answer = browser.register(&mut last, "action=register").await;
    assert_eq!(answer.location(), Some(ORIGIN));
    let log = crate::secrecy::Log::default();
    let guard = log.listen();

    let refused = kept.answer("register", &too_late).await;
    let options = browser.options("action=register").await;

    drop(guard);
    assert_eq!(refused.location(), Some(WRONG));
    assert_eq!(options.status(), 400);
    assert!(options.text().contains("Too many passkeys"), "{}", options.text());
    assert_eq!(log.text().matches("as many passkeys as anybody may have").count(), 2, "{}", log.text());
    assert_eq!((place.keys(&ada).await.len(), place.accounts(&ada).await.len()), (50, 50));
    assert_eq!(place.app.browser().show(&mut last).await.location(), Some(ORIGIN));
}

/// Somebody has registered the address with a key where that was allowed: at an Auth.js application on the same tables, at a
/// provider with another id, or here before.
#[tokio::test]
async fn a_link_signs_nobody_into_what_was_registered_where_that_was_allowed() {
    for strategy in strategies() {
        for id in ["passkey", "another"] {
            let open_place = Place::new(open(), strategy);
            let (mut eve, mut key, user) = open_place.registered(ADA).await;
            let shared = |provider| {
                let mut place = Place::with(config_with(provider, strategy));
                let parts = open_place.app.engine.parts().clone();
                place.app.engine = vestibule_engine::Engine::new(place.config.clone(), parts).unwrap();
                crate::app::App { engine: place.app.engine, ..open_place.app.clone() }
            };
            let app = shared(vestibule_engine::WebAuthnProvider::passkey().with_id(id));
            let mut ada = app.browser();

            let link = ada.ask_for_link(ADA).await;
            let refused = ada.redeem(&link).await;

            let to = "http://localhost:3000/auth/signin?error=OAuthAccountNotLinked";
            assert_eq!(refused.location(), Some(to), "{id}");
            assert_eq!(open_place.who(&ada).await, None);
            assert_eq!(app.user(ADA).await.unwrap().email_verified, None);
            if id == "passkey" {
                // The key is still good for whom it was.
                assert_eq!(app.browser().show(&mut key).await.location(), Some(ORIGIN));
            }
            // Whoever has both the session and the address has shown that they are one.
            eve.app = app.clone();
            let link = eve.ask_for_link(ADA).await;
            assert_eq!(eve.redeem(&link).await.location(), Some(ORIGIN));
            assert_eq!(open_place.who(&eve).await, Some(user.id));
        }
    }
}

/// Somebody registers an address that is not theirs, and waits for its owner.
#[tokio::test]
async fn a_link_signs_nobody_into_what_somebody_else_has_registered() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut eve, ..) = place.registered(ADA).await;
        let mut ada = place.app.browser();

        let link = ada.ask_for_link(ADA).await;
        let refused = ada.redeem(&link).await;
        // Whoever has both the session and the address has shown that they are one.
        let link = eve.ask_for_link(ADA).await;
        let allowed = eve.redeem(&link).await;

        assert_eq!(refused.location(), Some("http://localhost:3000/auth/signin?error=OAuthAccountNotLinked"));
        assert_eq!(place.who(&ada).await, None);
        assert_eq!(allowed.location(), Some(ORIGIN));
        assert!(place.app.user(ADA).await.unwrap().email_verified.is_some());
    }
}
