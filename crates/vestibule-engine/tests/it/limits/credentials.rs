use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use tokio::task::JoinSet;
use vestibule_engine::{
    Authorize, Config, Credential, Credentials, CredentialsError, CredentialsProvider, Field, JwtPolicy,
    Limit, Limits,
};
use vestibule_testkit::Fault;

use super::refused;
use crate::app::{Answer, App, Browser, ORIGIN, RETURN, SECRET};

const CALLBACK: &str = "/auth/callback/credentials";
const KNOWN: &str = "vestibule.known";

/// Takes everybody with the password `pw`, and counts how often it was asked.
#[derive(Clone, Default)]
struct Everybody(Arc<AtomicUsize>);

#[async_trait]
impl Authorize for Everybody {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match fields.get("password") {
            Some("pw") => {
                Ok(Some(Credential { name: fields.get("username").map(Into::into), ..Credential::default() }))
            }
            Some("broken") => Err(CredentialsError::Failed("the password file is gone".into())),
            Some("half") => Err(CredentialsError::refused("otp_required")),
            _ => Ok(None),
        }
    }
}

fn provider(asked: &Everybody) -> CredentialsProvider {
    CredentialsProvider::new(asked.clone())
        .with_field(Field::password("password", "Password"))
        .with_field(Field::text("username", "User name"))
}

fn config(provider: CredentialsProvider) -> Config {
    Config::new(SECRET).with_base_url(ORIGIN).with_session(JwtPolicy::default()).with_provider(provider)
}

fn app() -> App {
    App::with(config(provider(&Everybody::default())))
}

async fn enter(browser: &mut Browser, name: &str, password: &str) -> Answer {
    browser.post(CALLBACK, &[("username", name), ("password", password)]).await
}

fn wrong(answer: &Answer) {
    assert_eq!(answer.status(), StatusCode::FOUND, "{}", answer.text());
    assert!(answer.location().unwrap().contains("error=CredentialsSignin"), "{:?}", answer.location());
}

fn right(answer: &Answer) {
    assert_eq!(answer.location(), Some(ORIGIN), "{}", answer.text());
}

#[tokio::test]
async fn ten_wrong_ones_for_a_name_are_taken_and_then_none_for_a_while() {
    let app = app();
    for _ in 0..10 {
        wrong(&enter(&mut app.browser(), "ada", "x").await);
    }

    let wait = refused(&enter(&mut app.browser(), "ada", "pw").await);

    assert!(wait <= Duration::from_mins(15));
    right(&enter(&mut app.browser(), "bob", "pw").await);
    app.clock.advance(wait);
    right(&enter(&mut app.browser(), "ada", "pw").await);
}

#[tokio::test]
async fn right_ones_do_not_count() {
    let app = app();
    for _ in 0..25 {
        right(&enter(&mut app.browser_at("203.0.113.7"), "ada", "pw").await);
    }
}

#[tokio::test]
async fn what_the_application_could_not_check_does_not_count_and_half_of_it_does() {
    let app = app();
    for _ in 0..25 {
        let answer = enter(&mut app.browser(), "ada", "broken").await;
        assert!(answer.location().unwrap().contains("error=Configuration"));
    }
    for _ in 0..10 {
        wrong(&enter(&mut app.browser(), "ada", "half").await);
    }

    refused(&enter(&mut app.browser(), "ada", "half").await);
}

#[tokio::test]
async fn spellings_of_a_name_count_together_and_nobody_elses() {
    let app = app();
    for spelling in ["ada", "Ada", " ADA ", "ａｄａ", "ada", "ada", "ada", "ada", "ada", "ada"] {
        wrong(&enter(&mut app.browser(), spelling, "x").await);
    }

    refused(&enter(&mut app.browser(), "aDa", "x").await);
    for other in ["ad", "adaa", "", "ada x"] {
        wrong(&enter(&mut app.browser(), other, "x").await);
    }
}

#[tokio::test]
async fn a_network_may_be_wrong_a_hundred_times_an_hour() {
    let app = app();
    for number in 0..100 {
        wrong(&enter(&mut app.browser_at("203.0.113.7"), &format!("user{number}"), "x").await);
    }

    refused(&enter(&mut app.browser_at("203.0.113.7"), "ada", "pw").await);
    right(&enter(&mut app.browser_at("203.0.113.8"), "ada", "pw").await);
}

#[tokio::test]
async fn who_signed_in_before_is_not_locked_out_by_strangers() {
    let app = app();
    let mut ada = app.browser_at("203.0.113.7");
    right(&enter(&mut ada, "ada", "pw").await);
    for number in 0..100 {
        enter(&mut app.browser_at("203.0.113.7"), "ada", "x").await;
        enter(&mut app.browser_at("203.0.113.7"), &format!("user{number}"), "x").await;
    }
    refused(&enter(&mut app.browser_at("203.0.113.7"), "ada", "pw").await);

    right(&enter(&mut ada, "ada", "pw").await);
    for _ in 0..10 {
        wrong(&enter(&mut ada, "ada", "x").await);
    }
    refused(&enter(&mut ada, "ada", "pw").await);
}

#[tokio::test]
async fn a_browser_is_known_for_those_who_signed_in_with_it() {
    let app = app();
    let mut shared = app.browser();
    right(&enter(&mut shared, "ada", "pw").await);
    right(&enter(&mut shared, "bob", "pw").await);
    for name in ["ada", "bob", "eve"] {
        for _ in 0..10 {
            enter(&mut app.browser(), name, "x").await;
        }
    }

    right(&enter(&mut shared, "ada", "pw").await);
    right(&enter(&mut shared, "bob", "pw").await);
    refused(&enter(&mut shared, "eve", "pw").await);
}

/// Names that are spelled alike may be those of two people.
#[tokio::test]
async fn a_browser_is_not_known_for_a_name_that_is_only_spelled_alike() {
    let app = app();
    let mut eve = app.browser();
    right(&enter(&mut eve, "ADA", "pw").await);
    for _ in 0..10 {
        enter(&mut eve, "ada", "x").await;
    }

    refused(&enter(&mut eve, "ada", "pw").await);
    refused(&enter(&mut app.browser(), "ada", "pw").await);
}

#[tokio::test]
async fn a_browser_forgets_all_but_the_eight_names_of_late() {
    let app = app();
    let mut shared = app.browser();
    let names: Vec<String> = (0..9).map(|number| format!("user{number}")).collect();
    for name in &names {
        right(&enter(&mut shared, name, "pw").await);
        for _ in 0..10 {
            enter(&mut app.browser(), name, "x").await;
        }
    }

    refused(&enter(&mut shared, &names[0], "pw").await);
    right(&enter(&mut shared, &names[1], "pw").await);
}

#[tokio::test]
async fn the_cookie_of_a_known_browser_is_sealed_and_lasts_half_a_year() {
    let app = app();
    let mut ada = app.browser();

    let answer = enter(&mut ada, "ada", "pw").await;

    let cookies = answer.set_cookies();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with(KNOWN)).unwrap();
    assert!(
        cookie.ends_with("; Path=/; Expires=Wed, 19 May 2027 13:06:13 GMT; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(!cookie.contains("ada"));
    for _ in 0..10 {
        enter(&mut app.browser(), "ada", "x").await;
    }
    let sealed = ada.cookies[KNOWN].clone();
    for forged in ["", "x", &sealed[1..], &sealed[..sealed.len() - 2]] {
        ada.cookies.insert(KNOWN.into(), forged.into());
        refused(&enter(&mut ada, "ada", "pw").await);
    }
    ada.cookies.insert(KNOWN.into(), sealed);
    right(&enter(&mut ada, "ada", "pw").await);
    app.clock.advance(Duration::from_hours(181 * 24));
    for _ in 0..10 {
        enter(&mut app.browser(), "ada", "x").await;
    }
    refused(&enter(&mut ada, "ada", "pw").await);
}

#[tokio::test]
async fn of_many_at_once_no_more_are_checked_than_may_be_wrong() {
    for _ in 0..10 {
        let asked = Everybody::default();
        let app = App::with(config(provider(&asked)));
        let other = app.another_process(config(provider(&asked)));
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let mut browser = if number % 2 == 0 { app.browser() } else { other.browser() };
            tasks.spawn(async move { enter(&mut browser, "ada", "x").await.status() });
        }

        let statuses = tasks.join_all().await;

        assert_eq!(asked.0.load(Ordering::SeqCst), 10);
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::FOUND).count(), 10);
    }
}

#[tokio::test]
async fn the_name_is_in_the_field_that_is_said() {
    let by_password = provider(&Everybody::default()).with_identifier("password");
    let app = App::with(config(by_password));
    for number in 0..10 {
        wrong(&enter(&mut app.browser(), &format!("user{number}"), "x").await);
    }

    refused(&enter(&mut app.browser(), "ada", "x").await);
    wrong(&enter(&mut app.browser(), "ada", "y").await);
}

#[tokio::test]
async fn without_a_field_for_the_name_networks_alone_are_limited() {
    let asked = Everybody::default();
    let limits = Limits::new().with_failures_per_network(Limit::new(12, Duration::from_hours(1)));
    let app = App::with(config(CredentialsProvider::new(asked)).with_limits(limits));
    for _ in 0..12 {
        wrong(&enter(&mut app.browser_at("203.0.113.7"), "ada", "x").await);
    }

    refused(&enter(&mut app.browser_at("203.0.113.7"), "ada", "x").await);
    right(&enter(&mut app.browser(), "ada", "pw").await);
}

#[tokio::test]
async fn clients_of_the_original_get_somewhere_to_go() {
    let app = app();
    let mut browser = app.browser();
    let fields = [("username", "ada"), ("password", "x")];
    for _ in 0..10 {
        browser.post_with(CALLBACK, &[RETURN], &fields).await;
    }

    let answer = browser.post_with(CALLBACK, &[RETURN], &fields).await;

    refused(&answer);
    assert_eq!(answer.json()["url"], format!("{ORIGIN}/auth/signin?error=TooManyRequests"));
}

#[tokio::test]
async fn an_outage_is_503_and_nothing_is_checked() {
    let asked = Everybody::default();
    let app = App::with(config(provider(&asked)));
    let mut browser = app.browser();
    app.store.fail(Fault::Unavailable);

    let answer = enter(&mut browser, "ada", "pw").await;

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(asked.0.load(Ordering::SeqCst), 0);
    app.store.recover();
    right(&enter(&mut browser, "ada", "pw").await);
}

#[tokio::test]
async fn a_count_that_cannot_be_taken_back_keeps_nobody_out() {
    let app = app();
    let mut browser = app.browser();
    app.store.fail_after(1, Fault::Unavailable);

    right(&enter(&mut browser, "ada", "pw").await);
    assert_eq!(app.store.take_calls(), ["create_verification_token", "consume_verification_token"]);
}

#[tokio::test]
async fn a_store_without_a_place_for_tokens_limits_nothing() {
    let app = app();
    app.store.fail(Fault::Refused);
    for _ in 0..25 {
        wrong(&enter(&mut app.browser(), "ada", "x").await);
    }

    right(&enter(&mut app.browser(), "ada", "pw").await);
}
