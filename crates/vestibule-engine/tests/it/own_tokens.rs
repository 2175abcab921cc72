//! Tokens and codes for the application's own purposes.

use std::collections::HashSet;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_core::{AdapterError, SecretToken};
use vestibule_engine::{CodeCheck, Config, Limits, Secret};
use vestibule_testkit::Fault;

use crate::app::{App, ORIGIN, SECRET, config};

const HOUR: Duration = Duration::from_hours(1);
const ADA: &str = "user 1: ada@new.example";

#[tokio::test]
async fn a_token_is_redeemed_once() {
    let app = App::new();

    let token = app.engine.issue_token("change-address", ADA, HOUR).await.unwrap();

    assert_eq!(token.expose().len(), 64);
    assert!(app.engine.redeem_token("change-address", ADA, &token).await.unwrap());
    assert!(!app.engine.redeem_token("change-address", ADA, &token).await.unwrap());
}

#[tokio::test]
async fn a_token_is_for_one_purpose_and_one_identifier() {
    let app = App::new();
    let token = app.engine.issue_token("a", "b", HOUR).await.unwrap();

    for (purpose, identifier) in [("a", "c"), ("b", "b"), ("b", "a"), ("ab", ""), ("", "ab")] {
        assert!(
            !app.engine.redeem_token(purpose, identifier, &token).await.unwrap(),
            "{purpose} {identifier}"
        );
    }
    for wrong in ["", "x", &token.expose()[1..]] {
        assert!(!app.engine.redeem_token("a", "b", &SecretToken::from(wrong)).await.unwrap());
    }
    assert!(app.engine.redeem_token("a", "b", &token).await.unwrap());
}

#[tokio::test]
async fn tokens_to_sign_in_and_tokens_of_the_application_are_never_each_other() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let signs_in = SecretToken::from(&link[link.find("token=").unwrap() + 6..][..64]);

    for purpose in ["", "email", "sign-in", "vestibule:token"] {
        assert!(!app.engine.redeem_token(purpose, "ada@example.com", &signs_in).await.unwrap());
        let token = app.engine.issue_token(purpose, "ada@example.com", HOUR).await.unwrap();
        for address in ["ada%40example.com", "vestibule%3Atoken"] {
            let forged = format!("/auth/callback/email?token={}&email={address}", token.expose());
            browser.redeem(&forged).await;
            assert_eq!(browser.session_token(), None);
        }
    }
    browser.redeem(&link).await;
    assert!(browser.session_token().is_some());
}

#[tokio::test]
async fn a_token_counts_until_it_expires_and_not_longer() {
    let app = App::new();
    let engine = &app.engine;
    let (one, other) = (
        engine.issue_token("a", "b", HOUR).await.unwrap(),
        engine.issue_token("a", "b", HOUR).await.unwrap(),
    );

    app.clock.advance(HOUR);
    assert!(engine.redeem_token("a", "b", &one).await.unwrap());
    app.clock.advance(Duration::from_millis(1));
    assert!(!engine.redeem_token("a", "b", &other).await.unwrap());
}

#[tokio::test]
async fn of_many_redemptions_of_one_token_one_succeeds() {
    let app = App::new();
    let token = app.engine.issue_token("a", "b", HOUR).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (engine, token) = (app.engine.clone(), token.clone());
        tasks.spawn(async move { engine.redeem_token("a", "b", &token).await.unwrap() });
    }

    assert_eq!(tasks.join_all().await.into_iter().filter(|it| *it).count(), 1);
}

#[tokio::test]
async fn tokens_and_codes_survive_a_change_of_secrets() {
    let app = App::new();
    let token = app.engine.issue_token("a", "b", HOUR).await.unwrap();
    let issued = app.engine.issue_code("a", "b", HOUR).await.unwrap();
    let secrets = [Secret::from("another secret of at least 32 characters"), Secret::from(SECRET)];
    let rotated = app.another_process(Config::with_secrets(secrets).with_base_url(ORIGIN)).engine;

    assert!(rotated.redeem_token("a", "b", &token).await.unwrap());
    let code = issued.code.expose();
    assert_eq!(rotated.redeem_code("a", "b", &issued.ticket, code).await.unwrap(), CodeCheck::Right);
}

#[tokio::test]
async fn an_outage_is_an_error_and_never_an_answer() {
    let app = App::new();
    let token = app.engine.issue_token("a", "b", HOUR).await.unwrap();
    let issued = app.engine.issue_code("a", "b", HOUR).await.unwrap();
    app.store.fail(Fault::Unavailable);
    let engine = &app.engine;

    let is_outage = |error| matches!(error, AdapterError::Unavailable(_));
    assert!(is_outage(engine.issue_token("a", "b", HOUR).await.unwrap_err()));
    assert!(is_outage(engine.redeem_token("a", "b", &token).await.unwrap_err()));
    assert!(is_outage(engine.issue_code("a", "b", HOUR).await.unwrap_err()));
    let code = issued.code.expose();
    assert!(is_outage(engine.redeem_code("a", "b", &issued.ticket, code).await.unwrap_err()));
    app.store.fail_after(1, Fault::Unavailable);
    assert!(is_outage(engine.redeem_code("a", "b", &issued.ticket, code).await.unwrap_err()));
    app.store.recover();
    assert!(engine.redeem_token("a", "b", &token).await.unwrap());
    assert_eq!(engine.redeem_code("a", "b", &issued.ticket, code).await.unwrap(), CodeCheck::Right);
}

#[tokio::test]
async fn a_code_is_right_once_and_with_its_ticket() {
    let app = App::new();
    let engine = &app.engine;
    let one = engine.issue_code("step-up", "user 1", HOUR).await.unwrap();
    let other = engine.issue_code("step-up", "user 1", HOUR).await.unwrap();
    let code = one.code.expose();

    assert_eq!(engine.redeem_code("step-up", "user 1", &other.ticket, code).await.unwrap(), CodeCheck::Wrong);
    for (purpose, identifier) in [("other", "user 1"), ("step-up", "user 2"), ("sign-in", "user 1"), ("", "")]
    {
        let check = engine.redeem_code(purpose, identifier, &one.ticket, code).await.unwrap();
        assert_eq!(check, CodeCheck::Dead, "{purpose} {identifier}");
    }
    let none = SecretToken::from("none");
    assert_eq!(engine.redeem_code("step-up", "user 1", &none, code).await.unwrap(), CodeCheck::Dead);
    assert_eq!(engine.redeem_code("step-up", "user 1", &one.ticket, code).await.unwrap(), CodeCheck::Right);
    assert_eq!(engine.redeem_code("step-up", "user 1", &one.ticket, code).await.unwrap(), CodeCheck::Wrong);
}

#[tokio::test]
async fn a_code_can_be_tried_five_times() {
    let app = App::new();
    let issued = app.engine.issue_code("a", "b", HOUR).await.unwrap();
    let number: u32 = issued.code.expose().parse().unwrap();
    let wrong = format!("{:06}", (number + 1) % 1_000_000);
    let check = async |code: &str| app.engine.redeem_code("a", "b", &issued.ticket, code).await.unwrap();

    for _ in 0..5 {
        assert_eq!(check(&wrong).await, CodeCheck::Wrong);
        assert_eq!(check("no code").await, CodeCheck::Wrong);
    }
    assert_eq!(check(issued.code.expose()).await, CodeCheck::Dead);
}

#[tokio::test]
async fn a_code_counts_until_it_expires_and_not_longer() {
    let app = App::new();
    let engine = &app.engine;
    let one = engine.issue_code("a", "b", HOUR).await.unwrap();
    let other = engine.issue_code("a", "b", HOUR).await.unwrap();

    app.clock.advance(HOUR);
    let check = engine.redeem_code("a", "b", &one.ticket, one.code.expose()).await.unwrap();
    assert_eq!(check, CodeCheck::Right);
    app.clock.advance(Duration::from_millis(1));
    let check = engine.redeem_code("a", "b", &other.ticket, other.code.expose()).await.unwrap();
    assert_eq!(check, CodeCheck::Dead);
}

#[tokio::test]
async fn of_many_tries_with_one_code_one_is_right_and_five_are_made() {
    for _ in 0..20 {
        let app = App::with(config().with_limits(Limits::off()));
        let issued = app.engine.issue_code("a", "b", HOUR).await.unwrap();
        app.store.take_calls();
        let mut tasks = JoinSet::new();
        for _ in 0..64 {
            let (engine, issued) = (app.engine.clone(), issued.clone());
            tasks.spawn(async move {
                engine.redeem_code("a", "b", &issued.ticket, issued.code.expose()).await.unwrap()
            });
        }

        let checks = tasks.join_all().await;

        let count = |what| checks.iter().filter(|check| **check == what).count();
        assert_eq!((count(CodeCheck::Right), count(CodeCheck::Wrong), count(CodeCheck::Dead)), (1, 4, 59));
        let calls = app.store.take_calls();
        assert_eq!(calls.iter().filter(|call| **call == "consume_verification_token").count(), 5);
    }
}

#[tokio::test]
async fn a_ticket_tells_neither_the_code_nor_whose_it_is() {
    let app = App::with(config());
    let mut tickets = HashSet::new();
    for _ in 0..10 {
        let issued = app.engine.issue_code("a", ADA, HOUR).await.unwrap();
        let ticket = issued.ticket.expose().to_owned();

        assert!(ticket.len() < 1000, "{}", ticket.len());
        assert!(!ticket.contains(issued.code.expose()) && !ticket.contains("ada"));
        assert_eq!(format!("{issued:?}").matches(issued.code.expose()).count(), 0);
        assert!(tickets.insert(ticket));
    }
}
