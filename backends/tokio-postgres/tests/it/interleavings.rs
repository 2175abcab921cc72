//! Races step by step: another connection is in the middle of something when an operation comes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use vestibule_core::{
    AccountType, Accounts as _, AdapterError, Change, Entity, NewAccount, NewSession, NewUser, Sessions as _,
    Timestamp, TouchPolicy, User, UserChanges, Users as _, VerificationToken, VerificationTokens as _,
};
use vestibule_sql::SqlAdapter;
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::{TokioPostgres, tokio_postgres};

use crate::server::{self, Schema, until_waiting};

type Adapter = Arc<SqlAdapter<TokioPostgres>>;

const NOW: Timestamp = Timestamp::from_secs(2_000_000_000);
const POLICY: TouchPolicy =
    TouchPolicy { max_age: Duration::from_secs(1000), update_age: Duration::from_secs(100) };
/// A session that is due, in SQL and here.
const DUE: &str = "to_timestamp(2000000005)";

struct Scene {
    schema: Schema,
    watcher: tokio_postgres::Client,
    adapter: Adapter,
    ada: User,
}

/// The published tables, where nothing but locks keeps anything apart, with one user.
async fn scene(test: &str, made: Made) -> Option<Scene> {
    let schema = server::schema(test).await?;
    let mut config: tokio_postgres::Config = schema.url.parse().unwrap();
    // Long enough for a test to bring a deadlock about before it is looked for.
    config.options("-c deadlock_timeout=2s");
    let pool = server::pool(config, 8);
    let driver = TokioPostgres::new(pool).with_timeouts(Duration::from_secs(5), Duration::from_mins(1));
    let adapter = Arc::new(schema.adapter(driver, made).await);
    let ada = adapter.create_user(&NewUser::with_email("ada"), Some(&account("ada"))).await.unwrap();
    let watcher = server::client(&schema.url).await;
    Some(Scene { schema, watcher, adapter, ada })
}

impl Scene {
    async fn session(&self, token: &str, expires: Timestamp) {
        let session = NewSession::new(token, self.ada.id.clone(), expires);
        self.adapter.create_session(&session).await.unwrap();
    }

    /// Begins an operation and waits until it waits.
    async fn begin<F, T>(&self, operation: impl FnOnce(Adapter) -> F) -> JoinHandle<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let task = tokio::spawn(operation(Arc::clone(&self.adapter)));
        until_waiting(&self.watcher, &self.schema.name).await;
        task
    }

    async fn touch(&self) -> JoinHandle<Result<Option<vestibule_core::Touched>, AdapterError>> {
        self.begin(|adapter| async move { adapter.touch_session(&"s".into(), NOW, &POLICY).await }).await
    }
}

fn account(id: &str) -> NewAccount {
    NewAccount::new(AccountType::OAuth, "github", id)
}

const BOTH: [(Made, &str); 2] = [(Made::Published, "published"), (Made::Fresh, "fresh")];

#[tokio::test(flavor = "multi_thread")]
async fn a_row_for_a_user_who_is_being_deleted_is_refused() {
    for (made, name) in BOTH {
        let Some(scene) = scene(&format!("owner_{name}"), made).await else { return };
        scene.schema.execute("BEGIN; DELETE FROM users; DELETE FROM sessions; DELETE FROM accounts").await;
        let id = scene.ada.id.clone();
        let session = scene
            .begin(|adapter| async move { adapter.create_session(&NewSession::new("s", id, NOW)).await })
            .await;
        let id = scene.ada.id.clone();
        let link = tokio::spawn({
            let adapter = Arc::clone(&scene.adapter);
            async move { adapter.link_account(&id, &account("other")).await }
        });
        scene.schema.execute("COMMIT").await;

        let result = session.await.unwrap();
        assert!(matches!(result, Err(AdapterError::OwnerAbsent { entity: Entity::Session })), "{result:?}");
        let result = link.await.unwrap();
        assert!(matches!(result, Err(AdapterError::OwnerAbsent { entity: Entity::Account })), "{result:?}");
        assert_eq!(scene.schema.count("sessions").await + scene.schema.count("accounts").await, 0);
        scene.schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_along_a_session_that_was_being_created() {
    for (made, name) in BOTH {
        let Some(scene) = scene(&format!("orphan_{name}"), made).await else { return };
        let insert = "BEGIN; SELECT 1 FROM users FOR KEY SHARE; \
                      INSERT INTO sessions (\"userId\", expires, \"sessionToken\") VALUES (1, now(), 's')";
        scene.schema.execute(insert).await;
        let id = scene.ada.id.clone();
        let deletion = scene.begin(|adapter| async move { adapter.delete_user(&id).await }).await;
        scene.schema.execute("COMMIT").await;

        assert!(deletion.await.unwrap().unwrap().is_some());
        assert_eq!(scene.schema.count("sessions").await, 0);
        scene.schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_does_not_revive_a_session_that_is_being_deleted() {
    for (made, name) in BOTH {
        let Some(scene) = scene(&format!("revive_{name}"), made).await else { return };
        scene.session("s", NOW.after(Duration::from_secs(5))).await;
        scene.schema.execute("BEGIN; DELETE FROM sessions").await;
        let touch = scene.touch().await;
        scene.schema.execute("COMMIT").await;

        assert_eq!(touch.await.unwrap().unwrap(), None);
        assert_eq!(scene.schema.count("sessions").await, 0);
        scene.schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_sees_what_the_touch_before_it_wrote() {
    for (made, name) in BOTH {
        let Some(scene) = scene(&format!("touches_{name}"), made).await else { return };
        scene.session("s", NOW.after(Duration::from_secs(5))).await;
        scene.schema.execute("BEGIN; UPDATE sessions SET expires = to_timestamp(2000000999)").await;
        let touch = scene.touch().await;
        scene.schema.execute("COMMIT").await;
        let touched = touch.await.unwrap().unwrap().unwrap();
        let theirs = Timestamp::from_secs(2_000_000_999);
        assert_eq!(
            (touched.session.expires, touched.previous_expiry),
            (theirs, theirs),
            "not extended twice"
        );

        // One that was cut short meanwhile is over.
        scene.schema.execute(&format!("UPDATE sessions SET expires = {DUE}")).await;
        scene.schema.execute("BEGIN; UPDATE sessions SET expires = to_timestamp(1999999999)").await;
        let touch = scene.touch().await;
        scene.schema.execute("COMMIT").await;
        assert_eq!(touch.await.unwrap().unwrap(), None);
        assert_eq!(scene.adapter.touch_session(&"s".into(), NOW, &POLICY).await.unwrap(), None);
        assert_eq!(scene.schema.count("sessions").await, 0);
        scene.schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_being_consumed_is_not_given_out_again() {
    let Some(scene) = scene("consume", Made::Published).await else { return };
    let token = VerificationToken { identifier: "ada".into(), token: "hash".into(), expires: NOW };
    scene.adapter.create_verification_token(&token).await.unwrap();
    scene.schema.execute("BEGIN; DELETE FROM verification_token").await;
    let consume = scene
        .begin(|adapter| async move { adapter.consume_verification_token("ada", &"hash".into()).await })
        .await;
    scene.schema.execute("COMMIT").await;

    assert_eq!(consume.await.unwrap().unwrap(), None);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_being_taken_over_is_not_given_out_again() {
    let Some(scene) = scene("lease", Made::Published).await else { return };
    let (long_ago, until) = (Timestamp::from_secs(1), NOW.after(Duration::from_mins(1)));
    scene.adapter.acquire_lease("sweep", Timestamp::from_secs(0), long_ago).await.unwrap().unwrap();
    scene.schema.execute("BEGIN; UPDATE verification_token SET expires = to_timestamp(2000000060)").await;
    let lease = scene.begin(|adapter| async move { adapter.acquire_lease("sweep", NOW, until).await }).await;
    scene.schema.execute("COMMIT").await;

    assert_eq!(lease.await.unwrap().unwrap(), None);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_unique_key_the_second_user_waits_for_the_first_and_is_refused() {
    let Some(scene) = scene("email", Made::Published).await else { return };
    scene.schema.execute("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE").await;
    // It holds the lock on the address while it waits for the accounts.
    let first = scene
        .begin(|adapter| async move {
            adapter.create_user(&NewUser::with_email("grace"), Some(&account("g"))).await
        })
        .await;
    let second = tokio::spawn({
        let adapter = Arc::clone(&scene.adapter);
        async move { adapter.create_user(&NewUser::with_email("grace"), None).await }
    });
    let change = UserChanges { email: Change::Set(Some("grace".into())), ..UserChanges::default() };
    let third = tokio::spawn({
        let (adapter, id) = (Arc::clone(&scene.adapter), scene.ada.id.clone());
        async move { adapter.update_user(&id, &change).await }
    });
    until_waiting(&scene.watcher, "pg_advisory_xact_lock").await;
    // Other addresses do not wait.
    scene.adapter.create_user(&NewUser::with_email("edsger"), None).await.unwrap();
    assert!(!second.is_finished() && !third.is_finished());
    scene.schema.execute("COMMIT").await;

    first.await.unwrap().unwrap();
    let (second, third) = (second.await.unwrap(), third.await.unwrap());
    assert!(matches!(second, Err(AdapterError::Conflict { entity: Entity::User })), "{second:?}");
    assert!(matches!(third, Err(AdapterError::Conflict { entity: Entity::User })), "{third:?}");
    assert_eq!(scene.schema.count("users WHERE email = 'grace'").await, 1);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_unique_key_the_second_link_waits_for_the_first_and_is_refused() {
    let Some(scene) = scene("link", Made::Published).await else { return };
    scene.schema.execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await;
    // It holds the lock on the account while it waits for its user.
    let id = scene.ada.id.clone();
    let first = scene.begin(|adapter| async move { adapter.link_account(&id, &account("x")).await }).await;
    let second = tokio::spawn({
        let adapter = Arc::clone(&scene.adapter);
        async move { adapter.create_user(&NewUser::with_email("eve"), Some(&account("x"))).await }
    });
    until_waiting(&scene.watcher, "pg_advisory_xact_lock").await;
    scene.schema.execute("COMMIT").await;

    first.await.unwrap().unwrap();
    let second = second.await.unwrap();
    assert!(matches!(second, Err(AdapterError::Conflict { entity: Entity::Account })), "{second:?}");
    assert_eq!(scene.schema.count("users").await, 1);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_unique_key_the_second_user_is_refused_by_it() {
    let Some(scene) = scene("unique", Made::Fresh).await else { return };
    scene.schema.execute("BEGIN; INSERT INTO users (email) VALUES ('grace')").await;
    let second = scene
        .begin(|adapter| async move { adapter.create_user(&NewUser::with_email("grace"), None).await })
        .await;
    scene.schema.execute("COMMIT").await;

    let second = second.await.unwrap();
    assert!(matches!(second, Err(AdapterError::Conflict { entity: Entity::User })), "{second:?}");

    let insert = "BEGIN; INSERT INTO accounts (\"userId\", type, provider, \"providerAccountId\") \
                  VALUES (1, 'oauth', 'github', 'x')";
    scene.schema.execute(insert).await;
    let linked = scene
        .begin(|adapter| async move {
            adapter.create_user(&NewUser::with_email("eve"), Some(&account("x"))).await
        })
        .await;
    scene.schema.execute("COMMIT").await;
    let linked = linked.await.unwrap();
    assert!(matches!(linked, Err(AdapterError::Conflict { entity: Entity::Account })), "{linked:?}");
    assert_eq!(scene.schema.count("users WHERE email = 'eve'").await, 0);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_leaves_alone_what_somebody_else_is_at() {
    let Some(scene) = scene("sweep", Made::Published).await else { return };
    for token in ["a", "b", "c"] {
        scene.session(token, Timestamp::from_secs(1)).await;
    }
    scene.schema.execute("BEGIN; SELECT 1 FROM sessions WHERE \"sessionToken\" = 'b' FOR UPDATE").await;
    assert_eq!(scene.adapter.delete_expired_sessions(NOW, 10).await.unwrap(), 2);
    scene.schema.execute("COMMIT").await;
    assert_eq!(scene.adapter.delete_expired_sessions(NOW, 10).await.unwrap(), 1);
    scene.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loser_of_a_deadlock_is_run_again() {
    let Some(scene) = scene("deadlock", Made::Published).await else { return };
    scene.session("s", NOW).await;
    // Never the other side: the operation is the one that finds the deadlock.
    scene.schema.execute("SET deadlock_timeout = '1min'; BEGIN; SELECT 1 FROM sessions FOR UPDATE").await;
    let id = scene.ada.id.clone();
    let deletion = scene.begin(|adapter| async move { adapter.delete_user(&id).await }).await;
    scene.schema.execute("SELECT 1 FROM users FOR UPDATE").await;
    scene.schema.execute("COMMIT").await;

    assert!(deletion.await.unwrap().unwrap().is_some());
    assert_eq!(scene.schema.count("sessions").await, 0);
    scene.schema.drop().await;
}
