//! A new user, with or without its first account and its first session.

use super::users::{ACCOUNT, ACCOUNT_EXTRA, FIELDS, SESSION_EXTRA, email_taken};
use super::{Insert, Sql, accounts, sessions};
use crate::Dialect;
use crate::dialect::Family;
use crate::profile::Table::{Accounts, Sessions, Users};
use crate::statement::{Plan, Query, Step};

/// The id that SQL Server has counted for the row, if there is one.
const COUNTED_ID: &str = "bigint = CASE WHEN @@ROWCOUNT = 1 THEN SCOPE_IDENTITY() END";

/// What is written along with the user.
#[derive(Clone, Copy, Debug)]
pub(super) struct With {
    pub(super) account: bool,
    pub(super) session: bool,
}

impl With {
    pub(super) const NOTHING: Self = Self { account: false, session: false };
    pub(super) const ACCOUNT: Self = Self { account: true, session: false };
}

/// Answers, in one row or two results: is the e-mail address taken, is the account taken, with a session: is the token
/// taken, and the new row, with a session: that too.
///
/// Arguments: the user's, those of the account if there is one; token, expiry and row id of the session if there is
/// one; then the given columns of the application's own, in the same order.
pub(super) fn create_user(sql: &Sql, mask: u128, with: With) -> Plan {
    let own = |from: u32| (mask >> from) & ((1 << ACCOUNT_EXTRA) - 1);
    let given = sql.given_extra(Users, own(0));
    let account_given = sql.given_extra(Accounts, own(ACCOUNT_EXTRA));
    let session_given = sql.given_extra(Sessions, own(SESSION_EXTRA));
    let session = ACCOUNT + if with.account { 1 + accounts::GIVEN.len() } else { 0 };
    let extra = session + if with.session { 3 } else { 0 };
    let parts = CreateUser { sql, given, account_given, session_given, session, extra, with };
    match sql.dialect.family() {
        Family::Postgres => parts.postgres(),
        Family::Mssql | Family::MySql | Family::Sqlite => parts.batch(),
    }
}

struct CreateUser<'a> {
    sql: &'a Sql,
    given: Vec<Box<str>>,
    account_given: Vec<Box<str>>,
    session_given: Vec<Box<str>>,
    /// Where the arguments of the session begin.
    session: usize,
    /// Where the arguments of the columns of the application's own begin.
    extra: usize,
    with: With,
}

impl CreateUser<'_> {
    fn operation(&self) -> &'static str {
        if self.with.session { "sign_up" } else { "create_user" }
    }

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

    /// The session, whose owner is the expression `owner`.
    fn begin(&self, q: &mut Query, owner: &str) -> Insert {
        let mut begin = Insert::default();
        let args = [self.session, self.session + 1, self.session + 2];
        sessions::fill(self.sql, q, &mut begin, owner, args);
        let first = self.extra + self.given.len() + self.account_given.len();
        self.sql.insert_fields(q, &mut begin, Sessions, &self.session_given, first);
        begin
    }

    /// What is asked first, each under its name.
    fn taken(&self, q: &mut Query) -> Vec<(&'static str, String)> {
        let email = email_taken(self.sql, q, 2);
        let account = self.with.account.then(|| accounts::account_taken(self.sql, q, ACCOUNT + 2));
        let mut taken = vec![("email", email), ("account", account.unwrap_or_else(|| "1 = 0".to_owned()))];
        if self.with.session {
            taken.push(("session", sessions::token_taken(self.sql, q, self.session)));
        }
        taken
    }

    fn locks(&self) -> Vec<Step> {
        let (sql, guarantees) = (self.sql, self.sql.guarantees);
        let email = if sql.has(Users, "email") {
            sql.lock_unless(guarantees.unique_email, Users, &[2])
        } else {
            None
        };
        let key = [ACCOUNT + 2, ACCOUNT + 3];
        let account = sql.lock_unless(guarantees.unique_account || !self.with.account, Accounts, &key);
        let unique = guarantees.unique_session_token || !self.with.session;
        let session = sql.lock_unless(unique, Sessions, &[self.session]);
        let mut locks: Vec<Step> = [email, account, session].into_iter().flatten().collect();
        // A transaction is set apart once, before anything else.
        if sql.dialect == Dialect::CockroachDb {
            locks.truncate(1);
        }
        locks
    }

    fn postgres(&self) -> Plan {
        let sql = self.sql;
        let mut q = Query::new(sql.dialect);
        let taken = self.taken(&mut q);
        let probes = joined(&taken, ", ", |name, taken| format!("{taken} AS {name}"));
        let free = joined(&taken, " AND ", |name, _| format!("NOT taken.{name}"));
        let mut answer = vec![joined(&taken, ", ", |name, _| format!("taken.{name}"))];
        let insert = self.insert(&mut q);
        let (table, columns, values) = (sql.table(Users), insert.columns(), insert.values());
        let name = sql.name(Users);
        let (row, id) = (sql.named_row(Users, &FIELDS, &name), sql.of(&name, Users, "id"));
        answer.push(sql.row_names(Users, &FIELDS, "u"));
        let mut text = format!(
            "WITH taken AS (SELECT {probes}), \
             u AS (INSERT INTO {table} ({columns}) SELECT {values} FROM taken \
             WHERE {free} RETURNING {row}, {id} AS owner)"
        );
        let mut from = "taken LEFT JOIN u ON true".to_owned();
        if self.with.account {
            let (accounts, link) = (sql.table(Accounts), self.link(&mut q, "u.owner"));
            let (columns, values) = (link.columns(), link.values());
            text = format!("{text}, a AS (INSERT INTO {accounts} ({columns}) SELECT {values} FROM u)");
        }
        if self.with.session {
            let (sessions, begin) = (sql.table(Sessions), self.begin(&mut q, "u.owner"));
            let (columns, values) = (begin.columns(), begin.values());
            let row = sql.named_row(Sessions, &sessions::FIELDS, &sql.name(Sessions));
            text = format!(
                "{text}, s AS (INSERT INTO {sessions} ({columns}) SELECT {values} FROM u RETURNING {row})"
            );
            answer.push(sql.row_names(Sessions, &sessions::FIELDS, "s"));
            from += " LEFT JOIN s ON true";
        }
        let mut steps = self.locks();
        steps.push(q.write(self.operation(), format!("{text} SELECT {} FROM {from}", answer.join(", "))));
        Plan::of(steps)
    }

    /// Locks, probe, insertion, the row, the account, the session with its user.
    fn batch(&self) -> Plan {
        let (sql, operation) = (self.sql, self.operation());
        let cells = |alias: &str| sql.row(Users, &FIELDS, alias);
        let mut steps = self.locks();
        let mut q = Query::new(sql.dialect);
        let taken = self.taken(&mut q);
        let probe = joined(&taken, ", ", |_, taken| sql.dialect.truth(taken.to_owned()));
        steps.push(q.write(operation, format!("SELECT {probe}")));
        let probe = steps.len() - 1;

        let mut q = Query::new(sql.dialect);
        let insert = self.insert(&mut q);
        let free = joined(&self.taken(&mut q), " AND ", |_, taken| format!("NOT {taken}"));
        let text = sql.insert_select(Users, &insert, &format!("{} WHERE {free}", sql.dialect.dual()), &cells);
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
            // The account may count an id of its own before the session asks for the user's.
            let id = if self.counts_before_session() { ", @vestibule_id = LAST_INSERT_ID()" } else { "" };
            steps.push(made.write(operation, format!("SET @vestibule_made = {count}{id}")));
            if !self.with.session {
                let mut q = Query::new(sql.dialect);
                let is_it = self.is_new(&mut q, "u");
                let text = format!("SELECT {} FROM {} AS u WHERE {is_it}", cells("u"), sql.table(Users));
                steps.push(q.write(operation, text));
                answer = steps.len() - 1;
            }
        }
        if self.with.account {
            let mut q = Query::new(sql.dialect);
            let link = self.link(&mut q, &sql.of("u", Users, "id"));
            let is_it = self.is_new(&mut q, "u");
            steps.push(q.write(operation, self.insert_for(Accounts, &link, Users, "u", &is_it)));
        }
        if self.with.session {
            steps.extend(self.first_session());
            answer = steps.len() - 1;
        }
        Plan::of(steps).answered_by(answer).probed_by(probe)
    }

    /// The session, and it and its user, if there is a new one.
    fn first_session(&self) -> [Step; 2] {
        let (sql, operation) = (self.sql, self.operation());
        let mut q = Query::new(sql.dialect);
        // SQLite remembers the last row alone, which is the account's if there is one.
        let insertion = if self.with.account && sql.dialect.family() == Family::Sqlite {
            let begin = self.begin(&mut q, &sql.of("a", Accounts, "userId"));
            self.insert_for(Sessions, &begin, Accounts, "a", &is_last_row("a"))
        } else {
            let begin = self.begin(&mut q, &sql.of("u", Users, "id"));
            let is_it = self.is_new(&mut q, "u");
            self.insert_for(Sessions, &begin, Users, "u", &is_it)
        };
        let insertion = q.write(operation, insertion);

        let mut q = Query::new(sql.dialect);
        let is_it = sql.equals(&mut q, "s", Sessions, "sessionToken", self.session);
        let made = match sql.dialect.family() {
            Family::MySql => "@vestibule_made = 1",
            Family::Mssql if sql.makes_id(Users) => "@vestibule_made = 1",
            Family::Mssql => "@vestibule_made IS NOT NULL",
            _ => "changes() = 1",
        };
        let text = format!(
            "SELECT {}, {} FROM {} WHERE {is_it} AND {made}",
            sql.row(Users, &FIELDS, "u"),
            sql.row(Sessions, &sessions::FIELDS, "s"),
            sessions::joined(sql),
        );
        [insertion, q.write(operation, text)]
    }

    /// `INSERT … SELECT` of a row for the row of another table that `is_it` is true of.
    fn insert_for(
        &self,
        into: crate::Table,
        insert: &Insert,
        from: crate::Table,
        alias: &str,
        is_it: &str,
    ) -> String {
        let (into, from) = (self.sql.table(into), self.sql.table(from));
        let (columns, values) = (insert.columns(), insert.values());
        format!("INSERT INTO {into} ({columns}) SELECT {values} FROM {from} AS {alias} WHERE {is_it}")
    }

    /// Whether MySQL counts the id of the user, and perhaps one of the account, before the session.
    fn counts_before_session(&self) -> bool {
        self.with.account && self.with.session && !self.sql.makes_id(Users)
    }

    /// Whether a row is the one that was inserted by the statement before.
    fn is_new(&self, q: &mut Query, alias: &str) -> String {
        let sql = self.sql;
        let id = sql.of(alias, Users, "id");
        match sql.dialect.family() {
            Family::Mssql | Family::MySql if sql.makes_id(Users) => {
                format!("{} AND @vestibule_made = 1", sql.equals(q, alias, Users, "id", 0))
            }
            Family::MySql if self.counts_before_session() => {
                format!("{id} = @vestibule_id AND @vestibule_made = 1")
            }
            Family::MySql => format!("{id} = LAST_INSERT_ID() AND @vestibule_made = 1"),
            Family::Mssql => format!("{id} = @vestibule_made"),
            _ => is_last_row(alias),
        }
    }
}

/// Whether a row of SQLite's is the one that was inserted by the statement before.
fn is_last_row(alias: &str) -> String {
    format!("{alias}.rowid = last_insert_rowid() AND changes() = 1")
}

/// What is asked first, written in some way and put in a row.
fn joined(taken: &[(&'static str, String)], between: &str, write: impl Fn(&str, &str) -> String) -> String {
    taken.iter().map(|(name, taken)| write(name, taken)).collect::<Vec<_>>().join(between)
}
