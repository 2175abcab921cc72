//! An application's own rate limiter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use vestibule_core::{AdapterError, Timestamp};
use vestibule_engine::{Admission, ConfigProblem, Engine, Limit, LimitKey, Limits, Permit, RateLimiter};

use super::refused;
use crate::app::{App, config};

/// Writes down what it is asked, and answers what it is told to.
#[derive(Clone, Debug, Default)]
struct Ledger(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    asked: Vec<(String, Limit)>,
    given_back: Vec<String>,
    /// Which call is refused, or fails.
    refuses: Option<usize>,
    fails: Option<fn() -> AdapterError>,
}

#[async_trait]
impl RateLimiter for Ledger {
    async fn admit(&self, key: &LimitKey, limit: Limit, _: Timestamp) -> Result<Admission, AdapterError> {
        let mut state = self.0.lock().unwrap();
        state.asked.push((key.as_str().to_owned(), limit));
        if let Some(fails) = state.fails {
            return Err(fails());
        }
        let number = state.asked.len();
        Ok(if state.refuses == Some(number) {
            Admission::Refused { retry_after: Duration::from_millis(90_001) }
        } else {
            Admission::Granted(Permit::new(number.to_string()))
        })
    }

    async fn give_back(&self, permit: Permit) -> Result<(), AdapterError> {
        self.0.lock().unwrap().given_back.push(permit.as_str().to_owned());
        Ok(())
    }
}

/// An application with this limiter.
fn app(ledger: &Ledger) -> App {
    let app = App::new();
    let parts = app.engine.parts().clone().with_rate_limiter(ledger.clone());
    App { engine: Engine::new(config(), parts).unwrap(), ..app }
}

#[tokio::test]
async fn it_counts_in_place_of_the_store() {
    let ledger = Ledger::default();
    let app = app(&ledger);

    let answer = app.browser_at("203.0.113.7").ask("ada@example.com").await;

    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(app.store.take_calls(), ["create_verification_token"], "the link");
    let state = ledger.0.lock().unwrap();
    let limits: Vec<_> =
        state.asked.iter().map(|(_, limit)| (limit.count(), limit.window().as_secs())).collect();
    assert_eq!(limits, [(10, 3600), (50, 3600)]);
    for (key, _) in &state.asked {
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
    assert_ne!(state.asked[0].0, state.asked[1].0);
    assert_eq!(state.given_back, [""; 0]);
}

#[tokio::test]
async fn what_one_count_refuses_the_other_gets_back() {
    for (refuses, back) in [(1, "2"), (2, "1")] {
        let ledger = Ledger::default();
        ledger.0.lock().unwrap().refuses = Some(refuses);
        let app = app(&ledger);

        let answer = app.browser_at("203.0.113.7").ask("ada@example.com").await;

        assert_eq!(refused(&answer), Duration::from_secs(91));
        assert_eq!(ledger.0.lock().unwrap().given_back, [back]);
        assert_eq!(app.store.take_calls(), [""; 0]);
        assert_eq!(app.mailbox.mails().len(), 0);
    }
}

#[tokio::test]
async fn one_that_cannot_be_reached_is_an_outage_and_one_that_cannot_count_is_none() {
    let ledger = Ledger::default();
    let app = app(&ledger);
    let fail = |fails| ledger.0.lock().unwrap().fails = Some(fails);

    fail(|| AdapterError::Unavailable("no route to the host".into()));
    let answer = app.browser().ask("ada@example.com").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.mailbox.mails().len(), 0);

    fail(|| AdapterError::Refused { operation: "admit", source: "no such command".into() });
    let answer = app.browser().ask("ada@example.com").await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn the_keys_are_other_ones_with_another_secret() {
    let keys = async |secret: &str| {
        let ledger = Ledger::default();
        let app = App::new();
        let parts = app.engine.parts().clone().with_rate_limiter(ledger.clone());
        let config = vestibule_engine::Config::new(secret)
            .with_base_url(crate::app::ORIGIN)
            .with_provider(vestibule_engine::EmailProvider::new("App <no-reply@example.com>"));
        let app = App { engine: Engine::new(config, parts).unwrap(), ..app };
        app.browser_at("203.0.113.7").ask("ada@example.com").await;
        let state = ledger.0.lock().unwrap();
        state.asked.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>()
    };

    let (one, other) = (keys("a").await, keys("b").await);

    assert!(one.iter().all(|key| !other.contains(key)));
    assert_eq!(one, keys("a").await);
}

#[tokio::test]
async fn impossible_limits_are_named_when_the_engine_is_made() {
    for limit in [
        Limit::new(0, Duration::from_mins(1)),
        Limit::new(10_001, Duration::from_mins(1)),
        Limit::new(1, Duration::from_millis(999)),
    ] {
        let config = config().with_limits(Limits::new().with_wrong_codes(limit));

        let error = Engine::new(config, App::new().engine.parts().clone()).unwrap_err();

        assert!(matches!(error.problems(), [ConfigProblem::Value { setting: "limits", .. }]), "{error}");
    }
}
