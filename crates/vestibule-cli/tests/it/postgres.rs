//! With a real PostgreSQL, where one is named by the environment. Each test has a database of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule_tokio_postgres::tokio_postgres::{Client, Config, NoTls};

use crate::browser::{Browser, SESSION_COOKIE};
use crate::program::{Server, run};

/// A database that is dropped in the end.
pub(crate) struct Database {
    name: String,
    admin: Config,
}

impl Database {
    /// Makes one; `None`, said aloud, if there is no server.
    pub(crate) async fn make() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let Ok(url) = std::env::var("VESTIBULE_TEST_POSTGRES_URL") else {
            assert!(std::env::var_os("CI").is_none(), "in continuous integration there must be a PostgreSQL");
            println!("skipped: VESTIBULE_TEST_POSTGRES_URL is not set");
            return None;
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_cli_{}_{count}", std::process::id());
        let database = Self { name, admin: url.parse().unwrap() };
        let create = format!("CREATE DATABASE {}", database.name);
        database.client(None).await.batch_execute(&create).await.unwrap();
        Some(database)
    }

    /// A connection: to this database, or to the one that the environment names.
    async fn client(&self, name: Option<&str>) -> Client {
        let mut config = self.admin.clone();
        if let Some(name) = name {
            config.dbname(name);
        }
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// A connection to this database.
    pub(crate) async fn open(&self) -> Client {
        self.client(Some(&self.name)).await
    }

    /// The URL of this database, by way of another address if one is given.
    pub(crate) fn url(&self, by_way_of: Option<std::net::SocketAddr>) -> String {
        let mut url = url::Url::parse(&std::env::var("VESTIBULE_TEST_POSTGRES_URL").unwrap()).unwrap();
        url.set_path(&self.name);
        if let Some(address) = by_way_of {
            url.set_host(Some(&address.ip().to_string())).unwrap();
            url.set_port(Some(address.port())).unwrap();
        }
        url.to_string()
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        let url = url::Url::parse(&self.url(None)).unwrap();
        format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))
    }

    /// Drops the database.
    pub(crate) async fn remove(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.client(None).await.batch_execute(&drop).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_kept_in_postgres() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = database.url(None);

    let lacking = run(folder.path(), &[], &[("DATABASE_URL", &url)]);
    assert_eq!(lacking.code, Some(4), "{lacking:?}");
    assert!(lacking.stderr.contains("CREATE TABLE IF NOT EXISTS \"users\""), "{lacking:?}");
    let applied = run(folder.path(), &["schema", "apply", "--yes"], &[("DATABASE_URL", &url)]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let server = Server::with(folder.path(), &["--database-url", &url], &[]);
    let mut browser = Browser::new(server.address);
    browser.sign_in("ada@example.com");

    let row = database
        .open()
        .await
        .query_one(
            "SELECT u.email, s.\"sessionToken\" FROM sessions s JOIN users u ON u.id = s.\"userId\"",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "ada@example.com");
    assert_eq!(Some(row.get::<_, &str>(1)), browser.cookie(SESSION_COOKIE));
    assert_eq!(browser.sign_out().status, 302);
    let left = database.open().await.query("SELECT 1 FROM sessions", &[]).await.unwrap();
    assert!(left.is_empty());
    assert!(server.stop().0.success());
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_an_address_do_as_well_as_a_url() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = url::Url::parse(&database.url(None)).unwrap();
    let port = url.port().unwrap_or(5432).to_string();
    let mut env = vec![
        ("DATABASE_HOST", url.host_str().unwrap()),
        ("DATABASE_PORT", &port),
        ("DATABASE_NAME", database.name.as_str()),
        ("DATABASE_USER", url.username()),
    ];
    env.extend(url.password().map(|password| ("DATABASE_PASSWORD", password)));

    let applied = run(folder.path(), &["schema", "apply", "--yes"], &env);
    let checked = run(folder.path(), &["schema", "check"], &env);

    assert_eq!((applied.code, checked.code), (Some(0), Some(0)), "{applied:?} {checked:?}");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_the_wrong_type_is_told_with_the_sql_that_mends_it() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", &*database.url(None))];
    assert_eq!(run(folder.path(), &["schema", "apply", "--yes"], &env).code, Some(0));
    let alter = "ALTER TABLE sessions ALTER COLUMN expires TYPE timestamp";
    database.open().await.batch_execute(alter).await.unwrap();

    let served = run(folder.path(), &[], &env);
    let applied = run(folder.path(), &["schema", "apply", "--yes"], &env);

    assert_eq!((served.code, applied.code), (Some(4), Some(1)), "{served:?} {applied:?}");
    for ended in [&served, &applied] {
        assert!(ended.stderr.contains("ALTER TABLE \"sessions\" ALTER COLUMN \"expires\" TYPE"), "{ended:?}");
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_read_or_write_is_told_the_table() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", &*database.url(None))];
    assert_eq!(run(folder.path(), &["schema", "apply", "--yes"], &env).code, Some(0));
    let role = format!("{}_guest", database.name);
    let client = database.open().await;
    client.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")).await.unwrap();
    let mut url = url::Url::parse(&database.url(None)).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let as_guest = [("DATABASE_URL", url.as_str())];

    let blind = run(folder.path(), &[], &as_guest);
    let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    client.batch_execute(&grant).await.unwrap();
    let reader = run(folder.path(), &[], &as_guest);
    url.set_username("nobody_of_that_name").unwrap();
    let stranger = run(folder.path(), &[], &[("DATABASE_URL", url.as_str())]);

    assert_eq!((blind.code, reader.code), (Some(3), Some(3)), "{blind:?} {reader:?}");
    assert!(blind.stderr.contains("permission denied for table users"), "{blind:?}");
    assert!(reader.stderr.contains("permission denied for table sessions"), "{reader:?}");
    assert_eq!(stranger.code, Some(3), "{stranger:?}");
    assert!(stranger.stderr.contains("user and password"), "{stranger:?}");
    for ended in [&blind, &reader, &stranger] {
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
    }
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_there_twice_stop_a_key_and_nothing_is_changed() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", &*database.url(None))];
    let client = database.open().await;
    client.batch_execute(include_str!("../../../../fixtures/published/authjs-pg.sql")).await.unwrap();
    let rows = "INSERT INTO users (email) VALUES ('ada@example.com'), ('ada@example.com'); \
                INSERT INTO sessions (\"userId\", expires, \"sessionToken\") VALUES (99, now(), 'gone')";
    client.batch_execute(rows).await.unwrap();

    let applied = run(folder.path(), &["schema", "apply", "--yes", "--profile", "auto"], &env);

    assert_eq!(applied.code, Some(3), "{applied:?}");
    assert!(applied.stderr.contains("Nothing was changed"), "{applied:?}");
    assert!(applied.stderr.contains("users") || applied.stderr.contains("sessions"), "{applied:?}");
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(client.query_one(keys, &[]).await.unwrap().get::<_, i64>(0), 0);
    database.remove().await;
}
