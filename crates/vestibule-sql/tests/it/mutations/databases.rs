//! The databases whose tables are changed.

use std::cell::Cell;

use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Driver, Profile};
use vestibule_testkit::databases::{MariaDbDatabase, PostgresDatabase};
use vestibule_testkit::mysql::execute;
use vestibule_tokio_postgres::TokioPostgres;
use vestibule_tokio_postgres::deadpool_postgres::{Manager, Pool};
use vestibule_tokio_postgres::tokio_postgres::{Config, NoTls};

use super::tables::{Kind, Words};

/// Where the tables of a case are made.
pub(super) trait Home {
    type Driver: Driver + Clone;

    const WORDS: Words;
    /// What columns are for that are given every type.
    const KINDS: &[Kind];
    /// How often changes are made at random.
    const CASES: u32;
    /// What tells all about the tables but their rows.
    const CATALOG: &'static str;

    /// An empty place for a case, and the profile that looks for its tables there.
    async fn empty(&self) -> (Self::Driver, Profile);
}

pub(super) struct Sqlite;

impl Home for Sqlite {
    type Driver = Rusqlite;

    const WORDS: Words = Words {
        quote: '"',
        id: "INTEGER PRIMARY KEY",
        number: "INTEGER",
        text: "TEXT",
        time: "INTEGER",
        now: ("1925089445678", 1_925_089_445_678),
        types: &[
            "",
            "TEXT",
            "INTEGER",
            "REAL",
            "BLOB",
            "NUMERIC",
            "BOOLEAN",
            "DATETIME",
            "timestamp",
            "VARCHAR(255)",
            "CHAR(3)",
            "BIGINT",
            "JSON",
            "DECIMAL(10,2)",
            "TEXT COLLATE NOCASE",
            "TEXT COLLATE RTRIM",
            "TEXT UNIQUE",
            "INTEGER NOT NULL",
            "TEXT NOT NULL DEFAULT 'x'",
            "INTEGER GENERATED ALWAYS AS (1)",
            "TEXT CHECK (length(1) = 2)",
        ],
        values: &["NULL", "''", "'x'", "x'00ff'", "-1", "1.5", "9223372036854775807", "'2031-01-02'"],
    };
    const KINDS: &[Kind] = &[Kind::Number, Kind::Text, Kind::Time];
    const CASES: u32 = 300;
    const CATALOG: &'static str = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name";

    async fn empty(&self) -> (Rusqlite, Profile) {
        (Rusqlite::in_memory().unwrap(), Profile::authjs())
    }
}

/// A schema for each case.
pub(super) struct Postgres {
    database: PostgresDatabase,
    cases: Cell<u32>,
}

impl Postgres {
    pub(super) fn start() -> Option<Self> {
        Some(Self { database: PostgresDatabase::create("mutations")?, cases: Cell::new(0) })
    }
}

impl Home for Postgres {
    type Driver = TokioPostgres;

    const WORDS: Words = Words {
        quote: '"',
        id: "serial PRIMARY KEY",
        number: "bigint",
        text: "text",
        time: "timestamptz",
        now: ("'2031-01-02 03:04:05+00'", 1_925_089_445_000),
        types: &[
            "varchar(255)",
            "varchar(3)",
            "char(40)",
            "name",
            "integer",
            "smallint",
            "numeric(20,2)",
            "double precision",
            "boolean",
            "timestamp",
            "timestamptz(0)",
            "date",
            "json",
            "jsonb",
            "bytea",
            "uuid",
            "text[]",
            "short",
            "mood",
            "text UNIQUE",
            "text COLLATE \"C\"",
            "text COLLATE ci",
            "integer NOT NULL",
            "text NOT NULL DEFAULT 'x'",
            "integer GENERATED ALWAYS AS IDENTITY",
            "text GENERATED ALWAYS AS ('x') STORED",
            "text CHECK (length('1') = 2)",
        ],
        values: &[
            "NULL",
            "''",
            "'x'",
            "'\\x00ff'",
            "-1",
            "9223372036854775807",
            "'infinity'",
            "'2031-01-02'",
        ],
    };
    const KINDS: &[Kind] = Sqlite::KINDS;
    const CASES: u32 = 60;
    const CATALOG: &'static str = "SELECT c.relname::text, c.relkind::text, a.attname::text, format_type(a.atttypid, a.atttypmod), \
         a.attnotnull, pg_get_expr(d.adbin, d.adrelid) \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 ORDER BY 1, a.attnum";

    async fn empty(&self) -> (TokioPostgres, Profile) {
        self.cases.set(self.cases.get() + 1);
        let schema = format!("case_{}", self.cases.get());
        let mut config: Config = self.database.url().parse().unwrap();
        config.options(format!("-c search_path={schema}"));
        let pool = Pool::builder(Manager::new(config, NoTls)).max_size(1).build().unwrap();
        let driver = TokioPostgres::new(pool);
        for text in [
            &*format!("CREATE SCHEMA {schema}"),
            "CREATE DOMAIN short AS varchar(9)",
            "CREATE TYPE mood AS ENUM ('oauth', 'bearer', '4e2')",
            "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        ] {
            execute(&driver, text).await;
        }
        (driver, Profile::authjs().with_postgres_schema(schema))
    }
}

/// One database, whose tables each case takes away.
pub(super) struct MariaDb {
    driver: MysqlAsync,
    /// Dropped last.
    _database: MariaDbDatabase,
}

impl MariaDb {
    pub(super) async fn start() -> Option<Self> {
        let database = MariaDbDatabase::create("mutations")?;
        let driver = MysqlAsync::connect(&Settings::from_url(&database.url()).unwrap()).await.unwrap();
        Some(Self { driver, _database: database })
    }
}

impl Home for MariaDb {
    type Driver = MysqlAsync;

    const WORDS: Words = Words {
        quote: '`',
        id: "INT NOT NULL AUTO_INCREMENT PRIMARY KEY",
        number: "BIGINT",
        text: "VARCHAR(255)",
        time: "DATETIME(3)",
        now: ("'2031-01-02 03:04:05'", 1_925_089_445_000),
        types: &[
            "LONGTEXT",
            "VARCHAR(3)",
            "CHAR(40)",
            "INT",
            "SMALLINT UNSIGNED",
            "DECIMAL(20,2)",
            "DOUBLE",
            "BOOLEAN",
            "BIT(1)",
            "TIMESTAMP NULL",
            "DATETIME",
            "DATE",
            "TIME",
            "YEAR",
            "JSON",
            "BLOB",
            "VARBINARY(255)",
            "UUID",
            "ENUM('oauth', 'bearer', '4e2')",
            "VARCHAR(255) UNIQUE",
            "VARCHAR(255) CHARACTER SET latin1",
            "VARCHAR(255) COLLATE utf8mb4_bin",
            "INT NOT NULL",
            "VARCHAR(255) NOT NULL DEFAULT 'x'",
            "INT GENERATED ALWAYS AS (1) STORED",
            "VARCHAR(255) CHECK (1 = 2)",
        ],
        values: &["NULL", "''", "'x'", "x'00ff'", "-1", "1.5", "9223372036854775807", "'2031-01-02'"],
    };
    // Making tables takes its time.
    const KINDS: &[Kind] = &[Kind::Text];
    const CASES: u32 = 20;
    const CATALOG: &'static str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_KEY \
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";

    async fn empty(&self) -> (MysqlAsync, Profile) {
        let tables = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()";
        for row in execute(&self.driver, tables).await {
            if let vestibule_sql::Value::Text(name) = &row[0] {
                execute(&self.driver, &format!("DROP TABLE `{}`", name.replace('`', "``"))).await;
            }
        }
        (self.driver.clone(), Profile::authjs())
    }
}
