//! Accounts.

use super::owned::Owned;
use super::{Insert, Sql, Variants};
use crate::profile::Table::{self, Accounts};
use crate::statement::{Plan, Query, Step};

/// The cells of an account, in the order in which they are decoded.
pub(crate) const FIELDS: [&str; 12] = [
    "id",
    "userId",
    "type",
    "provider",
    "providerAccountId",
    "access_token",
    "refresh_token",
    "id_token",
    "expires_at",
    "token_type",
    "scope",
    "session_state",
];

/// What a new account is filled with, in the order of its arguments, after its row id; the columns of its own
/// follow.
pub(crate) const GIVEN: &[&str] = FIELDS.as_slice().split_at(2).1;

/// The token columns.
pub(crate) const TOKENS: &[&str] = FIELDS.as_slice().split_at(5).1;
/// Bit of `update_account`'s mask that says that the tokens are set; the columns of its own are above it.
pub(crate) const TOKENS_CHANGED: u128 = 1;

#[derive(Debug)]
pub(crate) struct AccountStatements {
    pub(crate) link: Variants,
    pub(crate) unlink: Plan,
    pub(crate) one: Plan,
    pub(crate) of_user: Plan,
    pub(crate) update: Variants,
}

impl AccountStatements {
    /// `None` if the profile has no table for them.
    pub(crate) fn compile(sql: &Sql) -> Option<Self> {
        sql.profile.spec(Accounts)?;
        let (link, update) = (sql.clone(), sql.clone());
        let statements = Self {
            link: Variants::new(move |mask| link_account(&link, mask)),
            unlink: unlink(sql),
            one: one(sql).into(),
            of_user: of_user(sql, Accounts, &FIELDS, "accounts_of_user").into(),
            update: Variants::new(move |mask| update_account(&update, mask)),
        };
        statements.link.get(0);
        statements.update.get(TOKENS_CHANGED);
        Some(statements)
    }
}

/// `provider = … AND "providerAccountId" = …`, the arguments counting from `first`.
pub(super) fn is_account(sql: &Sql, q: &mut Query, alias: &str, first: usize) -> String {
    if sql.joins_account_key() {
        return sql.has_account_key(q, alias, first);
    }
    let provider = sql.equals(q, alias, Accounts, "provider", first);
    format!("{provider} AND {}", sql.equals(q, alias, Accounts, "providerAccountId", first + 1))
}

/// Whether [`is_account`] asks for what a unique key holds. NextAuth v3 keeps accounts unique by a hash, which is not
/// what they are found by.
pub(super) fn have_key(sql: &Sql) -> bool {
    sql.guarantees.unique_account && sql.profile.account_hash().is_none()
}

pub(super) fn account_taken(sql: &Sql, q: &mut Query, first: usize) -> String {
    let (table, lock) = (sql.table(Accounts), sql.as_they_are(sql.guarantees.unique_account));
    format!("EXISTS (SELECT 1 FROM {table} AS t WHERE {}{lock})", is_account(sql, q, "t", first))
}

/// Fills an account whose owner is the expression `owner`, and whose row id and arguments count from `first`.
pub(super) fn fill(sql: &Sql, q: &mut Query, insert: &mut Insert, owner: &str, first: usize) {
    if sql.makes_id(Accounts) {
        insert.push(sql.column(Accounts, "id"), sql.value(q, Accounts, "id", first));
    }
    insert.push(sql.column(Accounts, "userId"), owner.to_owned());
    sql.insert_fields(q, insert, Accounts, GIVEN, first + 1);
}

/// All rows of a user in a table that has a `userId`.
pub(super) fn of_user(sql: &Sql, table: Table, fields: &[&str], operation: &'static str) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(table, fields, "t");
    let is_its = sql.equals(&mut q, "t", table, "userId", 0);
    q.read(operation, format!("SELECT {row} FROM {} AS t WHERE {is_its}", sql.table(table)))
}

fn one(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Accounts, &FIELDS, "a");
    let is_it = is_account(sql, &mut q, "a", 0);
    let (top, first) = sql.first_of(Accounts, "a", sql.guarantees.unique_account);
    q.read("account", format!("SELECT {top}{row} FROM {} AS a WHERE {is_it}{first}", sql.table(Accounts)))
        .look_up_if(have_key(sql))
}

fn unlink(sql: &Sql) -> Plan {
    let cells = |alias: &str| sql.row(Accounts, &FIELDS, alias);
    sql.delete_rows("unlink_account", Accounts, &cells, &|q, alias| is_account(sql, q, alias, 0))
}

/// Arguments: the user's id, the row id, then the account's.
fn link_account(sql: &Sql, mask: u128) -> Plan {
    let given = sql.given_extra(Accounts, mask);
    let owned = Owned { sql, table: Accounts, fields: &FIELDS, operation: "link_account", owner: 0 };
    let lock = sql.lock_unless(sql.guarantees.unique_account, Accounts, &[3, 4]);
    owned.insert(lock, &|q, alias| is_account(sql, q, alias, 3), &|q, owner| {
        let mut insert = Insert::default();
        fill(sql, q, &mut insert, owner, 1);
        sql.insert_fields(q, &mut insert, Accounts, &given, 2 + GIVEN.len());
        insert
    })
}

fn update_account(sql: &Sql, mask: u128) -> Plan {
    let tokens = if mask & TOKENS_CHANGED == 0 { &[][..] } else { TOKENS };
    let mut fields: Vec<Box<str>> = tokens.iter().map(|&field| field.into()).collect();
    fields.extend(sql.given_extra(Accounts, mask >> 1));
    let set = |q: &mut Query| sql.assignments(q, Accounts, &fields, 2);
    let cells = |alias: &str| sql.row(Accounts, &FIELDS, alias);
    sql.update_rows("update_account", Accounts, &set, &cells, &|q, alias| is_account(sql, q, alias, 0))
}
