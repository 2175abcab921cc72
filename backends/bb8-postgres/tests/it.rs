//! The conformance suite on PostgreSQL, what an operation costs on the wire, and what happens when there is no answer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use vestibule_bb8_postgres::Bb8Postgres;
use vestibule_bb8_postgres::bb8_postgres::PostgresConnectionManager;
use vestibule_bb8_postgres::bb8_postgres::bb8::Pool;
use vestibule_bb8_postgres::bb8_postgres::tokio_postgres::NoTls;
use vestibule_conformance::{Fixture, Offer};
use vestibule_core::{
    AccountType, AdapterError, NewAccount, NewUser, ProviderAccountId, ProviderId, Sessions as _, Users as _,
};
use vestibule_sql::{Profile, SqlAdapter, schema};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{Proxy, mysql, servers, trips, until};

type Driver = Bb8Postgres<PostgresConnectionManager<NoTls>>;

/// How long to wait in the tests of outages, and what a busy machine adds.
const SHORT: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(6);

fn driver(url: &str, size: u32) -> Driver {
    let manager = PostgresConnectionManager::new_from_stringlike(url, NoTls).unwrap();
    Bb8Postgres::new(Pool::builder().max_size(size).test_on_check_out(false).build_unchecked(manager))
}

async fn store(fixture: Fixture, made: Made) -> Offer {
    let Ok(url) = std::env::var(servers::POSTGRES_URL) else { return servers::absent(servers::POSTGRES_URL) };
    // The suite keeps some operations waiting for others.
    let driver = driver(&url, 8).with_timeouts(Duration::from_mins(1), Duration::from_mins(1));
    sql::store(driver, &fixture, made).await.into()
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Published).await);
}

#[tokio::test]
async fn every_operation_costs_one_round_trip() {
    for made in [Made::Fresh, Made::Published] {
        let costs = trips::on_postgres("bb8", made, async |url: &str| driver(url, 1)).await;

        let Some(costs) = costs else { return };
        trips::assert_all_cost_one(&costs, &format!("bb8 {made:?}"));
    }
}

/// A store behind a proxy with a pool of one, on tables of a schema of its own.
struct Scene {
    proxy: Proxy,
    store: SqlAdapter<Driver>,
    /// Of somebody beside, by another way.
    beside: SqlAdapter<Driver>,
    schema: String,
}

impl Scene {
    async fn start(test: &str, patience: Duration) -> Option<Self> {
        let url = servers::url(servers::POSTGRES_URL)?;
        let address = mysql::address(&url);
        let proxy = Proxy::start(address.clone()).await;
        let schema = format!("bb8_{test}_{}", std::process::id());
        let profile = Profile::authjs().with_postgres_schema(schema.as_str());
        let beside = sql::adapter(driver(&url, 2), profile.clone(), Made::Published).await;
        beside.create_user(&NewUser::with_email("ada"), None).await.unwrap();
        let way = url.replacen(&address, &proxy.address().to_string(), 1);
        let store = SqlAdapter::new(driver(&way, 1).with_timeouts(patience, patience), profile).unwrap();
        let scene = Self { proxy, store, beside, schema };
        scene.until_it_works().await;
        Some(scene)
    }

    async fn add(&self, email: &str) -> Result<(), AdapterError> {
        let account = NewAccount::new(AccountType::OAuth, "github", email);
        self.store.create_user(&NewUser::with_email(email), Some(&account)).await.map(drop)
    }

    /// A read, a write and a batch say within their time that the store is unavailable.
    async fn assert_unavailable(&self) {
        for operation in 0..3 {
            let begun = Instant::now();
            let result = match operation {
                0 => self.store.user_by_email("ada").await.map(drop),
                1 => self.store.delete_session(&"none".into()).await.map(drop),
                _ => self.add("grace").await,
            };
            assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{operation}: {result:?}");
            assert!(begun.elapsed() < PATIENCE, "{operation} took {:?}", begun.elapsed());
        }
    }

    async fn until_it_works(&self) {
        until("recovery", async || {
            self.store.user_by_email("ada").await.is_ok_and(|user| user.is_some())
                && self.store.delete_session(&"none".into()).await.is_ok()
        })
        .await;
    }

    async fn drop(self) {
        let drop = [format!("DROP SCHEMA {} CASCADE", self.schema)];
        schema::apply(self.beside.driver(), &drop).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unavailable_until_it_is_back() {
    let Some(scene) = Scene::start("down", SHORT).await else { return };

    scene.proxy.go_down();
    scene.assert_unavailable().await;
    scene.assert_unavailable().await;
    scene.proxy.come_up();

    scene.until_it_works().await;
    assert!(scene.store.user_by_email("ada").await.unwrap().is_some());
    scene.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_answer_is_given_up_and_not_used_again() {
    let Some(scene) = Scene::start("deaf", SHORT).await else { return };
    let connections = scene.proxy.connections();
    let holder = scene.beside.driver().pool().dedicated_connection().await.unwrap();
    let lock = format!("BEGIN; LOCK TABLE {}.users, {0}.sessions IN ACCESS EXCLUSIVE MODE", scene.schema);
    holder.batch_execute(&lock).await.unwrap();

    scene.assert_unavailable().await;
    holder.batch_execute("COMMIT").await.unwrap();

    scene.until_it_works().await;
    assert!(scene.proxy.connections() > connections, "the connection that lost its answer is in use again");
    scene.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_on_a_connection_that_was_closed_meanwhile_is_answered() {
    let Some(scene) = Scene::start("closed", SHORT).await else { return };

    for _ in 0..3 {
        scene.proxy.hang_up_once();
        assert!(scene.store.user_by_email("ada").await.unwrap().is_some());
    }
    scene.drop().await;
}

/// Drops the future after so many polls.
async fn at_most<F: Future>(polls: usize, future: F) {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|context| {
        if left == 0 || future.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        // Without waiting for it to have an effect.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_is_given_up_leaves_no_transaction_to_the_next() {
    let Some(scene) = Scene::start("dropped", Duration::from_mins(1)).await else { return };

    for at in 0..100 {
        let (email, next) = (format!("{at}"), format!("after {at}"));
        at_most(at % 20, scene.add(&email)).await;

        scene.store.create_user(&NewUser::with_email(&*next), None).await.unwrap();

        // In a transaction that somebody had left open, nobody else would see it.
        assert!(scene.beside.user_by_email(&next).await.unwrap().is_some(), "{next}");
        let user = scene.beside.user_by_email(&email).await.unwrap();
        let (provider, account) = (ProviderId::from("github"), ProviderAccountId::from(&*email));
        let linked = scene.beside.user_by_account(&provider, &account).await.unwrap();
        assert_eq!(user, linked, "all of {email} or nothing");
    }
    scene.drop().await;
}
