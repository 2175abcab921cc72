//! A database of its own on a running MariaDB or MySQL.

use std::sync::Arc;

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts};
use vestibule_mysql_async::MysqlAsync;
use vestibule_sql::{Driver, Profile, schema};

use super::with_database;
use crate::cpu::Server;
use crate::data::{Data, PROVIDER};

/// How many rows one statement inserts.
const TOGETHER: usize = 1_000;

/// The database.
pub(crate) struct Mysql {
    name: String,
    pub(crate) url: String,
    pub(crate) pool: Pool,
    pub(crate) version: String,
    /// The server's process, if it runs on this machine.
    pub(crate) server: Option<Server>,
}

impl Mysql {
    /// Creates a database beside the one that `url` names.
    pub(crate) async fn create(url: &str) -> Result<Self> {
        let name = format!("vestibule_bench_{}", std::process::id());
        let mut admin = Conn::from_url(url).await.context("cannot connect to MariaDB")?;
        admin.query_drop(format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await?;
        let version: Option<String> = admin.query_first("SELECT VERSION()").await?;
        let pid_file: Option<(String, String)> = admin.query_first("SHOW VARIABLES LIKE 'pid_file'").await?;
        let pid = pid_file.and_then(|(_, file)| std::fs::read_to_string(file).ok()?.trim().parse().ok());
        admin.disconnect().await?;
        let url = with_database(url, &name).context("the URL of MariaDB names no database")?;
        // Connections go back as they came, or statements would be prepared again each time.
        let pool = PoolOpts::new()
            .with_constraints(PoolConstraints::new(0, 20).context("no such pool")?)
            .with_reset_connection(false);
        let options = OptsBuilder::from_opts(Opts::from_url(&url)?).stmt_cache_size(256).pool_opts(pool);
        let version = version.unwrap_or_default();
        Ok(Self { name, url, pool: Pool::new(options), version, server: pid.and_then(Server::of_process) })
    }

    /// Makes tables as Vestibule makes them, and fills them.
    pub(crate) async fn fill(&self, sessions: usize) -> Result<Arc<Data>> {
        let data = Arc::new(Data::new(sessions));
        let dialect = MysqlAsync::detect(self.pool.clone()).await?.dialect();
        let mut conn = self.pool.get_conn().await?;
        for text in schema::create(&Profile::authjs(), dialect)? {
            conn.query_drop(text).await?;
        }
        conn.query_drop("START TRANSACTION").await?;
        for users in data.users.chunks(TOGETHER) {
            let rows = users.iter().map(|user| {
                let (id, email) = (user.number, &user.email);
                format!("({id}, 'User {id}', '{email}', 'https://example.com/avatars/{id}.png')")
            });
            insert(&mut conn, "users (id, name, email, image)", rows).await?;
            let rows = users
                .iter()
                .map(|user| format!("({}, 'oauth', '{PROVIDER}', '{}')", user.number, user.account.as_str()));
            insert(&mut conn, "accounts (userId, type, provider, providerAccountId)", rows).await?;
        }
        let expires = data.expires.as_millis();
        for (chunk, tokens) in data.sessions.chunks(TOGETHER).enumerate() {
            let rows = tokens.iter().enumerate().map(|(at, token)| {
                let owner = data.owner(chunk * TOGETHER + at).number;
                let expires =
                    format!("TIMESTAMP '1970-01-01 00:00:00' + INTERVAL {expires} * 1000 MICROSECOND");
                format!("({owner}, {expires}, '{}')", token.expose())
            });
            insert(&mut conn, "sessions (userId, expires, sessionToken)", rows).await?;
        }
        conn.query_drop("COMMIT").await?;
        conn.query_drop("ANALYZE TABLE users, accounts, sessions").await?;
        Ok(data)
    }

    /// Drops the database.
    pub(crate) async fn drop(self) -> Result<()> {
        let mut conn = self.pool.get_conn().await?;
        conn.query_drop(format!("DROP DATABASE {}", self.name)).await?;
        drop(conn);
        Ok(self.pool.disconnect().await?)
    }
}

async fn insert(conn: &mut Conn, into: &str, rows: impl Iterator<Item = String>) -> Result<()> {
    let rows: Vec<_> = rows.collect();
    Ok(conn.query_drop(format!("INSERT INTO {into} VALUES {}", rows.join(", "))).await?)
}
