//! Tables as Lucia documents them, with attributes of every kind.

use std::sync::Arc;

use vestibule_core::Adapter;
use vestibule_sql::{Dialect, ExtraColumn, ExtraKind, Profile, SqlAdapter, Table};
use vestibule_testkit::postgres;
use vestibule_tokio_postgres::TokioPostgres;
use vestibule_tokio_postgres::deadpool_postgres::{Manager, Pool};
use vestibule_tokio_postgres::tokio_postgres::{self, Client, Config, NoTls};

use super::original::{self, Original};

/// A schema of the test's own, with users `ada` and `grace`.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) adapter: Arc<dyn Adapter>,
}

const DDL: &str = r#"
    CREATE TABLE auth_user (
        id text PRIMARY KEY, username text NOT NULL UNIQUE, email text, age integer, admin boolean,
        joined timestamptz, settings jsonb
    );
    CREATE TABLE user_session (
        id text PRIMARY KEY, expires_at timestamptz NOT NULL,
        user_id text NOT NULL REFERENCES auth_user (id),
        ip_country text DEFAULT 'ZZ', device jsonb, seen timestamptz
    );
    INSERT INTO auth_user VALUES
        ('d23dpxagmdehfe42', 'ada', 'ada@example.com', 36, true, '2026-01-02 03:04:05.678Z', '{"theme": "dark"}'),
        ('tsmtexa7jkmqlcn3', 'grace', NULL, NULL, NULL, NULL, NULL);
"#;

fn profile(schema: &str) -> Profile {
    let columns = [
        (Table::Users, "username", ExtraKind::Text),
        (Table::Users, "email", ExtraKind::Text),
        (Table::Users, "age", ExtraKind::Int),
        (Table::Users, "admin", ExtraKind::Bool),
        (Table::Users, "joined", ExtraKind::Time),
        (Table::Users, "settings", ExtraKind::Json),
        (Table::Sessions, "ip_country", ExtraKind::Text),
        (Table::Sessions, "device", ExtraKind::Json),
        (Table::Sessions, "seen", ExtraKind::Time),
    ];
    let profile = Profile::lucia(Dialect::Postgres).with_postgres_schema(schema);
    columns.into_iter().fold(profile, |profile, (table, name, kind)| {
        profile.with_extra_column(table, ExtraColumn::new(name, kind))
    })
}

/// Our store on the tables in a schema, on connections to `config`.
pub(crate) async fn adapter(config: Config, schema: &str) -> Arc<dyn Adapter> {
    let pool = Pool::builder(Manager::new(config, NoTls)).max_size(4).build().unwrap();
    Arc::new(SqlAdapter::inspect(TokioPostgres::new(pool), profile(schema)).await.unwrap())
}

impl Schema {
    /// Makes the tables; `None` if there is no server, or no real Lucia.
    pub(crate) async fn make(test: &str) -> Option<Self> {
        let url = postgres::url()?;
        if !original::is_installed() {
            return None;
        }
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(async { drop(connection.await) });
        let name = format!("lucia_{test}_{}", std::process::id());
        let empty =
            format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name};");
        client.batch_execute(&(empty + DDL)).await.unwrap();
        let adapter = adapter(url.parse().unwrap(), &name).await;
        Some(Self { url, name, client, adapter })
    }

    /// The real Lucia on these tables.
    pub(crate) fn original(&self) -> Original {
        Original::start(&self.url, &self.name)
    }

    /// Every session as it is stored.
    pub(crate) async fn rows(&self) -> Vec<String> {
        let text = "SELECT to_jsonb(s)::text FROM user_session AS s ORDER BY id";
        self.client.query(text, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn execute(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap();
    }

    /// Ends the test: only one that passed cleans up.
    pub(crate) async fn drop(self) {
        self.execute(&format!("DROP SCHEMA {} CASCADE", self.name)).await;
    }
}
