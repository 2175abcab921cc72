//! The databases that processes share.

use std::sync::Arc;

use vestibule_core::{
    AccountTokens, AccountType, Adapter, Clock as _, NewAccount, NewUser, SecretToken, Timestamp, UserId,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, Driver, Profile, SqlAdapter, schema};
use vestibule_testkit::TestClock;
use vestibule_testkit::databases::{PostgresDatabase, SqliteFile};
use vestibule_tokio_postgres::{Settings, TokioPostgres};

/// A database of the test's own.
pub(super) enum Place {
    File(SqliteFile),
    Postgres(PostgresDatabase),
}

impl Place {
    pub(super) fn file() -> Self {
        Self::File(SqliteFile::create())
    }

    pub(super) fn postgres() -> Option<Self> {
        PostgresDatabase::create("refreshing").map(Self::Postgres)
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::File(file) => format!("sqlite:{}", file.path().display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// A user with an account whose access token has expired.
    pub(super) async fn fill(&self) -> UserId {
        let url = self.url();
        let store = match self {
            Self::File(file) => made(Rusqlite::open(file.path()).unwrap(), Dialect::Sqlite).await,
            Self::Postgres(_) => {
                let driver = TokioPostgres::connect(&Settings::from_url(&url).unwrap()).unwrap();
                made(driver, Dialect::Postgres).await
            }
        };
        let user = store.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        let tokens = AccountTokens {
            access_token: Some("access-0".into()),
            refresh_token: Some("refresh-0".into()),
            expires_at: Some(Timestamp::from_secs(TestClock::default().now().as_secs() - 60)),
            ..AccountTokens::default()
        };
        let account = NewAccount { tokens, ..NewAccount::new(AccountType::OAuth, "corp", "ada-1") };
        store.link_account(&user.id, &account).await.unwrap();
        user.id
    }

    /// The refresh token that is stored.
    pub(super) async fn refresh_token(&self) -> Option<SecretToken> {
        let account = store(&self.url()).await.account(&"corp".into(), &"ada-1".into()).await.unwrap();
        account.unwrap().tokens.refresh_token
    }
}

async fn made<D: Driver + 'static>(driver: D, dialect: Dialect) -> Arc<dyn Adapter> {
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::create(&profile, dialect).unwrap()).await.unwrap();
    opened(driver).await
}

async fn opened<D: Driver + 'static>(driver: D) -> Arc<dyn Adapter> {
    Arc::new(SqlAdapter::inspect(driver, Profile::authjs()).await.unwrap())
}

/// The store that a process is told of.
pub(super) async fn store(url: &str) -> Arc<dyn Adapter> {
    match url.strip_prefix("sqlite:") {
        Some(path) => opened(Rusqlite::open(path).unwrap()).await,
        None => opened(TokioPostgres::connect(&Settings::from_url(url).unwrap()).unwrap()).await,
    }
}
