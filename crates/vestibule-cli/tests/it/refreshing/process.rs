//! A process that asks for a token: this binary, run again with the one test that is none.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use vestibule_core::{Clock as _, ProviderId, UserId};
use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{Config, Engine, OAuthProvider, Parts, Runtime, Work};
use vestibule_http::HyperClient;
use vestibule_testkit::{FaultyAdapter, Mailbox, TestClock};

use super::endpoint::TokenEndpoint;
use super::place::{Place, store};

const STORE: &str = "VESTIBULE_TEST_CHILD_STORE";
const TOKEN_ENDPOINT: &str = "VESTIBULE_TEST_CHILD_TOKEN_ENDPOINT";
const USER: &str = "VESTIBULE_TEST_CHILD_USER";
/// An operation at which the process stops, to be killed.
pub(super) const STOPS_AT: &str = "VESTIBULE_TEST_CHILD_STOPS_AT";
/// Whether the clock moves when the process waits.
pub(super) const MOVES: &str = "VESTIBULE_TEST_CHILD_MOVES";

const CALLERS: usize = 8;

fn say(line: &str) {
    println!("says {line}");
}

/// Waits for nothing but its turn.
#[derive(Clone)]
struct Patient {
    clock: TestClock,
    moves: bool,
}

#[async_trait]
impl Runtime for Patient {
    async fn pause(&self, duration: Duration) {
        say("waits");
        if self.moves {
            self.clock.advance(duration);
        }
        tokio::task::yield_now().await;
    }

    fn finish(&self, work: Work) {
        drop(tokio::spawn(work));
    }
}

/// Not a test of its own: what the processes run.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_asks_for_a_token() {
    let Ok(url) = std::env::var(STORE) else { return };
    let store = FaultyAdapter::new(store(&url).await);
    if let Ok(operation) = std::env::var(STOPS_AT) {
        let operation: &'static str = operation.leak();
        store.meanwhile(operation, move || async move {
            say(operation);
            std::future::pending::<()>().await;
        });
    }
    let clock = TestClock::default();
    let begun = clock.now().as_secs();
    let endpoint = std::env::var(TOKEN_ENDPOINT).unwrap();
    let provider = Provider::new("corp", "Corp", Kind::OAuth)
        .with_client_id("app")
        .with_client_secret("the secret of the client, 40 bytes of it")
        .with_authorization(&*format!("{endpoint}/authorize"))
        .with_token(&*format!("{endpoint}/token"))
        .with_user_info(&*format!("{endpoint}/userinfo"))
        .with_plain_http();
    let parts = Parts::new(Arc::new(store), Arc::new(Mailbox::new()))
        .with_clock(Arc::new(clock.clone()))
        .with_http_client(Arc::new(HyperClient::new()))
        .with_runtime(Patient { clock: clock.clone(), moves: std::env::var_os(MOVES).is_some() });
    let config = Config::new("test-secret-0123456789abcdef-0123456789")
        .with_base_url("http://localhost:3000")
        .with_provider(OAuthProvider::from(provider));
    let engine = Engine::new(config, parts).unwrap();
    let user = UserId::from(std::env::var(USER).unwrap());

    let provider = ProviderId::from("corp");
    let asking = (0..CALLERS).map(|_| engine.access_token(&user, &provider));
    for answer in futures_util::future::join_all(asking).await {
        match answer {
            Ok(token) => say(&format!("token {}", token.token.expose())),
            Err(error) => say(&format!("error {error}")),
        }
    }
    say(&format!("after {}", clock.now().as_secs() - begun));
}

/// A process that asks for the token.
pub(super) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(super) fn start(
        place: &Place,
        endpoint: &TokenEndpoint,
        user: &UserId,
        more: &[(&str, &str)],
    ) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "refreshing::process::child_that_asks_for_a_token", "--nocapture"])
            .env(STORE, place.url())
            .env(TOKEN_ENDPOINT, endpoint.server.url(""))
            .env(USER, user.as_str())
            .envs(more.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn next(&mut self) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if let Some((_, said)) = line.split_once("says ") {
                return Some(said.to_owned());
            }
        }
        None
    }

    pub(super) async fn until(&mut self, what: &str) {
        while let Some(said) = self.next().await {
            if said == what {
                return;
            }
        }
        panic!("the process ended before it said {what}");
    }

    /// Everything that it is told, and how long by its own clock that took.
    pub(super) async fn end(mut self) -> (BTreeSet<String>, i64) {
        let (mut answers, mut count) = (BTreeSet::new(), 0);
        while let Some(said) = self.next().await {
            if let Some(after) = said.strip_prefix("after ") {
                assert_eq!(count, CALLERS);
                return (answers, after.parse().unwrap());
            }
            if said != "waits" {
                count += 1;
                answers.insert(said);
            }
        }
        panic!("the process ended early: {answers:?}");
    }

    pub(super) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
