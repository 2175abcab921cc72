//! What a challenge is bound to: one answer, one purpose, one user, one browser, one provider, a quarter of an hour.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_core::VerificationTokens as _;
use vestibule_engine::WebAuthnProvider;
use vestibule_testkit::webauthn::Defect;

use super::{ADA, CHALLENGE, Place, WRONG, config_with, new_key, open};
use crate::app::{Browser, FORM, ORIGIN, form};
use crate::oauth::strategies;

/// A registration as an answer to another challenge: no key has signed it.
pub(super) fn answering(data: &Value, options: &Value) -> Value {
    let text = data["response"]["clientDataJSON"].as_str().unwrap();
    let mut client: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    client["challenge"] = options["challenge"].clone();
    let mut data = data.clone();
    data["response"]["clientDataJSON"] = json!(URL_SAFE_NO_PAD.encode(client.to_string()));
    data
}

async fn is_refused(place: &Place, browser: &mut Browser, action: &str, data: &Value, to: &str, why: &str) {
    place.app.store.take_calls();
    let before = place.who(browser).await;

    let answer = browser.answer(action, data).await;

    assert_eq!(answer.location(), Some(to), "{why}");
    assert_eq!(place.who(browser).await, before, "{why}");
    assert_eq!(browser.cookies.get(CHALLENGE), None, "{why}");
    let writes = ["sign_up", "create_user", "create_session", "link_account", "create_authenticator"];
    let calls = place.app.store.take_calls();
    assert!(!calls.iter().any(|call| writes.contains(call)), "{why}: {calls:?}");
    assert_eq!(place.diary.take(), [""; 0], "{why}");
}

/// A synchronized key does not count, so that nothing but the challenge tells one answer from the same sent again.
#[tokio::test]
async fn an_answer_counts_once_though_its_cookie_is_kept() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let mut key = new_key().synced().without_counter();
        place.app.browser().register(&mut key, "email=ada@example.com").await;
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let data = key.authenticate(ORIGIN, &asked["options"]);
        let kept = browser.clone();
        assert_eq!(browser.answer("authenticate", &data).await.location(), Some(ORIGIN));
        place.diary.take();

        for after in [0, 10, 890] {
            place.app.clock.advance(Duration::from_secs(after.min(500)));
            is_refused(&place, &mut kept.clone(), "authenticate", &data, WRONG, "again").await;
        }
    }
}

#[tokio::test]
async fn a_used_challenge_is_remembered_for_longer_than_its_cookie_counts() {
    let place = Place::new(open(), strategies()[0]);
    let mut key = new_key().synced().without_counter();
    place.app.browser().register(&mut key, "email=ada@example.com").await;
    let mut browser = place.app.browser();
    let asked = browser.asked("action=authenticate").await;
    let data = key.authenticate(ORIGIN, &asked["options"]);
    let kept = browser.clone();
    browser.answer("authenticate", &data).await;
    place.diary.take();

    place.app.clock.advance(Duration::from_secs(914));
    place.app.memory.delete_expired_tokens(place.app.now(), 100).await.unwrap();

    is_refused(&place, &mut kept.clone(), "authenticate", &data, WRONG, "swept").await;
}

#[tokio::test]
async fn a_registration_counts_once_though_another_key_answers_it() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, _) = place.by_mail(ADA).await;
        let asked = browser.asked("action=register").await;
        let kept = browser.cookies[CHALLENGE].clone();
        let first = new_key().register(ORIGIN, &asked["options"]);
        assert_eq!(browser.answer("register", &first).await.location(), Some(ORIGIN));
        place.diary.take();

        browser.cookies.insert(CHALLENGE.into(), kept);
        let second = new_key().register(ORIGIN, &asked["options"]);

        is_refused(&place, &mut browser, "register", &second, WRONG, "again").await;
    }
}

#[tokio::test]
async fn a_challenge_is_good_for_its_purpose_alone() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, _) = place.registered(ADA).await;
        let mut browser = place.app.browser();
        let mut asked = browser.asked("email=new@example.com").await;
        asked["options"]["rpId"] = json!("localhost");
        let signed = key.authenticate(ORIGIN, &asked["options"]);
        is_refused(&place, &mut browser, "authenticate", &signed, WRONG, "to register").await;

        let mut browser = place.app.browser();
        let mut asked = browser.asked("action=authenticate").await;
        asked["options"]["rp"] = json!({"id": "localhost"});
        asked["options"]["user"] = json!({"id": "x"});
        let made = new_key().register(ORIGIN, &asked["options"]);
        is_refused(&place, &mut browser, "register", &made, WRONG, "to sign in").await;
    }
}

#[tokio::test]
async fn a_registration_is_for_who_asked_for_it() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut ada, _) = place.by_mail(ADA).await;
        let (grace, _) = place.by_mail("grace@example.com").await;
        let asked = ada.asked("action=register").await;
        let data = new_key().register(ORIGIN, &asked["options"]);

        // The same browser, with somebody else signed in by now, or nobody.
        let mut other = Browser { cookies: ada.cookies.clone(), ..ada.clone() };
        other.cookies.insert("authjs.session-token".into(), grace.cookies["authjs.session-token"].clone());
        is_refused(&place, &mut other, "register", &data, WRONG, "somebody else").await;
        let mut nobody = ada.clone();
        nobody.cookies.remove("authjs.session-token");
        is_refused(&place, &mut nobody, "register", &data, WRONG, "nobody").await;

        // An address that was to be registered for somebody new, and somebody has signed in meanwhile.
        let mut stranger = place.app.browser();
        let asked = stranger.asked("email=new@example.com").await;
        let data = new_key().register(ORIGIN, &asked["options"]);
        stranger.cookies.insert("authjs.session-token".into(), ada.cookies["authjs.session-token"].clone());
        is_refused(&place, &mut stranger, "register", &data, WRONG, "signed in meanwhile").await;
        assert_eq!(place.app.user("new@example.com").await, None);
    }
}

#[tokio::test]
async fn a_challenge_is_good_in_its_browser_alone() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, _) = place.registered(ADA).await;
        let mut eve = place.app.browser();
        let asked = eve.asked("action=authenticate").await;
        let data = key.authenticate(ORIGIN, &asked["options"]);
        let mut victim = place.app.browser();
        victim.csrf_token().await;
        victim.cookies.insert(CHALLENGE.into(), eve.cookies[CHALLENGE].clone());

        is_refused(&place, &mut victim, "authenticate", &data, WRONG, "planted").await;
    }
}

#[tokio::test]
async fn a_challenge_counts_for_a_quarter_of_an_hour() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (_, mut key, _) = place.registered(ADA).await;
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let data = key.authenticate(ORIGIN, &asked["options"]);
        place.app.clock.advance(Duration::from_secs(915));

        is_refused(&place, &mut browser, "authenticate", &data, WRONG, "late").await;
    }
}

#[tokio::test]
async fn a_challenge_is_of_one_provider_alone() {
    for strategy in strategies() {
        let twin = open().with_id("twin").with_conditional_ui(false);
        let place = Place::with(config_with(open(), strategy).with_provider(twin));
        let (_, mut key, ada) = place.registered(ADA).await;
        let mut browser = place.app.browser();
        let twins = browser.send("GET", "/auth/webauthn-options/twin?action=authenticate", &[], "").await;
        let data = key.authenticate(ORIGIN, &twins.json()["options"]);
        is_refused(&place, &mut browser, "authenticate", &data, WRONG, "another's").await;

        // And so is a key.
        let mut browser = place.app.browser();
        let twins = browser.send("GET", "/auth/webauthn-options/twin?action=authenticate", &[], "").await;
        let data = key.authenticate(ORIGIN, &twins.json()["options"]).to_string();
        let fields = [("action", "authenticate"), ("data", &*data)];
        let answer = browser.post("/auth/callback/twin", &fields).await;
        assert_eq!(answer.location(), Some(WRONG));
        assert_eq!(place.accounts(&ada).await.len(), 1);
    }
}

#[tokio::test]
async fn a_forged_or_missing_cookie_is_refused() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    for planted in [None, Some(""), Some("x"), Some("a.b.c.d.e")] {
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let data = key.authenticate(ORIGIN, &asked["options"]);
        match planted {
            None => browser.cookies.remove(CHALLENGE),
            Some(value) => browser.cookies.insert(CHALLENGE.into(), value.into()),
        };

        is_refused(&place, &mut browser, "authenticate", &data, WRONG, "forged").await;
    }
}

#[tokio::test]
async fn what_another_site_posts_is_refused_and_the_challenge_kept() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    let mut browser = place.app.browser();
    let asked = browser.asked("action=authenticate").await;
    let data = key.authenticate(ORIGIN, &asked["options"]).to_string();
    let body = form(&[("action", "authenticate"), ("data", &data)]);
    for headers in [
        [FORM, ("origin", "https://evil.example")],
        [FORM, ("sec-fetch-site", "cross-site")],
        [FORM, ("origin", "null")],
    ] {
        let answer = browser.send("POST", "/auth/callback/passkey", &headers, &body).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=MissingCSRF"));
        assert!(browser.cookies.contains_key(CHALLENGE) && browser.session_token().is_none());
    }
    // Auth.js asks for no token here, and neither do we.
    let ours = [FORM, ("origin", ORIGIN)];
    assert_eq!(browser.send("POST", "/auth/callback/passkey", &ours, &body).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn json_is_taken_as_a_form_is() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, ada) = place.registered(ADA).await;
    let mut browser = place.app.browser();
    let asked = browser.asked("action=authenticate").await;
    let data = key.authenticate(ORIGIN, &asked["options"]).to_string();
    let body = json!({"action": "authenticate", "data": data, "callbackUrl": "/home"}).to_string();
    let headers = [("content-type", "application/json"), ("origin", ORIGIN), crate::app::RETURN];

    let answer = browser.send("POST", "/auth/callback/passkey", &headers, &body).await;

    assert_eq!(answer.json()["url"], "http://localhost:3000/home");
    assert_eq!(place.who(&browser).await, Some(ada.id));
}

#[tokio::test]
async fn a_counter_that_goes_back_or_stays_is_refused_and_told_to_the_log() {
    for strategy in strategies() {
        for defect in [Defect::CounterBack, Defect::CounterStays] {
            let place = Place::new(open(), strategy);
            let (_, mut key, ada) = place.registered(ADA).await;
            place.app.browser().show(&mut key).await;
            place.diary.take();
            let before = place.keys(&ada).await;
            let mut browser = place.app.browser();
            let asked = browser.asked("action=authenticate").await;
            let data = key.misbehave(defect).authenticate(ORIGIN, &asked["options"]);
            let log = crate::secrecy::Log::default();
            let guard = log.listen();

            is_refused(&place, &mut browser, "authenticate", &data, WRONG, "counter").await;

            drop(guard);
            assert!(log.text().contains("there may be a copy of it"), "{}", log.text());
            assert_eq!(place.keys(&ada).await, before);
        }
    }
}

/// Two answers of one key that were both signed before the first was sent.
#[tokio::test]
async fn of_two_answers_the_older_one_is_refused_once_the_newer_came() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    let (mut one, mut other) = (place.app.browser(), place.app.browser());
    let (asked, also) = (one.asked("action=authenticate").await, other.asked("action=authenticate").await);
    let older = key.authenticate(ORIGIN, &asked["options"]);
    let newer = key.authenticate(ORIGIN, &also["options"]);

    assert_eq!(other.answer("authenticate", &newer).await.location(), Some(ORIGIN));
    assert_eq!(one.answer("authenticate", &older).await.location(), Some(WRONG));
}

#[tokio::test]
async fn an_unknown_key_is_refused_as_a_wrong_one_is() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let elsewhere = Place::new(open(), strategy);
        let (_, mut key, _) = elsewhere.registered(ADA).await;
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let unknown = key.authenticate(ORIGIN, &asked["options"]);

        is_refused(&place, &mut browser, "authenticate", &unknown, WRONG, "unknown").await;
    }
}

#[tokio::test]
async fn other_origins_count_only_where_they_are_listed() {
    let place = Place::with(
        config_with(WebAuthnProvider::passkey(), strategies()[0]).with_base_url("https://app.example.com"),
    );
    let listing = WebAuthnProvider::passkey()
        .with_relying_party_id("example.com")
        .with_origin("https://app.example.com")
        .with_origin("https://www.example.com");
    let listed = Place::with(config_with(listing, strategies()[0]).with_base_url("https://app.example.com"));
    for (place, expected) in [(place, "error?error=WebAuthnVerificationError"), (listed, "")] {
        let link = {
            let mut browser = place.app.browser();
            let token = browser.get("/auth/csrf").await.json()["csrfToken"].as_str().unwrap().to_owned();
            let fields = form(&[("csrfToken", &token), ("email", ADA)]);
            let headers = [FORM, ("origin", "https://app.example.com")];
            browser.send("POST", "/auth/signin/email", &headers, &fields).await;
            (browser, place.app.link_to(ADA))
        };
        let (mut browser, link) = link;
        let (path, query) = link.split_once('?').unwrap();
        browser.send("POST", path, &[FORM, ("origin", "https://app.example.com")], query).await;
        let asked = browser.asked("action=register").await;
        let data = new_key().register("https://www.example.com", &asked["options"]).to_string();

        let body = form(&[("action", "register"), ("data", &data)]);
        let headers = [FORM, ("origin", "https://app.example.com")];
        let answer = browser.send("POST", "/auth/callback/passkey", &headers, &body).await;

        assert!(answer.location().unwrap().ends_with(expected), "{:?}", answer.location());
    }
}
