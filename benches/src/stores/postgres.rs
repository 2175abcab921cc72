//! A database of its own on a running server, with one schema for each size.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, NoTls};
use vestibule_core::Adapter;
use vestibule_sql::{Dialect, Profile, SqlAdapter, schema};
use vestibule_tokio_postgres::{Settings, TokioPostgres};

use super::{short, with_database};
use crate::cpu::Server;
use crate::data::{Data, PROVIDER, system_time};
use crate::raw::postgres::RawPostgres;
use crate::recorded;
use crate::through_adapter::ThroughAdapter;

/// How many rows one statement inserts.
const TOGETHER: usize = 20_000;

/// The database.
pub(crate) struct Postgres {
    url: String,
    name: String,
    admin: Client,
    /// What was filled so far, by the number of sessions.
    filled: Mutex<HashMap<usize, Arc<Tables>>>,
    pub(crate) pool: Pool,
    pub(crate) version: String,
    /// The server's processes, if it runs on this machine.
    pub(crate) server: Option<Server>,
}

/// Tables of one size.
pub(crate) struct Tables {
    pub(crate) data: Arc<Data>,
    pub(crate) sessions: usize,
    pub(crate) schema: String,
    pub(crate) profile: Profile,
}

impl Postgres {
    /// Creates a database beside the one that `url` names.
    pub(crate) async fn create(url: &str) -> Result<Self> {
        let config: Config = url.parse().context("the URL of PostgreSQL")?;
        let (admin, connection) = config.connect(NoTls).await.context("cannot connect to PostgreSQL")?;
        tokio::spawn(connection);
        let name = format!("vestibule_bench_{}", std::process::id());
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;

        let row = admin.query_one("SELECT pg_backend_pid(), current_setting('server_version')", &[]).await?;
        let server = u32::try_from(row.get::<_, i32>(0)).ok().and_then(Server::of_backend);
        let mut config = config;
        config.dbname(&name);
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), NoTls, manager_config);
        let pool = Pool::builder(manager).max_size(20).build()?;
        let url = with_database(url, &name).context("the URL of PostgreSQL names no database")?;
        let filled = Mutex::default();
        Ok(Self { url, name, admin, filled, pool, version: row.get(1), server })
    }

    /// The URL of this database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The URL of this database, where names without a schema mean these tables.
    pub(crate) fn url_of(&self, tables: &Tables) -> String {
        let sign = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-c%20search_path%3D{}", self.url, tables.schema)
    }

    /// Settings of pools and connections of one's own.
    pub(crate) fn settings(&self) -> Result<Settings> {
        Ok(Settings::from_url(&self.url)?)
    }

    /// Tables as Vestibule makes them, filled when they are first asked for.
    pub(crate) async fn fill(&self, sessions: usize) -> Result<Arc<Tables>> {
        let mut filled = self.filled.lock().await;
        if let Some(tables) = filled.get(&sessions) {
            return Ok(Arc::clone(tables));
        }
        eprintln!("filling PostgreSQL with {sessions} sessions");
        let tables = Arc::new(self.make(sessions).await?);
        filled.insert(sessions, Arc::clone(&tables));
        Ok(tables)
    }

    async fn make(&self, sessions: usize) -> Result<Tables> {
        let schema = format!("s{}", short(sessions));
        let profile = Profile::authjs().with_postgres_schema(&schema);
        let data = Arc::new(Data::new(sessions));
        let statements = schema::create(&profile, Dialect::Postgres)?;
        let (keys, tables): (Vec<_>, Vec<_>) = statements.iter().partition(|text| text.contains(" INDEX "));

        let client = self.pool.get().await?;
        for text in tables {
            client.batch_execute(text).await?;
        }
        // Foreign keys need no checking while the rows that they point to are made up here.
        client
            .batch_execute(&format!("SET session_replication_role = replica; SET search_path = {schema}"))
            .await?;
        insert(&client, &data).await?;
        for text in keys {
            client.batch_execute(text).await?;
        }
        client.batch_execute("RESET session_replication_role; RESET search_path").await?;
        client.batch_execute("VACUUM ANALYZE").await?;
        client.batch_execute("CHECKPOINT").await?;
        Ok(Tables { data, sessions, schema, profile })
    }

    /// The adapter on the pool.
    pub(crate) async fn pooled(&self, tables: &Tables) -> Result<Arc<ThroughAdapter>> {
        adapter(TokioPostgres::new(self.pool.clone()), tables).await
    }

    /// The adapter on connections of its own, shared by all reads.
    pub(crate) async fn connected(&self, tables: &Tables) -> Result<Arc<ThroughAdapter>> {
        adapter(TokioPostgres::connect(&self.settings()?)?, tables).await
    }

    /// The raw driver on the pool.
    pub(crate) async fn raw(&self, tables: &Tables) -> Result<Arc<RawPostgres>> {
        let driver = TokioPostgres::new(self.pool.clone());
        let texts = recorded::all(driver, tables.profile.clone(), &tables.data).await?;
        Ok(Arc::new(RawPostgres { pool: self.pool.clone(), texts, data: Arc::clone(&tables.data) }))
    }

    /// Drops the database.
    pub(crate) async fn drop(self) -> Result<()> {
        self.pool.close();
        self.admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await?;
        Ok(())
    }
}

async fn adapter(driver: TokioPostgres, tables: &Tables) -> Result<Arc<ThroughAdapter>> {
    let adapter: Arc<dyn Adapter> = Arc::new(SqlAdapter::inspect(driver, tables.profile.clone()).await?);
    Ok(Arc::new(ThroughAdapter { adapter, data: Arc::clone(&tables.data) }))
}

async fn insert(client: &Client, data: &Data) -> Result<()> {
    let begin = "BEGIN";
    client.batch_execute(begin).await?;
    for users in data.users.chunks(TOGETHER) {
        let ids: Vec<i64> = users.iter().map(|user| user.number).collect();
        let emails: Vec<&str> = users.iter().map(|user| &*user.email).collect();
        let text = "INSERT INTO users (id, name, email, image) \
                    SELECT id, 'User ' || id, email, 'https://example.com/avatars/' || id || '.png' \
                    FROM unnest($1::int8[], $2::text[]) AS t (id, email)";
        client.execute(text, &[&ids, &emails]).await?;
        let accounts: Vec<&str> = users.iter().map(|user| user.account.as_str()).collect();
        let text = "INSERT INTO accounts (\"userId\", type, provider, \"providerAccountId\", scope, token_type) \
                    SELECT id, 'oauth', $3, account, 'read:user user:email', 'bearer' \
                    FROM unnest($1::int8[], $2::text[]) AS t (id, account)";
        client.execute(text, &[&ids, &accounts, &PROVIDER]).await?;
    }
    let expires = system_time(data.expires);
    for (chunk, tokens) in data.sessions.chunks(TOGETHER).enumerate() {
        let owners = (chunk * TOGETHER..).take(tokens.len()).map(|at| data.owner(at).number);
        let owners: Vec<i64> = owners.collect();
        let tokens: Vec<&str> = tokens.iter().map(vestibule_core::SecretToken::expose).collect();
        let text = "INSERT INTO sessions (\"userId\", expires, \"sessionToken\") \
                    SELECT owner, $3, token FROM unnest($1::int8[], $2::text[]) AS t (owner, token)";
        client.execute(text, &[&owners, &tokens, &expires]).await?;
    }
    client.batch_execute("SELECT setval('users_id_seq', (SELECT max(id) FROM users)); COMMIT").await?;
    Ok(())
}
