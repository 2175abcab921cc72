//! A fresh schema.

use serde_json::Value as Json;
use vestibule_core::IdKind;

use super::{KEYS, Key, qualified};
use crate::profile::{Column, ColumnKind, ExtraColumn};
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
    let tables = Table::ALL.into_iter().filter(|&table| profile.spec(table).is_some());
    let tables = tables.map(|table| create_table(profile, dialect, table));
    let keys = KEYS.iter().filter(|key| profile.spec(key.table).is_some());
    let schema = profile.postgres_schema.as_deref().filter(|_| dialect == Dialect::Postgres);
    let schema = schema.map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {}", dialect.quote(schema)));
    Ok(schema.into_iter().chain(tables).chain(keys.map(|key| create_key(profile, dialect, key))).collect())
}

pub(super) fn create_table(profile: &Profile, dialect: Dialect, table: Table) -> String {
    let Some(spec) = profile.spec(table) else {
        return String::new();
    };
    let own = spec.columns.iter().map(|column| define(profile, dialect, table, column, Rows::None));
    let extra = spec.extra.iter().map(|column| define_extra(profile, dialect, column));
    let mut lines: Vec<String> = own.chain(extra).collect();
    if table == Table::VerificationTokens {
        let columns = columns(profile, dialect, table, &["identifier", "token"]);
        lines.push(format!("PRIMARY KEY ({columns})"));
    }
    let name = qualified(profile, dialect, table);
    format!("CREATE TABLE IF NOT EXISTS {name} (\n  {}\n)", lines.join(",\n  "))
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
    let column_type = dialect.column_type(&column.kind, profile.id_kind);
    let rest = match column.kind {
        ColumnKind::Id => dialect.id_suffix(profile.id_kind).to_owned(),
        ColumnKind::UserRef if table != Table::Users => {
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
    format!("{name} {column_type}{}", default.map_or_else(String::new, |text| format!(" DEFAULT {text}")))
}

/// The default as SQL; `None` where the JSON value does not suit the column.
fn literal(dialect: Dialect, column: &ExtraColumn, json: &Json) -> Option<String> {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match (json, decode::write_extra(dialect, column, json).ok()?) {
        (Json::String(given), crate::Value::Time(_)) => Some(text(given)),
        (_, crate::Value::Text(value)) => Some(text(&value)),
        (_, crate::Value::Int(value)) => Some(value.to_string()),
        (_, crate::Value::Real(value)) => Some(value.to_string()),
        (_, crate::Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn create_key(profile: &Profile, dialect: Dialect, key: &Key) -> String {
    let name = key_name(profile, dialect, key);
    let unique = if key.unique { "UNIQUE " } else { "" };
    format!(
        "CREATE {unique}INDEX IF NOT EXISTS {} ON {} ({})",
        dialect.quote(&name),
        qualified(profile, dialect, key.table),
        columns(profile, dialect, key.table, key.fields),
    )
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
    let names = fields.iter().filter_map(|field| profile.column_name(table, field));
    names.map(|name| dialect.quote(&name)).collect::<Vec<_>>().join(", ")
}
