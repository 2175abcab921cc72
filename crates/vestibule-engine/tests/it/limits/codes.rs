use std::time::Duration;

use http::StatusCode;
use vestibule_engine::CodeCheck;

use super::refused;
use crate::app::{App, Browser};
use crate::codes::{DEAD, PENDING, app, is_refused, other};

const BLOCKED: &str = "Too many wrong codes for this address. Use the link in the mail.";

/// Asks for a mail and tries five wrong codes.
async fn guess(browser: &mut Browser, address: &str) {
    let code = browser.ask_for_code(address).await;
    for _ in 0..5 {
        browser.enter(&other(&code)).await;
    }
    is_refused(&browser.enter(&code).await, DEAD);
}

async fn guessed(app: &App) {
    for _ in 0..4 {
        guess(&mut app.browser(), "ada@example.com").await;
    }
}

#[tokio::test]
async fn after_twenty_wrong_codes_for_an_address_only_links_count_for_a_day() {
    let app = app();
    guessed(&app).await;
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada+x@example.com").await;

    let answer = browser.enter(&code).await;

    let wait = refused(&answer);
    assert!(answer.text().contains(BLOCKED) && !answer.text().contains("name=\"code\""));
    assert!(wait > Duration::from_hours(1) && wait <= Duration::from_hours(24));
    browser.redeem(&app.link_to("ada+x@example.com")).await;
    assert!(browser.is_signed_in());

    let mut bob = app.browser();
    let code = bob.ask_for_code("bob@example.com").await;
    bob.enter(&code).await;
    assert!(bob.is_signed_in());

    app.clock.advance(wait);
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    browser.enter(&code).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn programs_and_other_pages_learn_that_codes_are_blocked() {
    let app = app();
    guessed(&app).await;
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;

    let json = browser.post("/auth/callback/email", &[("code", &code)]).await;
    refused(&json);
    assert_eq!(json.json()["message"], BLOCKED);

    let page = browser.get(&format!("{PENDING}&error=TooManyCodes")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().contains(BLOCKED));
}

#[tokio::test]
async fn who_signed_in_before_is_not_kept_from_codes_by_strangers() {
    let app = app();
    let mut ada = app.browser();
    let code = ada.ask_for_code("ada@example.com").await;
    ada.enter(&code).await;
    ada.post("/auth/signout", &[]).await;
    guessed(&app).await;

    let code = ada.ask_for_code("ada@example.com").await;
    ada.enter(&code).await;

    assert!(ada.is_signed_in());
}

#[tokio::test]
async fn right_codes_do_not_count() {
    let app = app();
    for _ in 0..25 {
        app.clock.advance(Duration::from_mins(6));
        let mut browser = app.browser();
        let code = browser.ask_for_code("ada@example.com").await;
        browser.enter(&code).await;
        assert!(browser.is_signed_in());
    }
}

#[tokio::test]
async fn codes_of_the_application_are_limited_by_purpose_and_identifier() {
    let app = app();
    let engine = &app.engine;
    let issue = async || engine.issue_code("step-up", "user 1", Duration::from_hours(1)).await.unwrap();
    for _ in 0..4 {
        let issued = issue().await;
        let wrong = other(issued.code.expose());
        for _ in 0..5 {
            let check = engine.redeem_code("step-up", "user 1", &issued.ticket, &wrong).await.unwrap();
            assert_eq!(check, CodeCheck::Wrong);
        }
        let code = issued.code.expose();
        let check = engine.redeem_code("step-up", "user 1", &issued.ticket, code).await.unwrap();
        assert_eq!(check, CodeCheck::Dead);
    }

    let issued = issue().await;
    let check =
        async || engine.redeem_code("step-up", "user 1", &issued.ticket, issued.code.expose()).await.unwrap();
    let CodeCheck::TooMany { retry_after } = check().await else { panic!("there were too many") };

    let another = engine.issue_code("step-up", "user 2", Duration::from_hours(1)).await.unwrap();
    let right =
        engine.redeem_code("step-up", "user 2", &another.ticket, another.code.expose()).await.unwrap();
    assert_eq!(right, CodeCheck::Right);
    app.clock.advance(retry_after);
    assert_eq!(check().await, CodeCheck::Dead, "it has expired meanwhile");
}
