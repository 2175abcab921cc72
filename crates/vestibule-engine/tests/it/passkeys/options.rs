//! What a browser is asked: every row of the table, for strangers who may name an address and for those who may not.

use serde_json::{Value, json};
use vestibule_core::{Accounts, NewAccount, NewUser, Users};
use vestibule_engine::{Limit, Limits, PasskeyRegistration, SessionStrategy, WebAuthnProvider};

use super::{ADA, CHALLENGE, Place, config_with, new_key, open};
use crate::app::{ORIGIN, request};
use crate::oauth::strategies;

/// What the table says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// Any key.
    Any,
    /// One of the user's keys.
    TheUsers,
    Register,
    Action,
    Request,
}

fn what(status: u16, body: &Value) -> Is {
    match (status, body["action"].as_str(), body["error"].as_str()) {
        (200, Some("authenticate"), None) if body["options"].get("allowCredentials").is_none() => Is::Any,
        (200, Some("authenticate"), None) => Is::TheUsers,
        (200, Some("register"), None) => Is::Register,
        (400, None, Some("Invalid action")) => Is::Action,
        (400, None, Some("Invalid request")) => Is::Request,
        _ => panic!("{status}: {body}"),
    }
}

async fn has_rows(place: &Place, rows: &[(&str, Is, Is)]) {
    place.registered_by_hand().await;
    let (signed_in, _) = place.by_mail("grace@example.com").await;
    for &(query, nobody, somebody) in rows {
        for (mut browser, expected) in [(place.app.browser(), nobody), (signed_in.clone(), somebody)] {
            let answer = browser.options(query).await;

            let status = answer.status().as_u16();
            assert_eq!(what(status, &answer.json()), expected, "{query}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{query}");
            let keeps = answer.set_cookies().iter().any(|line| line.starts_with(CHALLENGE));
            assert_eq!(keeps, status == 200, "{query}");
        }
    }
}

impl Place {
    /// Ada, who has a passkey.
    async fn registered_by_hand(&self) {
        let (mut browser, _) = self.by_mail(ADA).await;
        browser.register(&mut new_key(), "action=register").await;
    }
}

#[tokio::test]
async fn every_row_holds_where_strangers_may_name_an_address() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        has_rows(
            &place,
            &[
                ("action=authenticate", Is::Any, Is::TheUsers),
                ("action=authenticate&email=ada@example.com", Is::TheUsers, Is::TheUsers),
                ("action=authenticate&email=ADA@example.com", Is::TheUsers, Is::TheUsers),
                ("action=authenticate&email=new@example.com", Is::Any, Is::TheUsers),
                ("action=register", Is::Request, Is::Register),
                ("action=register&email=ada@example.com", Is::Request, Is::Register),
                ("action=register&email=new@example.com", Is::Register, Is::Register),
                ("action=register&email=nobody", Is::Request, Is::Register),
                ("", Is::Any, Is::Request),
                ("email=", Is::Any, Is::Request),
                ("email=ada@example.com", Is::TheUsers, Is::Request),
                ("email=new@example.com", Is::Register, Is::Request),
                ("email=nobody", Is::Request, Is::Request),
                ("action=", Is::Action, Is::Action),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn every_row_holds_where_they_may_not() {
    for strategy in strategies() {
        let place = Place::new(WebAuthnProvider::passkey(), strategy);
        has_rows(
            &place,
            &[
                ("action=authenticate", Is::Any, Is::TheUsers),
                ("action=authenticate&email=ada@example.com", Is::Any, Is::TheUsers),
                ("action=authenticate&email=ADA@example.com", Is::Any, Is::TheUsers),
                ("action=authenticate&email=new@example.com", Is::Any, Is::TheUsers),
                ("action=register", Is::Request, Is::Register),
                ("action=register&email=ada@example.com", Is::Request, Is::Register),
                ("action=register&email=new@example.com", Is::Request, Is::Register),
                ("action=register&email=nobody", Is::Request, Is::Register),
                ("", Is::Any, Is::Request),
                ("email=", Is::Any, Is::Request),
                ("email=ada@example.com", Is::Any, Is::Request),
                ("email=new@example.com", Is::Any, Is::Request),
                ("email=nobody", Is::Any, Is::Request),
                ("action=remove", Is::Action, Is::Action),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn an_address_of_a_stranger_is_not_looked_at_unless_it_may_be() {
    let place = Place::new(WebAuthnProvider::passkey(), SessionStrategy::default());
    place.registered_by_hand().await;
    place.app.store.take_calls();

    for query in ["email=ada@example.com", "email=new@example.com", "action=register&email=ada@example.com"] {
        place.app.browser().options(query).await;

        assert_eq!(place.app.store.take_calls(), [""; 0], "{query}");
    }
}

#[tokio::test]
async fn registering_asks_what_auth_js_asks() {
    let place = Place::new(open(), SessionStrategy::default());

    let body = place.app.browser().asked("email=New@Example.com").await;

    let options = &body["options"];
    let handle = options["user"]["id"].as_str().unwrap();
    assert_eq!(hex::decode(handle).unwrap().len(), 32);
    assert_eq!(
        *options,
        json!({
            "challenge": options["challenge"],
            "rp": {"name": "localhost:3000", "id": "localhost"},
            "user": {"id": handle, "name": "new@example.com", "displayName": "new@example.com"},
            "pubKeyCredParams": [
                {"alg": -8, "type": "public-key"}, {"alg": -7, "type": "public-key"}, {"alg": -257, "type": "public-key"}
            ],
            "timeout": 300_000,
            "attestation": "none",
            "excludeCredentials": [],
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true, "userVerification": "required"
            },
            "extensions": {"credProps": true},
        })
    );
    assert_eq!(body["action"], "register");
}

#[tokio::test]
async fn what_somebody_has_is_excluded_when_they_register_another_and_allowed_when_they_sign_in() {
    let place = Place::new(WebAuthnProvider::passkey(), SessionStrategy::default());
    let (mut browser, _) = place.by_mail(ADA).await;
    let mut key = new_key();
    let first = browser.asked("action=register").await;
    let data = key.register(ORIGIN, &first["options"]);
    browser.answer("register", &data).await;

    let again = browser.asked("action=register").await;
    let sign_in = browser.asked("action=authenticate").await;

    let known = json!([{"id": data["id"], "type": "public-key", "transports": ["internal", "hybrid"]}]);
    assert_eq!(again["options"]["excludeCredentials"], known);
    assert_eq!(sign_in["options"]["allowCredentials"], known);
    assert_eq!(
        sign_in["options"],
        json!({
            "challenge": sign_in["options"]["challenge"], "timeout": 300_000, "rpId": "localhost",
            "userVerification": "required", "allowCredentials": known,
        })
    );
}

#[tokio::test]
async fn no_challenge_is_like_another() {
    let place = Place::new(WebAuthnProvider::passkey(), SessionStrategy::default());
    let mut browser = place.app.browser();

    let one = browser.asked("").await["options"]["challenge"].clone();
    let other = browser.asked("").await["options"]["challenge"].clone();

    assert_ne!(one, other);
    assert_eq!(one.as_str().unwrap().len(), 43);
}

#[tokio::test]
async fn the_relying_party_can_be_told() {
    let provider = open()
        .with_relying_party_id("example.com")
        .with_relying_party_name("The App")
        .with_origin("https://app.example.com");
    let place = Place::with(
        config_with(provider, SessionStrategy::default()).with_base_url("https://app.example.com"),
    );

    let body = place.app.browser().asked("email=new@example.com").await;

    assert_eq!(body["options"]["rp"], json!({"name": "The App", "id": "example.com"}));
}

#[tokio::test]
async fn who_has_no_address_can_sign_in_and_register_none() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, user) = place.by_mail(ADA).await;
        let changes = vestibule_core::UserChanges {
            email: vestibule_core::Change::Set(None),
            ..vestibule_core::UserChanges::default()
        };
        place.app.memory.update_user(&user.id, &changes).await.unwrap();

        let answer = browser.options("action=register").await;

        assert_eq!(answer.json(), json!({"error": "Invalid request"}));
    }
}

#[tokio::test]
async fn a_session_that_has_expired_is_nobodys() {
    let place = Place::new(open(), SessionStrategy::default());
    let (mut browser, _) = place.by_mail(ADA).await;
    place.app.clock.advance(std::time::Duration::from_hours(24 * 31));

    let answer = browser.options("action=register").await;

    assert_eq!(answer.json(), json!({"error": "Invalid request"}));
}

#[tokio::test]
async fn only_get_and_only_for_passkeys() {
    let place = Place::new(open(), SessionStrategy::default());
    let at = |method, path| place.app.send(request(method, path, &[], ""));

    assert_eq!(at("POST", "/auth/webauthn-options/passkey").await.status(), 400);
    assert_eq!(at("HEAD", "/auth/webauthn-options/passkey").await.status(), 400);
    assert_eq!(at("GET", "/auth/webauthn-options").await.status(), 400);
    assert_eq!(at("GET", "/auth/webauthn-options/unknown").await.status(), 404);
    assert_eq!(at("GET", "/auth/webauthn-options/email").await.location(), Some(super::CONFIGURATION));
    assert_eq!(at("GET", "/auth/callback/passkey").await.location(), Some(super::CONFIGURATION));
    assert_eq!(at("HEAD", "/auth/callback/passkey").await.status(), 400);
    let mut browser = place.app.browser();
    let begins_anew = browser.post("/auth/signin/passkey", &[]).await;
    assert_eq!(begins_anew.location(), Some("http://localhost:3000/auth/signin"));
    assert_eq!(at("GET", "/auth/providers").await.json()["passkey"]["type"], "webauthn");
}

#[tokio::test]
async fn addresses_are_asked_about_so_often_and_no_more() {
    let limits =
        Limits::off().with_passkey_addresses_per_network(Limit::new(2, std::time::Duration::from_hours(1)));
    let config = config_with(open(), SessionStrategy::default()).with_limits(limits).with_trusted_proxies(0);
    let place = Place::with(config);
    let ask = async |address: &str| {
        place.app.browser_at(address).options("email=new@example.com").await.status().as_u16()
    };

    let from_one = [ask("203.0.113.1").await, ask("203.0.113.1").await, ask("203.0.113.1").await];

    assert_eq!(from_one, [200, 200, 429]);
    assert_eq!(ask("203.0.113.2").await, 200);
    assert_eq!(place.app.browser_at("203.0.113.1").options("").await.status(), 200);
}

#[tokio::test]
async fn an_account_that_is_no_passkeys_is_no_left_over() {
    let place = Place::new(open(), SessionStrategy::default());
    let account = NewAccount::new("oauth".into(), "github", "1");
    let user = place.app.memory.create_user(&NewUser::with_email(ADA), None).await.unwrap();
    place.app.memory.link_account(&user.id, &account).await.unwrap();

    let answer = place.app.browser().options("action=register&email=ada@example.com").await;

    assert_eq!(answer.status(), 400);
    assert_eq!(PasskeyRegistration::default(), PasskeyRegistration::WhenSignedIn);
}
