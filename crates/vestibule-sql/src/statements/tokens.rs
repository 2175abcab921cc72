//! Verification tokens, and leases in the same table.

use super::{Insert, Sql, sessions};
use crate::profile::Table::VerificationTokens;
use crate::statement::{Plan, Query, Step};

/// The cells of a token, in the order in which they are decoded and given.
pub(crate) const FIELDS: [&str; 3] = ["identifier", "token", "expires"];

#[derive(Debug)]
pub(crate) struct TokenStatements {
    pub(crate) create: Plan,
    pub(crate) consume: Plan,
    pub(crate) delete_expired: Plan,
    pub(crate) acquire_lease: Plan,
    pub(crate) release_lease: Plan,
}

impl TokenStatements {
    pub(crate) fn compile(sql: &Sql) -> Self {
        Self {
            create: create(sql).into(),
            consume: consume(sql).into(),
            delete_expired: sessions::delete_expired(sql, VerificationTokens, "<", "delete_expired_tokens")
                .into(),
            acquire_lease: acquire_lease(sql).into(),
            release_lease: release_lease(sql).into(),
        }
    }
}

/// `identifier = … AND token = …`: the primary key.
fn is_token(sql: &Sql, q: &mut Query, alias: &str) -> String {
    let identifier = sql.equals(q, alias, VerificationTokens, "identifier", 0);
    format!("{identifier} AND {}", sql.equals(q, alias, VerificationTokens, "token", 1))
}

fn insert(sql: &Sql, q: &mut Query) -> String {
    let mut insert = Insert::default();
    sql.insert_fields(q, &mut insert, VerificationTokens, &FIELDS, 0);
    let (table, columns, values) = (sql.table(VerificationTokens), insert.columns(), insert.values());
    format!("INSERT INTO {table} ({columns}) VALUES ({values})")
}

fn create(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let insert = insert(sql, &mut q);
    q.write("create_verification_token", format!("{insert} ON CONFLICT DO NOTHING RETURNING 1"))
}

fn consume(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(VerificationTokens);
    let row = sql.row(VerificationTokens, &FIELDS, &name);
    let is_it = is_token(sql, &mut q, &name);
    let table = sql.table(VerificationTokens);
    q.write("consume_verification_token", format!("DELETE FROM {table} WHERE {is_it} RETURNING {row}"))
}

/// Arguments: the key twice, until when, now.
fn acquire_lease(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let insert = insert(sql, &mut q);
    let key =
        [sql.column(VerificationTokens, "identifier"), sql.column(VerificationTokens, "token")].join(", ");
    let expires = sql.column(VerificationTokens, "expires");
    let held = sql.of(&sql.name(VerificationTokens), VerificationTokens, "expires");
    let now = sql.value(&mut q, VerificationTokens, "expires", 3);
    let text = format!(
        "{insert} ON CONFLICT ({key}) DO UPDATE SET {expires} = excluded.{expires} WHERE {held} <= {now} RETURNING 1"
    );
    q.write("acquire_lease", text)
}

/// Arguments: the key twice, until when it was held.
fn release_lease(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(VerificationTokens);
    let is_it = is_token(sql, &mut q, &name);
    let held = sql.equals(&mut q, &name, VerificationTokens, "expires", 2);
    let table = sql.table(VerificationTokens);
    q.write("release_lease", format!("DELETE FROM {table} WHERE {is_it} AND {held} RETURNING 1"))
}
