//! What the database says about its tables.

use super::{SchemaError, ask, qualified};
use crate::dialect::Family;
use crate::{Dialect, Driver, Profile, Row, Table, Value};

/// A table as it is.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) columns: Vec<FoundColumn>,
    /// The columns of each index without a condition, and whether it is unique.
    pub(super) keys: Vec<(bool, Vec<String>)>,
    /// The columns that refer to the users, and whether deletion cascades.
    pub(super) foreign_keys: Vec<(String, bool)>,
    /// The text that made the table. Only SQLite keeps it.
    pub(super) definition: Option<String>,
    /// The texts that made its indexes and triggers.
    pub(super) companions: Vec<String>,
    /// The columns whose collation takes different texts for the same, where no statement makes up for it.
    pub(super) lax: Vec<String>,
}

#[derive(Debug)]
pub(super) struct FoundColumn {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) not_null: bool,
    /// Something fills it in when nothing is given: a default, a trigger, or the table behind a view.
    pub(super) has_default: bool,
}

/// What separates column names in one cell; no name has it.
const SEPARATOR: char = '\u{1f}';

/// What is asked, of the table that is parameter 1, and the users that are parameter 2.
struct Questions {
    columns: &'static str,
    keys: &'static str,
    foreign_keys: &'static str,
}

const POSTGRES: Questions = Questions {
    columns: "SELECT a.attname::text, coalesce(b.typname, t.typname)::text, a.attnotnull, \
              a.atthasdef OR a.attidentity <> '' \
              OR (SELECT c.relkind IN ('v', 'f') FROM pg_class c WHERE c.oid = a.attrelid) \
              OR EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = a.attrelid AND NOT g.tgisinternal) \
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
              LEFT JOIN pg_type b ON b.oid = t.typbasetype \
              WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    keys: "SELECT i.indisunique, string_agg(a.attname::text, chr(31) ORDER BY k.place) \
           FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) \
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
           WHERE i.indrelid = to_regclass($1::text) AND i.indisvalid AND i.indimmediate \
           AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts \
           GROUP BY i.indexrelid, i.indisunique",
    foreign_keys: "SELECT a.attname::text, c.confdeltype = 'c' FROM pg_constraint c \
                   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                   WHERE c.conrelid = to_regclass($1::text) AND c.confrelid = to_regclass($2::text) \
                   AND c.contype = 'f' AND cardinality(c.conkey) = 1",
};

/// Not asked of the relatives, whose catalogue may lack the column.
const POSTGRES_LAX: &str = "SELECT a.attname::text FROM pg_attribute a JOIN pg_collation l ON l.oid = a.attcollation \
                            WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT l.collisdeterministic";

const SQLITE: Questions = Questions {
    columns: "SELECT name, type, \"notnull\", dflt_value IS NOT NULL OR (pk = 1 AND upper(type) = 'INTEGER') \
              FROM pragma_table_info(?1)",
    keys: "SELECT 1, k.names FROM (SELECT group_concat(name, char(31)) AS names FROM \
           (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk)) AS k \
           WHERE k.names IS NOT NULL UNION ALL \
           SELECT l.\"unique\", (SELECT group_concat(name, char(31)) FROM \
           (SELECT i.name FROM pragma_index_info(l.name) AS i ORDER BY i.seqno)) \
           FROM pragma_index_list(?1) AS l WHERE l.partial = 0",
    foreign_keys: "SELECT f.\"from\", f.on_delete = 'CASCADE' FROM pragma_foreign_key_list(?1) AS f \
                   WHERE lower(f.\"table\") = lower(?2) \
                   AND (SELECT count(*) FROM pragma_foreign_key_list(?1) AS o WHERE o.id = f.id) = 1",
};

const MYSQL: Questions = Questions {
    columns: "SELECT c.COLUMN_NAME, LOWER(c.DATA_TYPE), c.IS_NULLABLE = 'NO', \
              c.COLUMN_DEFAULT IS NOT NULL OR c.EXTRA <> '' OR t.TABLE_TYPE = 'VIEW' \
              OR EXISTS (SELECT 1 FROM information_schema.TRIGGERS AS g \
              WHERE g.EVENT_OBJECT_SCHEMA = c.TABLE_SCHEMA AND g.EVENT_OBJECT_TABLE = c.TABLE_NAME) \
              FROM information_schema.COLUMNS AS c JOIN information_schema.TABLES AS t \
              ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME \
              WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION",
    keys: "SELECT MIN(s.NON_UNIQUE) = 0, GROUP_CONCAT(s.COLUMN_NAME ORDER BY s.SEQ_IN_INDEX SEPARATOR '\u{1f}') \
           FROM information_schema.STATISTICS AS s WHERE s.TABLE_SCHEMA = DATABASE() AND s.TABLE_NAME = ? \
           GROUP BY s.INDEX_NAME HAVING COUNT(s.SUB_PART) = 0 AND COUNT(s.COLUMN_NAME) = COUNT(*)",
    foreign_keys: "SELECT k.COLUMN_NAME, r.DELETE_RULE = 'CASCADE' FROM information_schema.KEY_COLUMN_USAGE AS k \
                   JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r \
                   ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME \
                   WHERE k.TABLE_SCHEMA = DATABASE() AND k.TABLE_NAME = ? \
                   AND k.REFERENCED_TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME = ?",
};

const MSSQL: Questions = Questions {
    columns: "SELECT c.name, LOWER(CASE WHEN t.is_user_defined = 1 THEN b.name ELSE t.name END), \
              CAST(CASE WHEN c.is_nullable = 0 THEN 1 ELSE 0 END AS bit), \
              CAST(CASE WHEN c.default_object_id <> 0 OR c.is_identity = 1 OR c.is_computed = 1 \
              OR c.generated_always_type <> 0 OR o.type = 'V' \
              OR EXISTS (SELECT 1 FROM sys.triggers AS g WHERE g.parent_id = c.object_id) \
              THEN 1 ELSE 0 END AS bit) \
              FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id \
              JOIN sys.types AS t ON t.user_type_id = c.user_type_id \
              LEFT JOIN sys.types AS b ON b.user_type_id = t.system_type_id \
              WHERE c.object_id = OBJECT_ID(@P1) ORDER BY c.column_id",
    keys: "SELECT i.is_unique, STRING_AGG(CAST(c.name AS nvarchar(max)), NCHAR(31)) \
           WITHIN GROUP (ORDER BY k.key_ordinal) \
           FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id \
           JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id \
           WHERE i.object_id = OBJECT_ID(@P1) AND k.is_included_column = 0 AND k.key_ordinal > 0 \
           AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND (i.has_filter = 0 \
           OR (i.filter_definition = N'(' + QUOTENAME(c.name) + N' IS NOT NULL)' \
           AND NOT EXISTS (SELECT 1 FROM sys.index_columns AS o WHERE o.object_id = i.object_id \
           AND o.index_id = i.index_id AND o.key_ordinal > 1))) \
           GROUP BY i.index_id, i.is_unique",
    foreign_keys: "SELECT c.name, CAST(CASE WHEN f.delete_referential_action = 1 THEN 1 ELSE 0 END AS bit) \
                   FROM sys.foreign_keys AS f \
                   JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id \
                   JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id \
                   WHERE f.parent_object_id = OBJECT_ID(@P1) AND f.referenced_object_id = OBJECT_ID(@P2) \
                   AND f.is_disabled = 0 AND NOT EXISTS (SELECT 1 FROM sys.foreign_key_columns AS o \
                   WHERE o.constraint_object_id = f.object_id AND o.constraint_column_id > 1)",
};

const SQLITE_TEXTS: &str = "SELECT type, sql FROM sqlite_master \
     WHERE lower(tbl_name) = lower(?1) AND sql IS NOT NULL ORDER BY rowid";

/// Asks about one table; no columns means that there is none.
pub(super) async fn look_at(
    driver: &impl Driver,
    profile: &Profile,
    table: Table,
) -> Result<Found, SchemaError> {
    let dialect = driver.dialect();
    let questions = match dialect.family() {
        Family::Mssql => MSSQL,
        Family::MySql => MYSQL,
        Family::Postgres => POSTGRES,
        Family::Sqlite => SQLITE,
    };
    // Some parse the name, so it must be quoted; others compare it.
    let name_of = |table| {
        Value::Text(if dialect.has_schemas() {
            qualified(profile, dialect, table)
        } else {
            profile.table_name(table).unwrap_or_default().to_owned()
        })
    };
    let (name, users) = (name_of(table), name_of(Table::Users));
    let columns = ask(driver, questions.columns, &[&name]).await?;
    let columns = columns.iter().map(|row| FoundColumn {
        name: text(row, 0),
        type_name: text(row, 1),
        not_null: truth(row, 2),
        has_default: truth(row, 3),
    });
    let columns = columns.collect();
    let keys = ask(driver, questions.keys, &[&name]).await?;
    let split = |row: &Row| text(row, 1).split(SEPARATOR).map(str::to_owned).collect();
    let keys = keys.iter().map(|row| (truth(row, 0), split(row))).collect();
    let foreign_keys = ask(driver, questions.foreign_keys, &[&name, &users]).await?;
    let foreign_keys = foreign_keys.iter().map(|row| (text(row, 0), truth(row, 1))).collect();
    let mut found = Found { columns, keys, foreign_keys, ..Found::default() };
    if dialect.family() == Family::Sqlite {
        for row in ask(driver, SQLITE_TEXTS, &[&name]).await? {
            match &*text(&row, 0) {
                "table" => found.definition = Some(text(&row, 1)),
                "index" | "trigger" => found.companions.push(text(&row, 1)),
                _ => {}
            }
        }
    }
    if dialect == Dialect::Postgres {
        let lax = ask(driver, POSTGRES_LAX, &[&name]).await?;
        found.lax = lax.iter().map(|row| text(row, 0)).collect();
    }
    Ok(found)
}

pub(super) fn text(row: &Row, at: usize) -> String {
    match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn truth(row: &Row, at: usize) -> bool {
    matches!(row.get(at), Some(Value::Bool(true) | Value::Int(1)))
}

/// Every table there is, with its columns and their types as the database writes them.
#[derive(Debug, Default)]
pub(super) struct Listed {
    columns: Vec<ListedColumn>,
}

#[derive(Debug)]
struct ListedColumn {
    /// Empty for the schema that is looked at first.
    schema: String,
    table: String,
    name: String,
    type_name: String,
}

impl Listed {
    /// The names of the tables, each once.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        let mut last = "";
        self.columns.iter().map(|column| column.table.as_str()).filter(move |&table| {
            let is_new = table != last;
            last = table;
            is_new
        })
    }

    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        self.type_of(None, table, column).is_some()
    }

    /// Whether a table is in a schema other than the first.
    pub(super) fn is_in(&self, schema: &str, table: &str) -> bool {
        self.columns.iter().any(|column| column.schema == schema && column.table == table)
    }

    pub(super) fn type_of(&self, schema: Option<&str>, table: &str, column: &str) -> Option<&str> {
        let is_it = |found: &&ListedColumn| {
            found.schema == schema.unwrap_or_default() && found.table == table && found.name == column
        };
        self.columns.iter().find(is_it).map(|found| found.type_name.as_str())
    }

    /// The columns of a table with their types.
    pub(super) fn columns(&self, table: &str) -> impl Iterator<Item = (&str, &str)> {
        let of_table =
            self.columns.iter().filter(move |column| column.schema.is_empty() && column.table == table);
        of_table.map(|column| (column.name.as_str(), column.type_name.as_str()))
    }
}

const POSTGRES_LIST: &str = "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname::text END, \
     c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) \
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped \
     AND (n.nspname = current_schema() OR n.nspname = 'next_auth') ORDER BY 1, 2, a.attnum";
const SQLITE_LIST: &str = "SELECT '', m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
     WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid";
const MYSQL_LIST: &str = "SELECT '', TABLE_NAME, COLUMN_NAME, LOWER(COLUMN_TYPE) FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
const MSSQL_LIST: &str = "SELECT CASE WHEN s.name = SCHEMA_NAME() THEN '' ELSE s.name END, o.name, c.name, t.name \
     FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id \
     JOIN sys.schemas AS s ON s.schema_id = o.schema_id JOIN sys.types AS t ON t.user_type_id = c.user_type_id \
     WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY 1, 2, c.column_id";

/// Lists every table of the database, or of the schema that names without one mean.
pub(super) async fn list(driver: &impl Driver) -> Result<Listed, SchemaError> {
    let question = match driver.dialect().family() {
        Family::Mssql => MSSQL_LIST,
        Family::MySql => MYSQL_LIST,
        Family::Postgres => POSTGRES_LIST,
        Family::Sqlite => SQLITE_LIST,
    };
    let rows = ask(driver, question, &[]).await?;
    let columns = rows.iter().map(|row| ListedColumn {
        schema: text(row, 0),
        table: text(row, 1),
        name: text(row, 2),
        type_name: text(row, 3),
    });
    Ok(Listed { columns: columns.collect() })
}

/// Asks SQLite in which class it keeps the newest cell of a column; text, a number, or nothing.
pub(super) fn class_of_newest(profile: &Profile, table: Table, field: &str) -> String {
    let dialect = Dialect::Sqlite;
    let column = dialect.quote(&profile.column_name(table, field).unwrap_or_default());
    let table = qualified(profile, dialect, table);
    format!("SELECT typeof({column}) FROM {table} WHERE {column} IS NOT NULL ORDER BY rowid DESC LIMIT 1")
}
