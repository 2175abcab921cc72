//! `GET /signin`, `POST /signin` and `POST /signin/:email`.

use std::time::Duration;

use http::StatusCode;
use vestibule_core::{TokenHash, VerificationTokens};
use vestibule_engine::{EmailProvider, Pages, Secret};

use crate::app::{App, PAGE, RETURN, config};

const SENT: &str = "http://localhost:3000/auth/verify-request?provider=email&type=email";

fn token_of(link: &str) -> String {
    let (_, query) = link.split_once('?').unwrap();
    let pair = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    pair.unwrap().1.into_owned()
}

fn hash(token: &str, secret: &str) -> TokenHash {
    use sha2::{Digest, Sha256};
    TokenHash::from(hex::encode(Sha256::digest(format!("{token}{secret}"))))
}

#[tokio::test]
async fn a_link_is_sent_and_its_hash_is_stored() {
    let app = App::new();
    let mut browser = app.browser();

    let answer = browser
        .post("/auth/signin/email", &[("email", " Ada@Example.com "), ("callbackUrl", "/home?a=b")])
        .await;

    assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some(SENT)));
    let mail = app.mailbox.last().unwrap();
    let token = token_of(&mail.link);
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(mail.from, "App <no-reply@example.com>");
    assert_eq!(mail.subject, "Sign in to localhost:3000");
    assert_eq!(token.len(), 64);
    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
    assert_eq!(
        mail.link,
        format!(
            "http://localhost:3000/auth/callback/email?callbackUrl=http%3A%2F%2Flocalhost%3A3000%2Fhome%3Fa%3Db\
             &token={token}&email=ada%40example.com"
        )
    );
    let stored = app
        .memory
        .consume_verification_token("ada@example.com", &hash(&token, crate::app::SECRET))
        .await
        .unwrap();
    assert_eq!(stored.unwrap().expires, app.now().after(Duration::from_hours(24)));
}

#[tokio::test]
async fn a_provider_can_have_its_own_secret_and_age() {
    let provider = EmailProvider::new("a@example.com")
        .with_id("own")
        .with_secret(Secret::from("own secret"))
        .with_max_age(Duration::from_mins(10));
    let app = App::with(config().with_provider(provider));
    let mut browser = app.browser();

    browser.post("/auth/signin/own", &[("email", "ada@example.com")]).await;

    let token = token_of(&app.mailbox.last().unwrap().link);
    let stored =
        app.memory.consume_verification_token("ada@example.com", &hash(&token, "own secret")).await.unwrap();
    assert_eq!(stored.unwrap().expires, app.now().after(Duration::from_mins(10)));
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer() {
    let app = App::new();
    app.browser().sign_in("known@example.com").await;
    app.store.take_calls();

    let mut answers = Vec::new();
    for email in ["known@example.com", "unknown@example.com"] {
        let answer = app.browser().post("/auth/signin/email", &[("email", email)]).await;
        let headers: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(_, value)| !value.as_bytes().starts_with(b"authjs.csrf-token"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        // How many rows are tried before one counts is left to chance.
        let mut calls = app.store.take_calls();
        calls.dedup();
        answers.push((answer.status(), headers, answer.text().to_owned(), calls));
    }

    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].3, ["create_verification_token"]);
}

#[tokio::test]
async fn the_token_is_stored_before_the_mail_is_sent() {
    let app = App::new();
    app.mailbox.close();
    let mut browser = app.browser();

    let answer = browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=EmailSignin"));
    assert_eq!(app.store.take_calls(), ["create_verification_token"; 2], "it is counted, and stored");
    assert_eq!(
        app.memory.delete_expired_tokens(app.now().after(Duration::from_hours(25)), 9).await.unwrap(),
        2
    );
}

#[tokio::test]
async fn what_is_no_address_gets_the_page_again_and_nothing_is_written() {
    for email in ["", "ada", "a@b@c", "\"a\"@b", "a b@c", "ada＠x@y", &"a".repeat(2000)] {
        let app = App::new();
        let mut browser = app.browser();

        let answer = browser.post_with("/auth/signin/email", &[PAGE], &[("email", email)]).await;

        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{email}");
        assert!(answer.text().contains("role=\"alert\""));
        assert!(answer.text().contains("not an e-mail address"));
        assert!(answer.text().contains("name=\"csrfToken\""));
        assert!(app.mailbox.mails().is_empty());
        assert_eq!(app.store.take_calls(), [""; 0]);
    }
}

#[tokio::test]
async fn a_program_learns_in_its_own_way_that_an_address_is_none() {
    let app = App::new();
    let mut browser = app.browser();
    let bad = [("email", "nobody")];

    let plain = browser.post("/auth/signin/email", &bad).await;
    assert_eq!(plain.status(), StatusCode::BAD_REQUEST);
    assert_eq!(plain.json()["message"], "This is not an e-mail address.");

    let client = browser.post_with("/auth/signin/email", &[RETURN], &bad).await;
    assert_eq!(client.status(), StatusCode::OK);
    assert_eq!(client.json()["url"], "http://localhost:3000/auth/signin?error=EmailSignin");
    assert_eq!(client.location(), None);
    assert_eq!(client.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn a_post_without_a_provider_leads_to_the_page() {
    let answer = App::new().browser().post("/auth/signin", &[]).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin"));
}

#[tokio::test]
async fn the_applications_own_page_is_used() {
    let pages = Pages { sign_in: Some("/login?x=1".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));
    let mut browser = app.browser();

    let shown = browser.get("/auth/signin?callbackUrl=/a&error=AccessDenied").await;
    assert_eq!(
        shown.location(),
        Some("/login?x=1&callbackUrl=http%3A%2F%2Flocalhost%3A3000%2Fa&error=AccessDenied")
    );

    let refused = browser.send("POST", "/auth/signin/email", &[PAGE], "").await;
    assert_eq!(refused.location(), Some("http://localhost:3000/login?x=1&error=MissingCSRF"));

    let bad = browser.post_with("/auth/signin/email", &[PAGE], &[("email", "nobody")]).await;
    assert_eq!(bad.location(), Some("http://localhost:3000/login?x=1&error=EmailSignin"));
}
