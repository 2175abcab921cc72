//! SQLite, in a file on a disk and in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use vestibule_core::Adapter;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Access, Dialect, Driver, Profile, SqlAdapter, Statement, schema};

use super::short;
use crate::data::{Data, PROVIDER};
use crate::raw::sqlite::{RawSqlite, Reading};
use crate::recorded;
use crate::through_adapter::ThroughAdapter;

/// Files in a folder that vanishes with this value.
pub(crate) struct Sqlite {
    folder: TempDir,
}

/// Tables of one size in a file.
pub(crate) struct Tables {
    pub(crate) data: Arc<Data>,
    pub(crate) sessions: usize,
    pub(crate) path: PathBuf,
}

/// An adapter and the raw driver on the same data.
pub(crate) struct Pair {
    pub(crate) adapter: Arc<ThroughAdapter>,
    pub(crate) raw: Arc<RawSqlite>,
}

impl Sqlite {
    /// Makes a folder in `target/`, which is on a disk where the folder for temporary files may not be.
    pub(crate) fn create() -> Result<Self> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        std::fs::create_dir_all(&target)?;
        Ok(Self { folder: tempfile::Builder::new().prefix("bench-sqlite-").tempdir_in(target)? })
    }

    /// Makes tables as Vestibule makes them, and fills them.
    pub(crate) fn fill(&self, sessions: usize) -> Result<Tables> {
        let path = self.folder.path().join(format!("{}.db", short(sessions)));
        let data = Arc::new(Data::new(sessions));
        let mut connection = Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let statements = schema::create(&Profile::authjs(), Dialect::Sqlite)?;
        let (keys, tables): (Vec<_>, Vec<_>) = statements.iter().partition(|text| text.contains(" INDEX "));
        let transaction = connection.transaction()?;
        for text in tables {
            transaction.execute_batch(text)?;
        }
        insert(&transaction, &data)?;
        for text in keys {
            transaction.execute_batch(text)?;
        }
        transaction.commit()?;
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(Tables { data, sessions, path })
    }

    /// Both contestants on the file.
    pub(crate) async fn on_file(&self, tables: &Tables, reading: Reading) -> Result<Pair> {
        let driver = Rusqlite::open(&tables.path)?;
        let texts = recorded::all(driver.clone(), Profile::authjs(), &tables.data).await?;
        let raw = RawSqlite::on_file(&tables.path, reading, texts, Arc::clone(&tables.data))?;
        Ok(Pair { adapter: adapter(driver, &tables.data).await?, raw: Arc::new(raw) })
    }

    /// Both contestants on copies in memory.
    pub(crate) async fn in_memory(&self, tables: &Tables) -> Result<Pair> {
        let copy = copying(&tables.path)?;
        let driver = Rusqlite::in_memory()?;
        for text in &copy {
            let text = text.as_str().into();
            let statement = Statement { name: "copy", text, params: Box::default(), access: Access::Write };
            driver.run(&statement, &[]).await?;
        }
        let texts = recorded::all(driver.clone(), Profile::authjs(), &tables.data).await?;
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(&copy.join(";"))?;
        let raw = RawSqlite::in_memory(connection, texts, Arc::clone(&tables.data))?;
        Ok(Pair { adapter: adapter(driver, &tables.data).await?, raw: Arc::new(raw) })
    }
}

async fn adapter(driver: Rusqlite, data: &Arc<Data>) -> Result<Arc<ThroughAdapter>> {
    let adapter: Arc<dyn Adapter> = Arc::new(SqlAdapter::inspect(driver, Profile::authjs()).await?);
    Ok(Arc::new(ThroughAdapter { adapter, data: Arc::clone(data) }))
}

/// Statements that make the tables anew and take the rows over from a file.
fn copying(path: &Path) -> Result<Vec<String>> {
    let path = path.to_str().context("the path is not Unicode")?.replace('\'', "''");
    let mut texts = schema::create(&Profile::authjs(), Dialect::Sqlite)?;
    texts.push(format!("ATTACH '{path}' AS source"));
    for table in ["users", "accounts", "sessions"] {
        texts.push(format!("INSERT INTO main.{table} SELECT * FROM source.{table}"));
    }
    texts.push("DETACH source".to_owned());
    Ok(texts)
}

fn insert(connection: &Connection, data: &Data) -> Result<()> {
    let mut user =
        connection.prepare("INSERT INTO users (id, name, email, image) VALUES (?1, ?2, ?3, ?4)")?;
    let mut account = connection.prepare(
        "INSERT INTO accounts (userId, type, provider, providerAccountId, scope, token_type) \
         VALUES (?1, 'oauth', ?2, ?3, 'read:user user:email', 'bearer')",
    )?;
    for row in &data.users {
        let (name, image) =
            (format!("User {}", row.id), format!("https://example.com/avatars/{}.png", row.id));
        user.execute(params![row.number, name, row.email, image])?;
        account.execute(params![row.number, PROVIDER, row.account.as_str()])?;
    }
    let mut session =
        connection.prepare("INSERT INTO sessions (userId, expires, sessionToken) VALUES (?1, ?2, ?3)")?;
    for (at, token) in data.sessions.iter().enumerate() {
        session.execute(params![data.owner(at).number, data.expires.as_millis(), token.expose()])?;
    }
    Ok(())
}
