use std::time::Duration;

use http::StatusCode;
use tokio::task::JoinSet;
use vestibule_core::VerificationTokens;
use vestibule_engine::{Codes, EmailProvider, Limit, Limits};
use vestibule_testkit::Fault;

use super::refused;
use crate::app::{Answer, App, Browser, ORIGIN, PAGE, RETURN, config};

const HOUR: Duration = Duration::from_hours(1);

/// At most three mails an hour to an address.
fn three() -> App {
    App::with(config().with_limits(Limits::off().with_mails_per_address(Limit::new(3, HOUR))))
}

impl Browser {
    pub(super) async fn ask(&mut self, email: &str) -> Answer {
        self.post("/auth/signin/email", &[("email", email)]).await
    }
}

#[tokio::test]
async fn so_many_mails_go_to_an_address_and_no_more() {
    let app = three();
    for _ in 0..3 {
        assert_eq!(app.browser().ask("ada@example.com").await.status(), StatusCode::FOUND);
    }

    let wait = refused(&app.browser().ask("ada@example.com").await);

    assert!(wait <= HOUR);
    assert_eq!(app.mailbox.mails().len(), 3);
    assert_eq!(app.browser().ask("bob@example.com").await.status(), StatusCode::FOUND);
    app.clock.set(app.now().after(wait).before(Duration::from_secs(1)));
    assert_eq!(refused(&app.browser().ask("ada@example.com").await), Duration::from_secs(1));
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.browser().ask("ada@example.com").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn by_default_ten_an_hour() {
    let app = App::new();
    for _ in 0..10 {
        assert_eq!(app.browser().ask("ada@example.com").await.status(), StatusCode::FOUND);
    }

    refused(&app.browser().ask("ada@example.com").await);
}

#[tokio::test]
async fn spellings_of_one_mailbox_count_together() {
    let app = three();
    for spelling in ["ada@example.com", " Ada@Example.COM", "ada+shop@example.com"] {
        assert_eq!(app.browser().ask(spelling).await.status(), StatusCode::FOUND);
    }

    for spelling in ["ada@example.com", "ada+x+y@example.com", "ADA+@example.com"] {
        refused(&app.browser().ask(spelling).await);
    }
    assert_eq!(app.browser().ask("ada@example.org").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn people_get_a_page_programs_json_and_clients_of_the_original_somewhere_to_go() {
    let app = three();
    let mut browser = app.browser();
    for _ in 0..3 {
        browser.ask("ada@example.com").await;
    }
    let (path, fields) = ("/auth/signin/email", [("email", "ada@example.com")]);

    let page = browser.post_with(path, &[PAGE], &fields).await;
    let minutes = refused(&page).as_secs().div_ceil(60);
    assert!(page.text().contains("<h1>Too many tries</h1>"), "{}", page.text());
    assert!(page.text().contains(&format!("Please wait {minutes} min, then try again.")));
    assert!(page.text().contains("role=\"alert\"") && page.text().contains("href=\"/auth/signin\""));
    crate::pages::is_accessible_and_locked_down(&page, path);

    let korean = browser.post_with(path, &[PAGE, ("accept-language", "ko")], &fields).await;
    assert!(korean.text().contains(&format!("{minutes}분 기다린 뒤")));

    let json = browser.post(path, &fields).await;
    refused(&json);
    assert!(json.json()["message"].as_str().unwrap().starts_with("There were too many tries."));

    let client = browser.post_with(path, &[RETURN], &fields).await;
    refused(&client);
    let url = client.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("{ORIGIN}/auth/signin?error=TooManyRequests"));
    let shown = browser.get(&url[ORIGIN.len()..]).await;
    assert!(shown.text().contains("role=\"alert\">There were too many tries."));
}

#[tokio::test]
async fn the_clients_of_version_four_get_the_same() {
    let app = three();
    let mut browser = app.browser();
    let fields = [("email", "ada@example.com"), ("json", "true")];
    for _ in 0..3 {
        browser.post("/auth/signin/email", &fields).await;
    }

    let answer = browser.post("/auth/signin/email", &fields).await;

    refused(&answer);
    assert_eq!(answer.json()["url"], format!("{ORIGIN}/auth/signin?error=TooManyRequests"));
}

#[tokio::test]
async fn of_many_at_once_as_many_pass_as_may_whichever_process_they_ask() {
    for _ in 0..10 {
        let five = || config().with_limits(Limits::off().with_mails_per_address(Limit::new(5, HOUR)));
        let app = App::with(five());
        let other = app.another_process(five());
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let mut browser = if number % 2 == 0 { app.browser() } else { other.browser() };
            tasks.spawn(async move { browser.ask("ada@example.com").await.status() });
        }

        let statuses = tasks.join_all().await;

        let count = |status| statuses.iter().filter(|it| **it == status).count();
        assert_eq!((count(StatusCode::FOUND), count(StatusCode::TOO_MANY_REQUESTS)), (5, 59));
        assert_eq!(app.mailbox.mails().len(), 5);
    }
}

#[tokio::test]
async fn a_mail_costs_one_round_trip_more_and_a_refusal_soon_none() {
    let app = three();
    let mut browser = app.browser();
    browser.csrf_token().await;
    app.store.take_calls();

    browser.ask("ada@example.com").await;
    assert_eq!(app.store.take_calls(), ["create_verification_token", "create_verification_token"]);

    browser.ask("ada@example.com").await;
    browser.ask("ada@example.com").await;
    app.store.take_calls();
    refused(&browser.ask("ada@example.com").await);
    assert_eq!(app.store.take_calls(), ["create_verification_token"; 3]);
    refused(&browser.ask("ada@example.com").await);
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn without_limits_nothing_is_counted() {
    let app = App::with(config().with_limits(Limits::off()));
    for _ in 0..30 {
        assert_eq!(app.browser().ask("ada@example.com").await.status(), StatusCode::FOUND);
    }

    assert_eq!(app.store.take_calls(), ["create_verification_token"; 30]);
}

#[tokio::test]
async fn what_is_counted_is_swept_once_its_time_is_over() {
    let app = three();
    for _ in 0..3 {
        app.browser().ask("ada@example.com").await;
    }

    app.clock.advance(HOUR + Duration::from_millis(1));
    assert_eq!(app.memory.delete_expired_tokens(app.now(), 100).await.unwrap(), 3);
    app.clock.advance(Duration::from_hours(24));
    assert_eq!(app.memory.delete_expired_tokens(app.now(), 100).await.unwrap(), 3, "the links");
}

#[tokio::test]
async fn an_outage_is_503_and_no_mail_goes_out() {
    for steps in 0..2 {
        let app = App::new();
        let mut browser = app.browser();
        app.store.fail_after(steps, Fault::Unavailable);

        let answer = browser.ask("ada@example.com").await;

        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(app.mailbox.mails().len(), 0);
        app.store.recover();
        assert_eq!(browser.ask("ada@example.com").await.status(), StatusCode::FOUND);
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_cannot_be_told_apart() {
    let codes = EmailProvider::new("App <no-reply@example.com>").with_id("codes").with_codes(Codes::new());
    let app = App::with(config().with_provider(codes));
    app.browser().sign_in("ada@example.com").await;
    let mut seen = Vec::new();
    for address in ["ada@example.com", "bob@example.com"] {
        let mut browser = app.browser();
        browser.csrf_token().await;
        app.store.take_calls();
        let mut steps = Vec::new();
        for _ in 0..12 {
            let mails = app.mailbox.mails().len();
            let answer = browser.post("/auth/signin/codes", &[("email", address)]).await;
            let sent = app.mailbox.mails().len() - mails;
            // How many places are looked at before a free one is found is left to chance.
            let mut calls = app.store.take_calls();
            calls.dedup();
            steps.push((answer.status(), answer.text().len(), sent, calls));
        }
        seen.push(steps);
    }
    // One mail to the first was sent when it signed in.
    let (known, unknown) = (&seen[0], &seen[1]);

    assert_eq!(known[..9], unknown[..9]);
    assert_eq!(known[9].0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(unknown[10].0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(known[10], unknown[11]);
}

#[tokio::test]
async fn a_browser_that_is_known_has_a_count_of_its_own() {
    let codes = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
    let limits = Limits::off().with_mails_per_address(Limit::new(3, HOUR));
    let app = App::with(
        vestibule_engine::Config::new(crate::app::SECRET)
            .with_base_url(ORIGIN)
            .with_provider(codes)
            .with_limits(limits),
    );
    let mut ada = app.browser();
    ada.sign_in("ada@example.com").await;
    for _ in 0..2 {
        app.browser().ask("ada@example.com").await;
    }
    refused(&app.browser().ask("ada@example.com").await);

    refused(&ada.ask("ada+x@example.com").await);
    for _ in 0..3 {
        assert_eq!(ada.ask("ada@example.com").await.status(), StatusCode::FOUND);
    }
    refused(&ada.ask("ada@example.com").await);
}
