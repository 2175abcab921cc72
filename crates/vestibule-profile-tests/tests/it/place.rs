//! A database of the test's own with the tables of an entry, and an adapter on it.

use std::cell::Cell;
use std::fs;
use std::future::Future;
use std::sync::Arc;

use rusqlite::Connection;
use vestibule_conformance::{Column, ColumnKind};
use vestibule_core::{Adapter, Clock, SystemClock};
use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_profile_tests::{Database, Entry};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::schema::{Detected, SchemaError};
use vestibule_sql::{Dialect, ExtraColumn, ExtraKind, Fill, Profile, SqlAdapter, Table};
use vestibule_testkit::databases::{MariaDbDatabase, PostgresDatabase, SqliteFile, fixture};
use vestibule_tokio_postgres::TokioPostgres;

use crate::uuid_tokens::UuidTokens;

/// The database, and the profile that it is opened with.
#[derive(Debug)]
pub(crate) struct Place {
    database: At,
    profile: Profile,
    schema: &'static str,
    kept: &'static [&'static str],
    uuid_tokens: bool,
}

#[derive(Debug)]
enum At {
    Postgres(PostgresDatabase),
    MariaDb(MariaDbDatabase),
    Sqlite(SqliteFile),
}

/// Runs a test's future.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(future)
}

impl Place {
    /// The tables with the rows that the file brings; `None` if there is no server.
    pub(crate) fn with_rows(entry: &Entry) -> Option<Self> {
        let place = Self::filled(entry);
        if place.is_none() {
            skip();
        }
        place
    }

    fn filled(entry: &Entry) -> Option<Self> {
        let file = fixture(entry.tables);
        let database = match entry.database {
            Database::Postgres => {
                let database = PostgresDatabase::create(entry.name)?;
                database.run_file(&file);
                At::Postgres(database)
            }
            Database::MariaDb | Database::MySql => {
                let database = mysql(entry.database, entry.name)?;
                database.run_file(&file);
                At::MariaDb(database)
            }
            Database::Sqlite if file.extension().is_some_and(|extension| extension == "sql") => {
                let database = SqliteFile::create();
                let text = fs::read_to_string(file).unwrap();
                Connection::open(database.path()).unwrap().execute_batch(&text).unwrap();
                At::Sqlite(database)
            }
            Database::Sqlite => At::Sqlite(SqliteFile::copy_of(&file)),
        };
        let schema = entry.schema.unwrap_or("public");
        let (profile, kept, uuid_tokens) = (profile(entry), entry.kept, entry.uuid_tokens);
        Some(Self { database, profile, schema, kept, uuid_tokens })
    }

    /// Tables that these statements make, in a database of the test's own; `None` if there is no server.
    pub(crate) fn made(
        database: Database,
        label: &str,
        statements: &[String],
        profile: Profile,
    ) -> Option<Self> {
        let database = match database {
            Database::Postgres => At::Postgres(PostgresDatabase::create(label)?),
            Database::MariaDb | Database::MySql => At::MariaDb(mysql(database, label)?),
            Database::Sqlite => At::Sqlite(SqliteFile::create()),
        };
        let place = Self { database, profile, schema: "public", kept: &[], uuid_tokens: false };
        for statement in statements {
            place.run(statement);
        }
        Some(place)
    }

    /// Runs a statement.
    pub(crate) fn run(&self, statement: &str) {
        match &self.database {
            At::Postgres(database) => database.run(statement),
            At::MariaDb(database) => database.run(statement),
            At::Sqlite(file) => Connection::open(file.path()).unwrap().execute_batch(statement).unwrap(),
        }
    }

    /// The tables without rows.
    pub(crate) fn without_rows(entry: &Entry) -> Option<Self> {
        let place = Self::with_rows(entry)?;
        place.empty();
        Some(place)
    }

    pub(crate) fn profile(&self) -> Profile {
        self.profile.clone()
    }

    /// As far as the suite goes there are no columns but those that it asks for.
    pub(crate) fn with_hidden_extra(mut self) -> Self {
        self.profile = self.profile.with_hidden_extra();
        self
    }

    /// Adds columns of the application's own to users, accounts and sessions.
    pub(crate) fn with_columns(mut self, columns: &[Column]) -> Self {
        for table in [Table::Users, Table::Accounts, Table::Sessions] {
            let Some(name) = self.profile.table_name(table).map(str::to_owned) else { continue };
            for column in columns {
                self.add_column(&name, column);
                let mut extra = ExtraColumn::new(column.name, extra_kind(column.kind)).with_name(column.name);
                if let Some(default) = column.default {
                    extra = extra.with_default(default);
                }
                self.profile = self.profile.with_extra_column(table, extra);
            }
        }
        self
    }

    fn add_column(&self, table: &str, column: &Column) {
        let default = column.default.map(|text| format!(" DEFAULT '{text}'")).unwrap_or_default();
        let name = column.name;
        self.run(&match &self.database {
            At::Postgres(_) => {
                let (schema, kind) = (self.schema, postgres_type(column.kind));
                format!("ALTER TABLE \"{schema}\".\"{table}\" ADD COLUMN \"{name}\" {kind}{default}")
            }
            At::MariaDb(_) => {
                let kind = mariadb_type(column.kind);
                // MySQL takes a default of long text as an expression alone.
                let default = column.default.map(|text| format!(" DEFAULT ('{text}')")).unwrap_or_default();
                format!("ALTER TABLE `{table}` ADD COLUMN `{name}` {kind}{default}")
            }
            At::Sqlite(_) => {
                let kind = sqlite_type(column.kind);
                format!("ALTER TABLE \"{table}\" ADD COLUMN \"{name}\" {kind}{default}")
            }
        });
    }

    /// Removes every row, save for those that are part of the schema.
    pub(crate) fn empty(&self) {
        match &self.database {
            At::Postgres(database) => database.empty_but(self.kept),
            At::MariaDb(database) => database.empty(),
            At::Sqlite(file) => empty_sqlite(file),
        }
    }

    /// An adapter that has looked at the tables, as a program makes it at its start.
    pub(crate) async fn adapter(&self, profile: Profile) -> Arc<dyn Adapter> {
        self.adapter_by(profile, Arc::new(SystemClock)).await
    }

    /// The same, by another clock.
    pub(crate) async fn adapter_by(&self, profile: Profile, clock: Arc<dyn Clock>) -> Arc<dyn Adapter> {
        let adapter = self.bare_adapter(profile, clock).await;
        if self.uuid_tokens { Arc::new(UuidTokens::new(adapter)) } else { adapter }
    }

    /// The same, with tokens as they are.
    async fn bare_adapter(&self, profile: Profile, clock: Arc<dyn Clock>) -> Arc<dyn Adapter> {
        match &self.database {
            At::Postgres(database) => {
                let settings = vestibule_tokio_postgres::Settings::from_url(database.url()).unwrap();
                let driver = TokioPostgres::connect(&settings).unwrap();
                Arc::new(SqlAdapter::inspect(driver, profile).await.unwrap().with_clock(clock))
            }
            At::MariaDb(database) => {
                let driver =
                    MysqlAsync::connect(&Settings::from_url(&database.url()).unwrap()).await.unwrap();
                Arc::new(SqlAdapter::inspect(driver, profile).await.unwrap().with_clock(clock))
            }
            At::Sqlite(file) => {
                let driver = Rusqlite::open(file.path()).unwrap();
                Arc::new(SqlAdapter::inspect(driver, profile).await.unwrap().with_clock(clock))
            }
        }
    }

    /// The URL of the database, or the path of its file.
    pub(crate) fn url(&self) -> String {
        match &self.database {
            At::Postgres(database) => database.url().to_owned(),
            At::MariaDb(database) => database.url(),
            At::Sqlite(file) => file.path().display().to_string(),
        }
    }

    /// Which published schema the database seems to have.
    pub(crate) async fn detect(&self) -> Result<Detected, SchemaError> {
        match &self.database {
            At::Postgres(database) => {
                let settings = vestibule_tokio_postgres::Settings::from_url(database.url()).unwrap();
                Profile::detect(&TokioPostgres::connect(&settings).unwrap()).await
            }
            At::MariaDb(database) => {
                let settings = Settings::from_url(&database.url()).unwrap();
                Profile::detect(&MysqlAsync::connect(&settings).await.unwrap()).await
            }
            At::Sqlite(file) => Profile::detect(&Rusqlite::open(file.path()).unwrap()).await,
        }
    }

    /// In which classes SQLite keeps the cells of a column.
    pub(crate) fn classes(&self, table: &str, column: &str) -> Vec<String> {
        let At::Sqlite(file) = &self.database else { return Vec::new() };
        let connection = Connection::open(file.path()).unwrap();
        let query = format!("SELECT DISTINCT typeof(\"{column}\") FROM \"{table}\" ORDER BY 1");
        let mut statement = connection.prepare(&query).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The type and the text of a cell of the table's only row.
    pub(crate) fn cell(&self, table: &str, column: &str) -> (String, String) {
        let row = match &self.database {
            At::Postgres(database) => {
                let table = format!("\"{}\".\"{table}\"", self.schema);
                let query = format!("SELECT pg_typeof(\"{column}\"), \"{column}\"::text FROM {table}");
                only(database.rows(&query)).into_iter().map(Option::unwrap_or_default).collect()
            }
            At::MariaDb(database) => {
                let declared = format!(
                    "(SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() \
                     AND table_name = '{table}' AND column_name = '{column}')"
                );
                let query = format!("SELECT {declared}, CAST(`{column}` AS CHAR) FROM `{table}`");
                only(database.rows(&query)).into_iter().map(Option::unwrap_or_default).collect()
            }
            At::Sqlite(file) => {
                let query =
                    format!("SELECT typeof(\"{column}\"), CAST(\"{column}\" AS TEXT) FROM \"{table}\"");
                let connection = Connection::open(file.path()).unwrap();
                let cells = |row: &rusqlite::Row<'_>| {
                    Ok(vec![row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default()])
                };
                let mut statement = connection.prepare(&query).unwrap();
                only(statement.query_map([], cells).unwrap().map(Result::unwrap).collect())
            }
        };
        let [kind, text] = <[String; 2]>::try_from(row).unwrap();
        (kind, text)
    }
}

fn mysql(database: Database, label: &str) -> Option<MariaDbDatabase> {
    match database {
        Database::MySql => MariaDbDatabase::create_on_mysql(label),
        _ => MariaDbDatabase::create(label),
    }
}

thread_local! {
    static SKIPPED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that this test is skipped.
pub(crate) fn skip() {
    SKIPPED.set(true);
}

/// Whether this test was skipped; the next one in the same thread was not.
pub(crate) fn was_skipped() -> bool {
    SKIPPED.replace(false)
}

fn only<T: std::fmt::Debug>(mut rows: Vec<T>) -> T {
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

fn empty_sqlite(file: &SqliteFile) {
    let connection = Connection::open(file.path()).unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = 'sqlite_sequence' OR name NOT LIKE 'sqlite_%')";
    let mut statement = connection.prepare(names).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    for name in names {
        connection.execute_batch(&format!("DELETE FROM \"{name}\"")).unwrap();
    }
}

fn extra_kind(kind: ColumnKind) -> ExtraKind {
    match kind {
        ColumnKind::Text => ExtraKind::Text,
        ColumnKind::Int => ExtraKind::Int,
        ColumnKind::Real => ExtraKind::Real,
        ColumnKind::Bool => ExtraKind::Bool,
        ColumnKind::Time => ExtraKind::Time,
        ColumnKind::Json => ExtraKind::Json,
    }
}

fn postgres_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Int => "bigint",
        ColumnKind::Real => "double precision",
        ColumnKind::Bool => "boolean",
        ColumnKind::Time => "timestamptz",
        ColumnKind::Json => "jsonb",
    }
}

fn mariadb_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "longtext",
        ColumnKind::Int => "bigint",
        ColumnKind::Real => "double",
        ColumnKind::Bool => "boolean",
        ColumnKind::Time => "datetime(3)",
        ColumnKind::Json => "json",
    }
}

fn sqlite_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text | ColumnKind::Json => "TEXT",
        ColumnKind::Int | ColumnKind::Bool | ColumnKind::Time => "INTEGER",
        ColumnKind::Real => "REAL",
    }
}

/// What a database speaks.
pub(crate) fn dialect(database: Database) -> Dialect {
    match database {
        Database::Postgres => Dialect::Postgres,
        Database::MariaDb => Dialect::MariaDb,
        Database::MySql => Dialect::MySql,
        Database::Sqlite => Dialect::Sqlite,
    }
}

/// The published profile, as it is on a database of an original that had tables of its own names.
fn profile(entry: &Entry) -> Profile {
    let profile = Profile::named(entry.profile, dialect(entry.database)).unwrap();
    let profile = entry.ids.into_iter().fold(profile, Profile::with_id_kind);
    let profile = if entry.uuid_tokens { profile.with_uuid_session_tokens() } else { profile };
    let profile =
        entry.renamed.iter().fold(profile, |profile, (table, name)| profile.with_table(*table, *name));
    entry.attributes.iter().fold(profile, |profile, (table, name)| {
        if *name == "email" {
            return profile.with_column(*table, "email", "email");
        }
        // One of them must not be null, and is unique.
        let column = ExtraColumn::text(*name).with_fill(Fill::RandomHex(16));
        profile.with_extra_column(*table, column)
    })
}
