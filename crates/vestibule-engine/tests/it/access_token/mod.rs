//! Access tokens of providers, refreshed by one for all.

mod failures;
mod processes;
mod refreshing;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use vestibule_core::{AccountTokens, Clock, ProviderId, User};
use vestibule_engine::{
    AccessToken, AccessTokenError, Config, Engine, OAuthProvider, Runtime, SessionStrategy, Work,
};
use vestibule_http::HyperClient;
use vestibule_testkit::{FaultyAdapter, Mailbox, Page, SeededRandom, TestClock};

use crate::app::config;
use crate::oauth::{World, ada, client_of};

/// As long as the provider's tokens live.
const HOUR: Duration = Duration::from_hours(1);

/// Ada, who has signed in at the provider, and the processes that serve her.
struct Office {
    world: World,
    user: User,
    config: Config,
}

/// One process: an engine with its own way to the store that all share.
#[derive(Clone)]
struct Process {
    engine: Engine,
    store: FaultyAdapter,
    runtime: TestRuntime,
}

impl Office {
    async fn open() -> Self {
        Self::with(|provider| provider).await
    }

    async fn with(change: impl Fn(OAuthProvider) -> OAuthProvider) -> Self {
        let session = SessionStrategy::default();
        let world = World::with(session, &change).await;
        world.fake.set_user(ada());
        let config = config().with_provider(change(client_of(&world.fake, "fake").into()));
        world.sign_in(&mut world.app.browser()).await;
        let user = world.app.user("ada@example.com").await.unwrap();
        Self { world, user, config }
    }

    /// A process that is a stranger to all others.
    fn process(&self) -> Process {
        self.make(true)
    }

    fn process_without_runtime(&self) -> Process {
        self.make(false)
    }

    fn make(&self, has_runtime: bool) -> Process {
        let store = FaultyAdapter::new(Arc::new(self.world.app.memory.clone()));
        let clock = self.world.app.clock.clone();
        let runtime = TestRuntime { clock: clock.clone(), pauses: Arc::default() };
        let mut parts = vestibule_engine::Parts::new(Arc::new(store.clone()), Arc::new(Mailbox::new()))
            .with_clock(Arc::new(clock))
            .with_random(Arc::new(SeededRandom::default()))
            .with_http_client(Arc::new(HyperClient::new()));
        if has_runtime {
            parts = parts.with_runtime(runtime.clone());
        }
        Process { engine: Engine::new(self.config.clone(), parts).unwrap(), store, runtime }
    }

    /// How often the provider was asked for new tokens.
    fn refreshings(&self) -> usize {
        self.world.fake.requests(Page::Token) - 1
    }

    fn later(&self, duration: Duration) {
        self.world.app.clock.advance(duration);
    }

    async fn stored(&self) -> AccountTokens {
        self.world.account("ada-1").await.unwrap().tokens
    }

    /// The token that is in the store.
    async fn stored_token(&self) -> vestibule_core::SecretToken {
        self.stored().await.access_token.unwrap()
    }

    async fn ask(&self, process: &Process) -> Result<AccessToken, AccessTokenError> {
        process.ask(&self.user).await
    }

    /// Moves the clock on, little by little, until something has come to its end.
    async fn wait_for<T>(&self, task: tokio::task::JoinHandle<T>) -> T {
        while !task.is_finished() {
            self.later(Duration::from_millis(50));
            // Time for what is under way on sockets, also where other threads and programs want the processor.
            for _ in 0..512 {
                tokio::task::yield_now().await;
                std::thread::yield_now();
            }
        }
        task.await.unwrap()
    }
}

impl Process {
    async fn ask(&self, user: &User) -> Result<AccessToken, AccessTokenError> {
        self.engine.access_token(&user.id, &ProviderId::from("fake")).await
    }

    /// Waits until the process waits for another one.
    async fn waits(&self) {
        while self.runtime.pauses.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Tokio, by the clock that is moved by hand.
#[derive(Clone)]
struct TestRuntime {
    clock: TestClock,
    pauses: Arc<AtomicUsize>,
}

#[async_trait]
impl Runtime for TestRuntime {
    async fn pause(&self, duration: Duration) {
        let end = self.clock.now().after(duration);
        self.pauses.fetch_add(1, Ordering::SeqCst);
        self.clock.until(end).await;
    }

    fn finish(&self, work: Work) {
        tokio::spawn(work);
    }
}
