//! A new user, with or without its first account.

use super::users::{ACCOUNT, ACCOUNT_EXTRA, FIELDS, email_taken};
use super::{Insert, Sql, accounts};
use crate::Dialect;
use crate::dialect::Family;
use crate::profile::Table::{Accounts, Users};
use crate::statement::{Plan, Query, Step};

/// The id that SQL Server has counted for the row, if there is one.
const COUNTED_ID: &str = "bigint = CASE WHEN @@ROWCOUNT = 1 THEN SCOPE_IDENTITY() END";

/// Answers, in one row or two results: is the e-mail address taken, is the account taken, and the new row.
pub(super) fn create_user(sql: &Sql, mask: u64, with_account: bool) -> Plan {
    let given = sql.given_extra(Users, mask & ((1 << ACCOUNT_EXTRA) - 1));
    let account_given = sql.given_extra(Accounts, mask >> ACCOUNT_EXTRA);
    let extra = ACCOUNT + if with_account { 1 + accounts::GIVEN.len() } else { 0 };
    let parts = CreateUser { sql, given, account_given, extra, with_account };
    match sql.dialect.family() {
        Family::Postgres => parts.postgres(),
        Family::Mssql | Family::MySql | Family::Sqlite => parts.batch(),
    }
}

struct CreateUser<'a> {
    sql: &'a Sql,
    given: Vec<Box<str>>,
    account_given: Vec<Box<str>>,
    /// Where the arguments of the columns of the application's own begin.
    extra: usize,
    with_account: bool,
}

impl CreateUser<'_> {
    fn insert(&self, q: &mut Query) -> Insert {
        let (sql, mut insert) = (self.sql, Insert::default());
        if sql.makes_id(Users) {
            insert.push(sql.column(Users, "id"), sql.value(q, Users, "id", 0));
        }
        sql.insert_own(q, &mut insert, Users, &FIELDS[1..], 1);
        sql.insert_fields(q, &mut insert, Users, &self.given, self.extra);
        insert
    }

    /// The account, whose owner is the expression `owner`.
    fn link(&self, q: &mut Query, owner: &str) -> Insert {
        let mut link = Insert::default();
        accounts::fill(self.sql, q, &mut link, owner, ACCOUNT);
        let first = self.extra + self.given.len();
        self.sql.insert_fields(q, &mut link, Accounts, &self.account_given, first);
        link
    }

    fn taken(&self, q: &mut Query) -> (String, String) {
        let email = email_taken(self.sql, q, 2);
        let account = self.with_account.then(|| accounts::account_taken(self.sql, q, ACCOUNT + 2));
        (email, account.unwrap_or_else(|| "1 = 0".to_owned()))
    }

    fn locks(&self) -> Vec<Step> {
        let guarantees = self.sql.guarantees;
        let email = if self.sql.has(Users, "email") {
            self.sql.lock_unless(guarantees.unique_email, Users, &[2])
        } else {
            None
        };
        let key = [ACCOUNT + 2, ACCOUNT + 3];
        let unique = guarantees.unique_account || !self.with_account;
        let mut locks: Vec<Step> =
            email.into_iter().chain(self.sql.lock_unless(unique, Accounts, &key)).collect();
        // A transaction is set apart once, before anything else.
        if self.sql.dialect == Dialect::CockroachDb {
            locks.truncate(1);
        }
        locks
    }

    fn postgres(&self) -> Plan {
        let sql = self.sql;
        let mut q = Query::new(sql.dialect);
        let (email, account) = self.taken(&mut q);
        let insert = self.insert(&mut q);
        let (table, columns, values) = (sql.table(Users), insert.columns(), insert.values());
        let name = sql.name(Users);
        let (row, id) = (sql.named_row(Users, &FIELDS, &name), sql.of(&name, Users, "id"));
        let link = if self.with_account {
            let (accounts, link) = (sql.table(Accounts), self.link(&mut q, "u.owner"));
            format!(", a AS (INSERT INTO {accounts} ({}) SELECT {} FROM u)", link.columns(), link.values())
        } else {
            String::new()
        };
        let names = sql.row_names(Users, &FIELDS, "u");
        let text = format!(
            "WITH taken AS (SELECT {email} AS email, {account} AS account), \
             u AS (INSERT INTO {table} ({columns}) SELECT {values} FROM taken \
             WHERE NOT taken.email AND NOT taken.account RETURNING {row}, {id} AS owner){link} \
             SELECT taken.email, taken.account, {names} FROM taken LEFT JOIN u ON true"
        );
        let mut steps = self.locks();
        steps.push(q.write("create_user", text));
        Plan::of(steps)
    }

    /// Locks, probe, insertion, the row, the account.
    fn batch(&self) -> Plan {
        let (sql, operation) = (self.sql, "create_user");
        let cells = |alias: &str| sql.row(Users, &FIELDS, alias);
        let mut steps = self.locks();
        let mut q = Query::new(sql.dialect);
        let (email, account) = self.taken(&mut q);
        let probe = format!("SELECT {}, {}", sql.dialect.truth(email), sql.dialect.truth(account));
        steps.push(q.write(operation, probe));
        let probe = steps.len() - 1;

        let mut q = Query::new(sql.dialect);
        let insert = self.insert(&mut q);
        let (email, account) = self.taken(&mut q);
        let rest = format!("{} WHERE NOT {email} AND NOT {account}", sql.dialect.dual());
        let text = sql.insert_select(Users, &insert, &rest, &cells);
        let text = if sql.dialect.family() == Family::Mssql {
            // What is asked here is no longer known after the next statement of the batch.
            let made = if sql.makes_id(Users) { "int = @@ROWCOUNT" } else { COUNTED_ID };
            format!("{text}; DECLARE @vestibule_made {made}")
        } else {
            text
        };
        steps.push(q.write(operation, text));
        let mut answer = steps.len() - 1;
        if sql.dialect.family() == Family::MySql {
            let made = Query::new(sql.dialect);
            // A server that cannot tell its client what it did counts -1. Then nothing may be done: a subquery of
            // two rows is an error.
            let count = "CASE ROW_COUNT() WHEN 1 THEN 1 WHEN 0 THEN 0 ELSE (SELECT 1 UNION SELECT 2) END";
            steps.push(made.write(operation, format!("SET @vestibule_made = {count}")));
            let mut q = Query::new(sql.dialect);
            let is_it = self.is_new(&mut q, "u");
            let text = format!("SELECT {} FROM {} AS u WHERE {is_it}", cells("u"), sql.table(Users));
            steps.push(q.write(operation, text));
            answer = steps.len() - 1;
        }
        if self.with_account {
            let mut q = Query::new(sql.dialect);
            let link = self.link(&mut q, &sql.of("u", Users, "id"));
            let is_it = self.is_new(&mut q, "u");
            let text = format!(
                "INSERT INTO {} ({}) SELECT {} FROM {} AS u WHERE {is_it}",
                sql.table(Accounts),
                link.columns(),
                link.values(),
                sql.table(Users),
            );
            steps.push(q.write(operation, text));
        }
        Plan::of(steps).answered_by(answer).probed_by(probe)
    }

    /// Whether a row is the one that was inserted by the statement before.
    fn is_new(&self, q: &mut Query, alias: &str) -> String {
        let sql = self.sql;
        let id = sql.of(alias, Users, "id");
        match sql.dialect.family() {
            Family::Mssql | Family::MySql if sql.makes_id(Users) => {
                format!("{} AND @vestibule_made = 1", sql.equals(q, alias, Users, "id", 0))
            }
            Family::MySql => format!("{id} = LAST_INSERT_ID() AND @vestibule_made = 1"),
            Family::Mssql => format!("{id} = @vestibule_made"),
            _ => format!("{alias}.rowid = last_insert_rowid() AND changes() = 1"),
        }
    }
}
