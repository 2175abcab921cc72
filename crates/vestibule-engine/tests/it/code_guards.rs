//! What codes are guarded by: tries, time, the browser, the store.

use std::time::Duration;

use http::StatusCode;
use vestibule_engine::{Codes, Config, LinkRedemption, Secret};
use vestibule_testkit::Fault;

use crate::app::{App, FORM, ORIGIN, PAGE, SECRET, form};
use crate::codes::{ABSENT, COOKIE, DEAD, PENDING, WRONG, app, config, is_refused, other, provider};

#[tokio::test]
async fn a_wrong_code_is_explained_and_can_be_tried_again() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;

    for wrong in [other(&code).as_str(), "", "12345", "abcdef", "1234567"] {
        let answer = browser.enter(wrong).await;

        is_refused(&answer, WRONG);
        assert!(answer.text().contains("name=\"code\""));
        assert!(answer.text().contains("aria-invalid=\"true\" aria-describedby=\"alert\""));
    }
    browser.enter(&format!("{} {}", &code[..3], &code[3..])).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn what_cannot_be_a_code_is_not_counted() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    app.store.take_calls();

    for _ in 0..20 {
        is_refused(&browser.enter("12345").await, WRONG);
    }

    assert_eq!(app.store.take_calls(), [""; 0]);
    browser.enter(&code).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn after_five_wrong_tries_the_code_is_dead_and_the_link_is_not() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let mut replay = browser.clone();
    for _ in 0..5 {
        is_refused(&browser.enter(&other(&code)).await, WRONG);
    }

    let dead = browser.enter(&code).await;

    is_refused(&dead, DEAD);
    assert!(!dead.text().contains("name=\"code\"") && !browser.cookies.contains_key(COOKIE));
    assert!(dead.text().contains("href=\"/auth/signin\">Ask for another mail"));
    app.store.take_calls();
    is_refused(&replay.enter(&code).await, DEAD);
    assert_eq!(app.store.take_calls(), [""; 0], "what is known to be dead costs nothing");
    browser.redeem(&app.link_to("ada@example.com")).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn another_process_knows_that_a_code_is_dead() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    for _ in 0..5 {
        browser.enter(&other(&code)).await;
    }

    browser.app = app.another_process(config());

    is_refused(&browser.enter(&code).await, DEAD);
}

#[tokio::test]
async fn the_number_of_tries_can_be_chosen() {
    let provider = provider().with_codes(Codes::new().with_tries(1));
    let app = App::with(Config::new(SECRET).with_base_url(ORIGIN).with_provider(provider));
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;

    is_refused(&browser.enter(&other(&code)).await, WRONG);
    is_refused(&browser.enter(&code).await, DEAD);
}

#[tokio::test]
async fn a_code_counts_for_ten_minutes_and_its_link_for_longer() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let mut late = browser.clone();

    app.clock.advance(Duration::from_millis(600_001));
    is_refused(&late.enter(&code).await, ABSENT);
    assert!(!late.get(PENDING).await.text().contains("name=\"code\""));
    app.clock.set(app.now().before(Duration::from_millis(1)));
    browser.enter(&code).await;
    assert!(browser.is_signed_in());

    let mut browser = app.browser();
    browser.ask_for_code("bob@example.com").await;
    app.clock.advance(Duration::from_mins(11));
    browser.redeem(&app.link_to("bob@example.com")).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn a_new_code_takes_the_place_of_the_former_one() {
    let app = app();
    let mut browser = app.browser();
    let first = browser.ask_for_code("ada@example.com").await;
    let second = browser.ask_for_code("ada@example.com").await;

    is_refused(&browser.enter(&first).await, WRONG);
    browser.enter(&second).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn whoever_asks_for_the_same_address_elsewhere_does_not_disturb() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let mut eve = app.browser();
    let hers = eve.ask_for_code("ada@example.com").await;
    for _ in 0..6 {
        eve.enter(&other(&hers)).await;
    }

    browser.enter(&code).await;

    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn a_ticket_counts_at_the_provider_that_it_was_made_for() {
    let app = App::with(config().with_provider(provider().with_id("other")));
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;

    let answer = browser.post_with("/auth/callback/other", &[PAGE], &[("code", &code)]).await;

    is_refused(&answer, ABSENT);
    assert!(!browser.get("/auth/verify-request?provider=other").await.text().contains("name=\"code\""));
}

#[tokio::test]
async fn a_ticket_that_was_tampered_with_is_none() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let ticket = browser.cookies[COOKIE].clone();
    for bad in [&ticket[..ticket.len() - 2], &ticket[1..], "x", ""] {
        browser.cookies.insert(COOKIE.into(), bad.into());

        is_refused(&browser.enter(&code).await, ABSENT);
        assert!(!browser.cookies.contains_key(COOKIE), "it is deleted");
    }
}

#[tokio::test]
async fn a_code_needs_the_csrf_token_and_a_page_of_ours() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let csrf = browser.csrf_token().await;
    let right = form(&[("code", &code), ("csrfToken", &csrf)]);
    let missing = Some("http://localhost:3000/auth/signin?error=MissingCSRF");
    let path = "/auth/callback/email";

    let without = form(&[("code", &code)]);
    assert_eq!(browser.send("POST", path, &[PAGE, FORM], &without).await.location(), missing);
    for header in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(browser.send("POST", path, &[PAGE, FORM, header], &right).await.location(), missing);
    }
    assert!(!browser.is_signed_in());
    browser.send("POST", path, &[PAGE, FORM], &right).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn opening_the_address_with_a_code_in_it_does_nothing() {
    let app = App::with(config().with_link_redemption(LinkRedemption::Immediately));
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    app.store.take_calls();

    let answer = browser.get(&format!("/auth/callback/email?code={code}")).await;

    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(!browser.is_signed_in());
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn a_code_survives_a_change_of_secrets() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let rotated = Config::with_secrets([
        Secret::from("another secret of at least 32 characters"),
        Secret::from(SECRET),
    ])
    .with_base_url(ORIGIN)
    .with_provider(provider());
    browser.app = app.another_process(rotated);

    browser.enter(&code).await;

    assert!(browser.is_signed_in());
}

/// The store goes down after each of the calls that a code makes.
#[tokio::test]
async fn an_outage_is_503_wherever_it_comes_and_signs_nobody_in() {
    let mut steps = 0;
    loop {
        let app = app();
        let mut browser = app.browser();
        let code = browser.ask_for_code("ada@example.com").await;
        app.store.fail_after(steps, Fault::Unavailable);

        let answer = browser.enter(&code).await;

        if answer.status() == StatusCode::FOUND {
            break;
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "after {steps}: {}", answer.text());
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(answer.set_cookies(), [""; 0]);
        app.store.recover();
        if steps < 2 {
            browser.enter(&code).await;
            assert!(browser.is_signed_in(), "the code was not spent");
        }
        steps += 1;
    }
    assert_eq!(steps, 6, "place and count, token, user and count, user with session");
}

#[tokio::test]
async fn a_mail_that_is_not_sent_leaves_no_ticket() {
    let app = app();
    let mut browser = app.browser();
    app.mailbox.close();

    let answer = browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=EmailSignin"));
    assert!(!browser.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn known_and_unknown_addresses_cannot_be_told_apart() {
    let app = app();
    app.browser().sign_in("ada@example.com").await;
    let mut seen = Vec::new();
    for address in ["ada@example.com", "bob@example.com"] {
        let mut browser = app.browser();
        app.store.take_calls();
        let code = browser.ask_for_code(address).await;
        // How many rows are tried before one counts is left to chance.
        let mut asked = app.store.take_calls();
        asked.dedup();
        let page = browser.get(PENDING).await.text().replace(address, "").len();
        let wrong = browser.enter(&other(&code)).await;
        let tried = app.store.take_calls();
        seen.push((asked, page, wrong.status(), wrong.text().replace(address, "").len(), tried));
    }

    assert_eq!(seen[0], seen[1]);
    assert_eq!(
        seen[0].4,
        ["create_verification_token", "create_verification_token", "consume_verification_token"]
    );
}
