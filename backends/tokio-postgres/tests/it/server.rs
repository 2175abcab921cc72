//! The server for tests, and schemas of a test's own on it.

use std::future::Future;
use std::time::{Duration, Instant};

use vestibule_sql::{Profile, SqlAdapter, schema};
use vestibule_testkit::postgres;
use vestibule_testkit::sql::{Made, tables};
use vestibule_tokio_postgres::deadpool_postgres::{Manager, Pool};
use vestibule_tokio_postgres::tokio_postgres::{self, Client, Config, NoTls};
use vestibule_tokio_postgres::{Settings, TokioPostgres};

/// A PostgreSQL schema that a test has for itself.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
    /// A connection beside those under test.
    pub(crate) client: Client,
}

/// Makes an empty schema named after the test; `None` if there is no server.
pub(crate) async fn schema(test: &str) -> Option<Schema> {
    let url = postgres::url()?;
    Some(schema_at(&url, test).await)
}

pub(crate) async fn schema_at(url: &str, test: &str) -> Schema {
    let client = client(url).await;
    let name = format!("it_{test}_{}", std::process::id());
    let text =
        format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name}");
    client.batch_execute(&text).await.unwrap();
    Schema { url: url.to_owned(), name, client }
}

pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(async { drop(connection.await) });
    client
}

impl Schema {
    pub(crate) fn profile(&self) -> Profile {
        Profile::authjs().with_postgres_schema(&self.name)
    }

    pub(crate) async fn execute(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap();
    }

    pub(crate) async fn count(&self, what: &str) -> i64 {
        self.client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).await.unwrap().get(0)
    }

    /// The tables with a place for authenticators, and an adapter that has looked at them.
    pub(crate) async fn adapter(&self, driver: TokioPostgres, made: Made) -> SqlAdapter<TokioPostgres> {
        let profile = self.profile().with_authenticators("authenticators");
        let statements = tables(&profile, vestibule_sql::Dialect::Postgres, made);
        // On a connection of its own, so that the driver's count for themselves.
        for statement in statements {
            self.execute(&statement).await;
        }
        match made {
            Made::Fresh => SqlAdapter::inspect(driver, profile).await.unwrap(),
            Made::Published => SqlAdapter::new(driver, profile).unwrap(),
        }
    }

    /// Ends the test: only one that passed cleans up.
    pub(crate) async fn drop(self) {
        self.execute(&format!("DROP SCHEMA {} CASCADE", self.name)).await;
    }
}

/// The address of the server in a URL.
pub(crate) fn address(url: &str) -> String {
    let config: Config = url.parse().unwrap();
    let host = match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Tcp(host) => host.clone(),
        tokio_postgres::config::Host::Unix(_) => "127.0.0.1".to_owned(),
    };
    format!("{host}:{}", config.get_ports().first().copied().unwrap_or(5432))
}

/// The same database by way of another address.
pub(crate) fn by_way_of(url: &str, address: std::net::SocketAddr) -> Config {
    let there: Config = url.parse().unwrap();
    let mut config = Config::new();
    config.host(address.ip().to_string()).port(address.port());
    config.user(there.get_user().unwrap_or("postgres")).dbname(there.get_dbname().unwrap_or("postgres"));
    if let Some(password) = there.get_password() {
        config.password(password);
    }
    config
}

pub(crate) fn settings(config: Config) -> Settings {
    Settings::from_config(config)
}

/// A pool as an application has it.
pub(crate) fn pool(config: Config, size: usize) -> Pool {
    Pool::builder(Manager::new(config, NoTls)).max_size(size).build().unwrap()
}

/// Tries until it is so, for at most half a minute.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} takes too long");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until some connection of the server waits for a lock while it runs a statement with `part` in it.
pub(crate) async fn until_waiting(client: &Client, part: &str) {
    let text = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                AND position($1 in query) > 0 AND pid <> pg_backend_pid()";
    until("the lock is waited for", || async {
        client.query_one(text, &[&part]).await.unwrap().get::<_, i64>(0) > 0
    })
    .await;
}

pub(crate) async fn fits(driver: &TokioPostgres, profile: &Profile) -> schema::Report {
    schema::inspect(driver, profile).await.unwrap()
}
