//! Accounts.

use super::{Insert, Sql, Variants};
use crate::Dialect;
use crate::profile::Table::{self, Accounts, Users};
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

/// What a new account is filled with, in the order of its arguments; the columns of its own follow.
pub(crate) const GIVEN: &[&str] = FIELDS.as_slice().split_at(2).1;

/// The token columns.
pub(crate) const TOKENS: &[&str] = FIELDS.as_slice().split_at(5).1;
/// Bit of `update_account`'s mask that says that the tokens are set; the columns of its own are above it.
pub(crate) const TOKENS_CHANGED: u64 = 1;

#[derive(Debug)]
pub(crate) struct AccountStatements {
    pub(crate) link: Variants,
    pub(crate) unlink: Plan,
    pub(crate) one: Plan,
    pub(crate) of_user: Plan,
    pub(crate) update: Variants,
}

impl AccountStatements {
    pub(crate) fn compile(sql: &Sql) -> Self {
        let (link, update) = (sql.clone(), sql.clone());
        let statements = Self {
            link: Variants::new(move |mask| link_account(&link, mask)),
            unlink: unlink(sql).into(),
            one: one(sql).into(),
            of_user: of_user(sql, Accounts, &FIELDS, "accounts_of_user").into(),
            update: Variants::new(move |mask| update_account(&update, mask).into()),
        };
        statements.link.get(0);
        statements.update.get(TOKENS_CHANGED);
        statements
    }
}

/// `provider = … AND "providerAccountId" = …`, the arguments counting from `first`.
pub(super) fn is_account(sql: &Sql, q: &mut Query, alias: &str, first: usize) -> String {
    let provider = sql.equals(q, alias, Accounts, "provider", first);
    format!("{provider} AND {}", sql.equals(q, alias, Accounts, "providerAccountId", first + 1))
}

pub(super) fn account_taken(sql: &Sql, q: &mut Query, first: usize) -> String {
    format!("EXISTS (SELECT 1 FROM {} AS t WHERE {})", sql.table(Accounts), is_account(sql, q, "t", first))
}

/// Fills an account whose owner is the expression `owner` and whose arguments count from `first`.
pub(super) fn fill(
    sql: &Sql,
    q: &mut Query,
    insert: &mut Insert,
    owner: &str,
    first: usize,
    given: &[Box<str>],
) {
    sql.insert_made_id(insert, Accounts);
    insert.push(sql.column(Accounts, "userId"), owner.to_owned());
    sql.insert_fields(q, insert, Accounts, GIVEN, first);
    sql.insert_fields(q, insert, Accounts, given, first + GIVEN.len());
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
    let first = sql.first_of(Accounts, "a", sql.guarantees.unique_account);
    q.read("account", format!("SELECT {row} FROM {} AS a WHERE {is_it}{first}", sql.table(Accounts)))
}

fn unlink(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(Accounts);
    let row = sql.row(Accounts, &FIELDS, &name);
    let is_it = is_account(sql, &mut q, &name, 0);
    q.write("unlink_account", format!("DELETE FROM {} WHERE {is_it} RETURNING {row}", sql.table(Accounts)))
}

/// Arguments: the user's id, then the account's.
fn link_account(sql: &Sql, mask: u64) -> Plan {
    let given = sql.given_extra(Accounts, mask);
    let owned = Owned { sql, table: Accounts, fields: &FIELDS, operation: "link_account", owner: 0 };
    let lock = (!sql.guarantees.unique_account).then(|| sql.lock(Accounts, &[2, 3]));
    owned.insert(lock, &|q| account_taken(sql, q, 2), &|q, owner| {
        let mut insert = Insert::default();
        fill(sql, q, &mut insert, owner, 1, &given);
        insert
    })
}

fn update_account(sql: &Sql, mask: u64) -> Step {
    let tokens = if mask & TOKENS_CHANGED == 0 { &[][..] } else { TOKENS };
    let mut fields: Vec<Box<str>> = tokens.iter().map(|&field| field.into()).collect();
    fields.extend(sql.given_extra(Accounts, mask >> 1));

    let mut q = Query::new(sql.dialect);
    let name = sql.name(Accounts);
    let row = sql.row(Accounts, &FIELDS, &name);
    let is_it = is_account(sql, &mut q, &name, 0);
    let set = sql.assignments(&mut q, Accounts, &fields, 2);
    let table = sql.table(Accounts);
    q.write("update_account", format!("UPDATE {table} SET {set} WHERE {is_it} RETURNING {row}"))
}

/// A row that belongs to a user and has a key that must be free.
pub(super) struct Owned<'a> {
    pub(super) sql: &'a Sql,
    pub(super) table: Table,
    pub(super) fields: &'a [&'a str],
    pub(super) operation: &'static str,
    /// Which argument is the user's id.
    pub(super) owner: usize,
}

impl Owned<'_> {
    /// Answers, in one row or two results: is there such a user, is the key taken, and the new row.
    ///
    /// The user's row is locked against deletion until the new row is there.
    pub(super) fn insert(
        &self,
        lock: Option<Step>,
        taken: &dyn Fn(&mut Query) -> String,
        fill: &dyn Fn(&mut Query, &str) -> Insert,
    ) -> Plan {
        let sql = self.sql;
        let (users, table) = (sql.table(Users), sql.table(self.table));
        let name = sql.name(self.table);
        let mut q = Query::new(sql.dialect);
        match sql.dialect {
            Dialect::Postgres => {
                let is_owner = sql.equals(&mut q, "o", Users, "id", self.owner);
                let id = sql.of("o", Users, "id");
                let (taken, insert) = (taken(&mut q), fill(&mut q, "owner.id"));
                let text = format!(
                    "WITH owner AS (SELECT {id} AS id FROM {users} AS o WHERE {is_owner} FOR KEY SHARE), \
                     taken AS (SELECT {taken} AS hit), \
                     r AS (INSERT INTO {table} ({}) SELECT {} FROM owner, taken WHERE NOT taken.hit RETURNING {}) \
                     SELECT EXISTS (SELECT 1 FROM owner), taken.hit, {} FROM taken LEFT JOIN r ON true",
                    insert.columns(),
                    insert.values(),
                    sql.named_row(self.table, self.fields, &name),
                    sql.row_names(self.table, self.fields, "r"),
                );
                let steps = lock.into_iter().chain([q.write(self.operation, text)]).collect();
                Plan { steps }
            }
            Dialect::Sqlite => {
                let mut probe = Query::new(sql.dialect);
                let is_owner = sql.equals(&mut probe, "o", Users, "id", self.owner);
                let hit = taken(&mut probe);
                let text = format!("SELECT EXISTS (SELECT 1 FROM {users} AS o WHERE {is_owner}), {hit}");
                let probe = probe.write(self.operation, text);

                let is_owner = sql.equals(&mut q, "o", Users, "id", self.owner);
                let (taken, insert) = (taken(&mut q), fill(&mut q, &sql.of("o", Users, "id")));
                let text = format!(
                    "INSERT INTO {table} ({}) SELECT {} FROM {users} AS o WHERE {is_owner} AND NOT {taken} \
                     RETURNING {}",
                    insert.columns(),
                    insert.values(),
                    sql.row(self.table, self.fields, &name),
                );
                Plan { steps: vec![probe, q.write(self.operation, text)] }
            }
        }
    }
}
