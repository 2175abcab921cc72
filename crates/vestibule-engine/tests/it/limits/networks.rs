use std::time::Duration;

use http::StatusCode;
use vestibule_engine::{ClientAddress, Config, Limit, Limits};

use super::refused;
use crate::app::{Answer, App, Browser, config};

fn two() -> Config {
    let limit = Limit::new(2, Duration::from_hours(1));
    config().with_limits(Limits::off().with_mails_per_network(limit))
}

/// Asks for a mail to an address that nobody has asked for before.
async fn ask(mut browser: Browser, headers: &[(&str, &str)]) -> Answer {
    let address = format!("a{}@example.com", browser.app.mailbox.mails().len());
    browser.post_with("/auth/signin/email", headers, &[("email", &address)]).await
}

async fn fill(app: &App, at: &str) {
    for _ in 0..2 {
        assert_eq!(ask(app.browser_at(at), &[]).await.status(), StatusCode::FOUND);
    }
}

#[tokio::test]
async fn a_network_is_limited_and_its_neighbors_are_not() {
    for (at, same, other) in [
        ("203.0.113.7", vec!["203.0.113.7", "::ffff:203.0.113.7", "64:ff9b::203.0.113.7"], "203.0.113.8"),
        ("2001:db8:0:1::1", vec!["2001:db8:0:1::1", "2001:db8:0:1:ffff::9"], "2001:db8:0:2::1"),
    ] {
        let app = App::with(two());
        fill(&app, at).await;

        for at in same {
            refused(&ask(app.browser_at(at), &[]).await);
        }
        assert_eq!(ask(app.browser_at(other), &[]).await.status(), StatusCode::FOUND);
    }
}

#[tokio::test]
async fn a_forged_header_makes_no_other_network_of_it() {
    let app = App::with(two());
    fill(&app, "203.0.113.7").await;

    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"] {
        refused(&ask(app.browser_at("203.0.113.7"), &[(name, "198.51.100.1")]).await);
    }
}

#[tokio::test]
async fn behind_a_proxy_the_network_is_the_one_that_the_proxy_names() {
    let app = App::with(two().with_trusted_proxies(1));
    let through = async |named: &str| ask(app.browser_at("10.0.0.1"), &[("x-forwarded-for", named)]).await;
    for named in ["203.0.113.7", "9.9.9.9, 203.0.113.7"] {
        assert_eq!(through(named).await.status(), StatusCode::FOUND);
    }

    refused(&through("8.8.8.8,203.0.113.7").await);
    assert_eq!(through("203.0.113.7, 203.0.113.8").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn a_proxy_that_nobody_told_of_is_not_taken_for_the_client() {
    let app = App::with(two());
    for _ in 0..10 {
        assert_eq!(ask(app.browser_at("10.0.0.1"), &[]).await.status(), StatusCode::FOUND);
        assert_eq!(ask(app.browser(), &[]).await.status(), StatusCode::FOUND);
    }

    let app = App::with(two().with_trusted_proxies(0));
    fill(&app, "10.0.0.1").await;
    refused(&ask(app.browser_at("10.0.0.1"), &[]).await);
}

#[tokio::test]
async fn the_application_can_say_where_a_request_comes_from() {
    let app = App::with(two());
    let browser = |client: &str| Browser {
        from: Some(ClientAddress::Client(client.parse().unwrap())),
        ..app.browser()
    };
    for _ in 0..2 {
        assert_eq!(ask(browser("10.0.0.1"), &[]).await.status(), StatusCode::FOUND);
    }

    refused(&ask(browser("10.0.0.1"), &[]).await);
    assert_eq!(ask(browser("10.0.0.2"), &[]).await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn what_a_network_is_refused_does_not_count_for_the_address() {
    let limit = |count| Limit::new(count, Duration::from_hours(1));
    let limits = Limits::off().with_mails_per_network(limit(2)).with_mails_per_address(limit(3));
    let app = App::with(config().with_limits(limits));
    fill(&app, "203.0.113.7").await;
    for _ in 0..10 {
        refused(&app.browser_at("203.0.113.7").ask("ada@example.com").await);
    }

    for at in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        assert_eq!(app.browser_at(at).ask("ada@example.com").await.status(), StatusCode::FOUND);
    }
    refused(&app.browser_at("198.51.100.4").ask("ada@example.com").await);
}

#[tokio::test]
async fn by_default_fifty_mails_an_hour() {
    let app = App::new();
    for _ in 0..50 {
        assert_eq!(ask(app.browser_at("203.0.113.7"), &[]).await.status(), StatusCode::FOUND);
    }

    refused(&ask(app.browser_at("203.0.113.7"), &[]).await);
}
