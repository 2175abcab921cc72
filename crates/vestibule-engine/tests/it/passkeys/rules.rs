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

#[tokio::test]
async fn wrong_answers_are_limited_and_right_ones_are_not() {
    let limit = Limit::new(2, Duration::from_hours(1));
    let place = Place::with(limited(Limits::off().with_passkey_failures_per_network(limit)));
    let (_, mut key, _) = place.registered(ADA).await;
    for _ in 0..5 {
        let answer = place.app.browser_at("203.0.113.1").show(&mut key).await;
        assert_eq!(answer.location(), Some(ORIGIN));
    }
    for _ in 0..2 {
        let wrong = place.app.browser_at("203.0.113.1").show(key.misbehave(Defect::SignatureFlipped)).await;
        assert_eq!(wrong.location(), Some(WRONG));
    }

    let mut browser = place.app.browser_at("203.0.113.1");
    let blocked = browser.show(&mut key).await;

    assert_eq!(blocked.status(), 429);
    assert!(browser.cookies.contains_key(super::CHALLENGE));
    assert_eq!(place.app.browser_at("203.0.113.2").show(&mut key).await.location(), Some(ORIGIN));
    place.app.clock.advance(Duration::from_hours(2));
    assert_eq!(place.app.browser_at("203.0.113.1").show(&mut key).await.location(), Some(ORIGIN));
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
