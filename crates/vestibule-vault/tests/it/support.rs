//! Stores, values, and readings of errors.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Barrier;
use vestibule_core::{
    Account, AccountTokens, AccountType, Accounts, Adapter, AdapterError, NewAccount, NewSession, NewUser,
    SecretToken, Session, Sessions, Timestamp, TouchPolicy, User, Users,
};
use vestibule_memory::Memory;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Access, Dialect, Driver, Profile, SqlAdapter, Statement, Value, schema};
use vestibule_testkit::FaultyAdapter;
use vestibule_testkit::sql::{self, Made};
use vestibule_vault::{EncryptedTokens, HashedSessions, Key, KeyRing, PlainSessions};

pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
/// Sessions live for ten hours and are extended once an hour has passed.
pub(crate) const POLICY: TouchPolicy =
    TouchPolicy { max_age: Duration::from_hours(10), update_age: Duration::from_hours(1) };

/// The hash of `token`, as `printf %s token | sha256sum` prints it.
pub(crate) const HASH_OF_TOKEN: &str =
    "sha256:3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

pub(crate) const ACCESS: &str = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
pub(crate) const REFRESH: &str =
    "ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498";
pub(crate) const ID: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI1ODMyMzEifQ.c2ln";

/// A store, what is around it, and somebody in between who counts and fails.
pub(crate) struct Set<D> {
    pub(crate) memory: Memory,
    pub(crate) faulty: FaultyAdapter,
    pub(crate) store: D,
    pub(crate) user: User,
}

async fn set<D>(decorate: impl FnOnce(Arc<dyn Adapter>) -> D) -> Set<D> {
    let memory = Memory::new();
    let user = memory.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    let faulty = FaultyAdapter::new(Arc::new(memory.clone()));
    let store = decorate(Arc::new(faulty.clone()));
    Set { memory, faulty, store, user }
}

pub(crate) async fn tokens() -> Set<EncryptedTokens> {
    set(|inner| EncryptedTokens::new(inner, ring(&[("a", 1)]))).await
}

pub(crate) async fn sessions(plain: PlainSessions) -> Set<HashedSessions> {
    set(|inner| HashedSessions::new(inner).with_plain_sessions(plain)).await
}

/// Keys by id, each of the same byte again and again.
pub(crate) fn ring(keys: &[(&str, u8)]) -> KeyRing {
    KeyRing::new(keys.iter().map(|(id, byte)| (*id, Key::new([*byte; 32])))).unwrap()
}

pub(crate) fn all_tokens() -> AccountTokens {
    AccountTokens {
        access_token: Some(ACCESS.into()),
        refresh_token: Some(REFRESH.into()),
        id_token: Some(ID.into()),
        expires_at: Some(NOW),
        token_type: Some("bearer".into()),
        scope: Some("read:user".into()),
        session_state: Some("state".into()),
    }
}

/// The three that are secret.
pub(crate) fn secrets(tokens: &AccountTokens) -> [Option<&str>; 3] {
    [&tokens.access_token, &tokens.refresh_token, &tokens.id_token]
        .map(|token| token.as_ref().map(SecretToken::expose))
}

pub(crate) fn account(id: &str) -> NewAccount {
    let mut account = NewAccount::new(AccountType::OAuth, "github", id);
    account.tokens = all_tokens();
    account
}

/// The account as it stands in the store.
pub(crate) async fn stored(memory: &Memory, id: &str) -> Account {
    memory.account(&"github".into(), &id.into()).await.unwrap().unwrap()
}

/// Table and column of a corrupt row, and its message; fails on anything else.
#[track_caller]
pub(crate) fn corrupt<T: std::fmt::Debug>(result: Result<T, AdapterError>) -> (String, String) {
    match result {
        Err(error @ AdapterError::CorruptRow { .. }) => {
            let text = error.to_string();
            let printed = format!("{error:?}");
            for secret in [ACCESS, REFRESH, ID, "vst1."] {
                assert!(!text.contains(secret) && !printed.contains(secret), "{text}");
            }
            (text.split(' ').next().unwrap().to_owned(), text)
        }
        other => panic!("expected a corrupt row, got {other:?}"),
    }
}

impl<D> Set<D> {
    /// Puts a session into the store by its token as it is.
    pub(crate) async fn plain(&self, token: &str) -> Session {
        self.plain_until(token, NOW.after(HOUR * 10)).await
    }

    pub(crate) async fn plain_until(&self, token: &str, expires: Timestamp) -> Session {
        let new = NewSession::new(token, self.user.id.clone(), expires);
        self.memory.create_session(&new).await.unwrap()
    }

    /// The tokens that stand in the store, in order.
    pub(crate) async fn stored_tokens(&self) -> Vec<String> {
        stored_tokens(&self.memory, &self.user).await
    }
}

pub(crate) async fn stored_tokens(store: &impl Sessions, user: &User) -> Vec<String> {
    let rows = store.sessions_of_user(&user.id).await.unwrap();
    let mut tokens: Vec<_> = rows.into_iter().map(|row| row.token.expose().to_owned()).collect();
    tokens.sort();
    tokens
}

/// A SQLite file with tables, and the folder that it is in.
pub(crate) async fn sqlite(made: Made) -> (Rusqlite, SqlAdapter<Rusqlite>, TempDir) {
    sqlite_with(Profile::authjs(), made).await
}

/// The same with the tables of a profile.
pub(crate) async fn sqlite_with(profile: Profile, made: Made) -> (Rusqlite, SqlAdapter<Rusqlite>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let driver = Rusqlite::open(folder.path().join("vestibule.db")).unwrap();
    schema::apply(&driver, &sql::tables(&profile, Dialect::Sqlite, made)).await.unwrap();
    // Nothing is known about the tables, so that every lock is taken.
    let adapter = SqlAdapter::new(driver.clone(), profile).unwrap();
    (driver, adapter, folder)
}

/// Runs a statement of a test's own.
pub(crate) async fn run(driver: &Rusqlite, text: &str) -> Vec<Vec<Value>> {
    let statement =
        Statement { name: "test", text: text.into(), params: Box::default(), access: Access::Write };
    driver.run(&statement, &[]).await.unwrap()
}

/// Runs `count` tasks, all let go at once, and returns what they did, in order.
pub(crate) async fn at_once<F, R>(count: usize, task: impl Fn(usize) -> F) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (Arc::clone(&barrier), task(number));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
