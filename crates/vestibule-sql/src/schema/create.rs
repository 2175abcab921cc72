//! A fresh schema.

use serde_json::Value as Json;
use vestibule_core::IdKind;

use super::{KEYS, Key, qualified};
use crate::dialect::Family;
use crate::profile::{Column, ColumnKind, ExtraColumn, Part};
use crate::wire::Wire;
use crate::{Dialect, Profile, ProfileError, Table, decode};

/// The statements that make every table and key of the profile, none of which touches what is there already.
///
/// Beyond the published schema they keep e-mail addresses, accounts and session tokens unique, tie rows to
/// their user by foreign keys with `ON DELETE CASCADE`, and index what is looked up or swept.
///
/// # Errors
///
/// [`ProfileError`] with everything that is wrong with the profile.
///
/// ```
/// use vestibule_sql::{Dialect, Profile, schema};
///
/// let statements = schema::create(&Profile::authjs(), Dialect::Postgres)?;
///
/// assert!(statements[0].starts_with("CREATE TABLE IF NOT EXISTS \"users\""));
/// # Ok::<(), vestibule_sql::ProfileError>(())
/// ```
pub fn create(profile: &Profile, dialect: Dialect) -> Result<Vec<String>, ProfileError> {
    profile.check(dialect)?;
    let has = |table: &Table| profile.spec(*table).is_some();
    let tables = Table::ALL.into_iter().filter(has).map(|table| create_table(profile, dialect, table));
    let keys = KEYS.iter().filter(|key| has(&key.table) && !is_within_table(dialect, key));
    let keys = keys.filter(|key| exists(profile, key)).map(|key| create_key(profile, dialect, key));
    Ok(create_schema(profile, dialect).into_iter().chain(tables).chain(keys).collect())
}

/// The statement that makes the schema that holds the tables, if the profile names one.
pub(super) fn create_schema(profile: &Profile, dialect: Dialect) -> Option<String> {
    let schema = profile.postgres_schema.as_deref().filter(|_| dialect.has_schemas())?;
    let name = dialect.quote(schema);
    let text = schema.replace('\'', "''");
    Some(match dialect.family() {
        Family::Mssql => {
            let create = format!("CREATE SCHEMA {name}").replace('\'', "''");
            format!("IF SCHEMA_ID(N'{text}') IS NULL EXEC(N'{create}')")
        }
        // `IF NOT EXISTS` asks for the right to create schemas even where there is nothing to create.
        _ if dialect == Dialect::Postgres => {
            let code = format!(
                "BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '{text}') \
                 THEN CREATE SCHEMA {name}; END IF; END"
            );
            format!("DO '{}'", code.replace('\'', "''"))
        }
        _ => format!("CREATE SCHEMA IF NOT EXISTS {name}"),
    })
}

/// Whether `CREATE TABLE` makes the key itself.
fn is_within_table(dialect: Dialect, key: &Key) -> bool {
    dialect.family() == Family::MySql || is_primary(key)
}

/// Whether the key comes with the table, which is to be made.
pub(super) fn makes(dialect: Dialect, key: &Key, table_is_absent: bool) -> bool {
    table_is_absent && is_within_table(dialect, key)
}

/// Verification tokens have no other key.
fn is_primary(key: &Key) -> bool {
    key.table == Table::VerificationTokens && key.unique
}

/// Whether the profile has all columns of the key.
pub(super) fn exists(profile: &Profile, key: &Key) -> bool {
    key.fields.iter().all(|field| profile.column_name(key.table, field).is_some())
}

pub(super) fn create_table(profile: &Profile, dialect: Dialect, table: Table) -> String {
    let Some(spec) = profile.spec(table) else {
        return String::new();
    };
    let apart = spec.columns.iter().filter(|column| column.kind != ColumnKind::Joined(Part::Rest));
    let own = apart.map(|column| define(profile, dialect, table, column, Rows::None));
    let extra = spec.extra.iter().map(|column| define_extra(profile, dialect, column));
    let mut lines: Vec<String> = own.chain(extra).collect();
    let keys = KEYS.iter().filter(|key| key.table == table && exists(profile, key));
    for key in keys {
        let columns = columns(profile, dialect, table, key.fields);
        if is_primary(key) {
            lines.push(if profile.column_name(table, "id").is_some() {
                format!("UNIQUE ({columns})")
            } else {
                // A key by which SQL Server sorts the table has 900 bytes at most, any other 1700.
                let kind = if dialect.family() == Family::Mssql { " NONCLUSTERED" } else { "" };
                format!("PRIMARY KEY{kind} ({columns})")
            });
        } else if is_within_table(dialect, key) {
            let unique = if key.unique { "UNIQUE " } else { "" };
            let name = dialect.quote(&key_name(profile, dialect, key));
            lines.push(format!("{unique}KEY {name} ({columns})"));
        }
    }
    if dialect.family() == Family::MySql
        && table != Table::Users
        && profile.column_name(table, "userId").is_some()
    {
        let column = columns(profile, dialect, table, &["userId"]);
        lines.push(format!("FOREIGN KEY ({column}) {}", references(profile, dialect)));
    }
    let name = qualified(profile, dialect, table);
    let lines = lines.join(",\n  ");
    match dialect.family() {
        Family::Mssql => {
            let quoted = name.replace('\'', "''");
            format!("IF OBJECT_ID(N'{quoted}') IS NULL CREATE TABLE {name} (\n  {lines}\n)")
        }
        Family::MySql => {
            format!("CREATE TABLE IF NOT EXISTS {name} (\n  {lines}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
        }
        _ => format!("CREATE TABLE IF NOT EXISTS {name} (\n  {lines}\n)"),
    }
}

/// Whether the table may have rows, and so takes no new column that must not be `NULL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    None,
    Some,
}

pub(super) fn define(
    profile: &Profile,
    dialect: Dialect,
    table: Table,
    column: &Column,
    rows: Rows,
) -> String {
    let not_null = if rows == Rows::None { " NOT NULL" } else { "" };
    let name = dialect.quote(&profile.name_of(column));
    let id_kind = if column.kind == ColumnKind::Id { profile.id_kind_of(table) } else { profile.id_kind };
    let column_type = dialect.column_type(&column.kind, id_kind);
    let refers = table != Table::Users && dialect.has_foreign_keys();
    let rest = match column.kind {
        ColumnKind::Id => dialect.id_suffix(id_kind).to_owned(),
        // MySQL ignores what stands beside the column.
        ColumnKind::UserRef if refers && dialect.family() != Family::MySql => {
            format!("{not_null} {}", references(profile, dialect))
        }
        _ if column.nullable => String::new(),
        _ => not_null.to_owned(),
    };
    format!("{name} {column_type}{rest}")
}

/// `REFERENCES "users" ("id") ON DELETE CASCADE`.
pub(super) fn references(profile: &Profile, dialect: Dialect) -> String {
    let users = qualified(profile, dialect, Table::Users);
    format!("REFERENCES {users} ({}) ON DELETE CASCADE", columns(profile, dialect, Table::Users, &["id"]))
}

pub(super) fn define_extra(profile: &Profile, dialect: Dialect, column: &ExtraColumn) -> String {
    let name = dialect.quote(&profile.name_of_extra(column));
    let column_type = dialect.column_type(&column.column_kind(), IdKind::Text);
    let default = column.default.as_ref().and_then(|json| literal(dialect, column, json));
    let default = default.map_or_else(String::new, |text| format!(" DEFAULT {text}"));
    let not_null = if column.required { " NOT NULL" } else { "" };
    format!("{name} {column_type}{default}{not_null}")
}

/// The default as SQL; `None` where the JSON value does not suit the column.
fn literal(dialect: Dialect, column: &ExtraColumn, json: &Json) -> Option<String> {
    let text = |text: &str| {
        let text = text.replace('\'', "''");
        // MySQL reads backslashes, and takes an expression as the default of any column.
        match dialect.family() {
            Family::MySql => format!("('{}')", text.replace('\\', "\\\\")),
            Family::Mssql => format!("N'{text}'"),
            _ => format!("'{text}'"),
        }
    };
    let wire = Wire::of(dialect, &column.column_kind());
    match (json, wire.encode(&decode::write_extra(column, json).ok()?).ok()?) {
        (Json::String(given), crate::Value::Time(_)) => Some(text(given)),
        (_, crate::Value::Text(value)) => Some(text(&value)),
        (_, crate::Value::Int(value)) => Some(value.to_string()),
        (_, crate::Value::Real(value)) => Some(value.to_string()),
        (_, crate::Value::Bool(value)) if dialect.family() == Family::Mssql => {
            Some(i32::from(value).to_string())
        }
        (_, crate::Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn create_key(profile: &Profile, dialect: Dialect, key: &Key) -> String {
    let name = key_name(profile, dialect, key);
    let unique = if key.unique { "UNIQUE " } else { "" };
    let table = qualified(profile, dialect, key.table);
    let columns = columns(profile, dialect, key.table, key.fields);
    let quoted = dialect.quote(&name);
    match dialect.family() {
        Family::MySql => format!("CREATE {unique}INDEX {quoted} ON {table} ({columns})"),
        Family::Mssql => {
            // One `NULL` would be unique as well.
            let filter =
                if key.fields == ["email"] { format!(" WHERE {columns} IS NOT NULL") } else { String::new() };
            let (name, object) = (name.replace('\'', "''"), table.replace('\'', "''"));
            format!(
                "IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = N'{name}' AND object_id = OBJECT_ID(N'{object}')) \
                 CREATE {unique}INDEX {quoted} ON {table} ({columns}){filter}"
            )
        }
        _ if dialect == Dialect::AuroraDsql => {
            format!("CREATE {unique}INDEX ASYNC IF NOT EXISTS {quoted} ON {table} ({columns})")
        }
        _ => format!("CREATE {unique}INDEX IF NOT EXISTS {quoted} ON {table} ({columns})"),
    }
}

/// What PostgreSQL would call the key itself, unless that is too long or something else is called so already.
fn key_name(profile: &Profile, dialect: Dialect, key: &Key) -> String {
    let natural = natural_name(profile, key);
    let keys = KEYS.iter().filter(|other| other.table != key.table || other.fields != key.fields);
    let tables = Table::ALL.iter().filter_map(|&table| profile.table_name(table).map(str::to_owned));
    let mut others = keys.map(|other| natural_name(profile, other)).chain(tables);
    let is_taken = others.any(|other| dialect.fold(&other) == dialect.fold(&natural));
    if !is_taken && natural.len() <= dialect.identifier_limit() {
        return natural;
    }
    let what = format!("{}\0{}", key.table, key.fields.join("\0"));
    let tail = format!("_{:016x}_{}", fnv1a(&[&natural, &what]), if key.unique { "key" } else { "idx" });
    let room = dialect.identifier_limit() - tail.len();
    format!("{}{tail}", &natural[..natural.floor_char_boundary(room)])
}

fn natural_name(profile: &Profile, key: &Key) -> String {
    let table = profile.table_name(key.table).unwrap_or_default();
    let names = key.fields.iter().filter_map(|field| profile.column_name(key.table, field));
    let suffix = if key.unique { "key" } else { "idx" };
    format!("{table}_{}_{suffix}", names.collect::<Vec<_>>().join("_"))
}

/// A hash that stays the same with every version of everything: FNV-1a.
fn fnv1a(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn columns(profile: &Profile, dialect: Dialect, table: Table, fields: &[&str]) -> String {
    let mut names: Vec<_> = fields.iter().filter_map(|field| profile.column_name(table, field)).collect();
    names.dedup();
    names.iter().map(|name| dialect.quote(name)).collect::<Vec<_>>().join(", ")
}
