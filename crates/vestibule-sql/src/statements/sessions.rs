//! Sessions.

use super::accounts::of_user;
use super::owned::Owned;
use super::{Insert, Sql, Variants, users};
use crate::dialect::Family;
use crate::profile::Table::{Sessions, Users};
use crate::statement::{Plan, Query, Step};

/// The cells of a session, in the order in which they are decoded.
pub(crate) const FIELDS: [&str; 4] = ["id", "sessionToken", "userId", "expires"];

/// Bit of `update_session`'s mask that says that the expiry is set; the columns of its own are above it.
pub(crate) const EXPIRES_CHANGED: u128 = 1;

/// The first argument of `touch_session` that is for a refreshed column.
pub(crate) const REFRESHED: usize = 4;

#[derive(Debug)]
pub(crate) struct SessionStatements {
    pub(crate) create: Variants,
    pub(crate) with_user: Plan,
    pub(crate) one: Plan,
    pub(crate) touch: Plan,
    pub(crate) update: Variants,
    pub(crate) delete: Plan,
    pub(crate) of_user: Plan,
    pub(crate) delete_of_user: Plan,
    pub(crate) delete_of_user_but: Plan,
    pub(crate) delete_expired: Plan,
}

impl SessionStatements {
    /// `None` if the profile has no table for them.
    pub(crate) fn compile(sql: &Sql) -> Option<Self> {
        sql.profile.spec(Sessions)?;
        let (create, update) = (sql.clone(), sql.clone());
        let statements = Self {
            create: Variants::new(move |mask| create_session(&create, mask)),
            with_user: with_user(sql).into(),
            one: one(sql).into(),
            touch: touch(sql),
            update: Variants::new(move |mask| update_session(&update, mask)),
            delete: delete(sql),
            of_user: of_user(sql, Sessions, &FIELDS, "sessions_of_user").into(),
            delete_of_user: delete_of_user(sql, false),
            delete_of_user_but: delete_of_user(sql, true),
            delete_expired: delete_expired(sql, Sessions, &["sessionToken"], "<=", "delete_expired_sessions"),
        };
        statements.create.get(0);
        statements.update.get(EXPIRES_CHANGED);
        Some(statements)
    }
}

/// Arguments: token, user, expiry, the row id, then the columns of its own.
fn create_session(sql: &Sql, mask: u128) -> Plan {
    let given = sql.given_extra(Sessions, mask);
    let owned = Owned { sql, table: Sessions, fields: &FIELDS, operation: "create_session", owner: 1 };
    let lock = sql.lock_unless(sql.guarantees.unique_session_token, Sessions, &[0]);
    let key = |q: &mut Query, alias: &str| sql.equals(q, alias, Sessions, "sessionToken", 0);
    owned.insert(lock, &key, &|q, owner| {
        let mut insert = Insert::default();
        fill(sql, q, &mut insert, owner, [0, 2, 3]);
        sql.insert_fields(q, &mut insert, Sessions, &given, 4);
        insert
    })
}

/// Fills a session whose owner is the expression `owner`, with these arguments: token, expiry, row id.
pub(super) fn fill(sql: &Sql, q: &mut Query, insert: &mut Insert, owner: &str, args: [usize; 3]) {
    let [token, expires, id] = args;
    if sql.makes_id(Sessions) {
        insert.push(sql.column(Sessions, "id"), sql.value(q, Sessions, "id", id));
    }
    insert.push(sql.column(Sessions, "sessionToken"), sql.value(q, Sessions, "sessionToken", token));
    insert.push(sql.column(Sessions, "userId"), owner.to_owned());
    insert.push(sql.column(Sessions, "expires"), sql.value(q, Sessions, "expires", expires));
}

/// `EXISTS (…)`: whether some session has the token that is argument `token`.
pub(super) fn token_taken(sql: &Sql, q: &mut Query, token: usize) -> String {
    let (table, lock) = (sql.table(Sessions), sql.as_they_are(sql.guarantees.unique_session_token));
    let same = sql.equals(q, "t", Sessions, "sessionToken", token);
    format!("EXISTS (SELECT 1 FROM {table} AS t WHERE {same}{lock})")
}

/// `FROM sessions JOIN users`.
pub(super) fn joined(sql: &Sql) -> String {
    let (owner, id) = (sql.of("s", Sessions, "userId"), sql.of("u", Users, "id"));
    let (sessions, users, alive) = (sql.table(Sessions), sql.table(Users), sql.alive("u"));
    format!("{sessions} AS s JOIN {users} AS u ON {id} = {owner}{alive}")
}

fn with_user(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let (session, user) = (sql.row(Sessions, &FIELDS, "s"), sql.row(Users, &users::FIELDS, "u"));
    let (from, is_it) = (joined(sql), sql.equals(&mut q, "s", Sessions, "sessionToken", 0));
    let (top, first) = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
    let text = format!("SELECT {top}{session}, {user} FROM {from} WHERE {is_it}{first}");
    q.read("session_and_user", text)
        .look_up_if(sql.guarantees.unique_session_token && sql.guarantees.unique_user_id)
}

fn one(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Sessions, &FIELDS, "s");
    let is_it = sql.equals(&mut q, "s", Sessions, "sessionToken", 0);
    let (top, first) = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
    let text = format!("SELECT {top}{row} FROM {} AS s WHERE {is_it}{first}", sql.table(Sessions));
    q.read("update_session", text).look_up_if(sql.guarantees.unique_session_token)
}

/// Arguments: token, now, the new expiry, the latest expiry that is due, and what each column gets that is
/// refreshed. Answers whether it was extended, the
/// session as it was before, and its user.
fn touch(sql: &Sql) -> Plan {
    let touch = Touch { sql, name: sql.name(Sessions) };
    match sql.dialect.family() {
        Family::Postgres => touch.postgres(),
        Family::Mssql | Family::MySql | Family::Sqlite => touch.batch(),
    }
}

struct Touch<'a> {
    sql: &'a Sql,
    name: String,
}

impl Touch<'_> {
    fn is_it(&self, q: &mut Query, alias: &str) -> String {
        self.sql.equals(q, alias, Sessions, "sessionToken", 0)
    }

    fn expires(&self, alias: &str) -> String {
        self.sql.of(alias, Sessions, "expires")
    }

    /// What the expiry is compared by.
    fn instant(&self, alias: &str) -> String {
        self.sql.instant(alias, Sessions, "expires")
    }

    /// An argument that the expiry is compared with.
    fn moment(&self, q: &mut Query, arg: usize) -> String {
        self.sql.moment(q, Sessions, "expires", arg)
    }

    fn drop_expired(&self, q: &mut Query) -> String {
        let (is_it, expires) = (self.is_it(q, &self.name), self.instant(&self.name));
        let table = self.sql.table(Sessions);
        format!("DELETE FROM {table} WHERE {is_it} AND {expires} <= {}", self.moment(q, 1))
    }

    fn extend(&self, q: &mut Query) -> String {
        let (table, column) = (self.sql.table(Sessions), self.sql.column(Sessions, "expires"));
        let extended = self.sql.value(q, Sessions, "expires", 2);
        let (is_it, expires) = (self.is_it(q, &self.name), self.instant(&self.name));
        let (after_now, until_due) = (self.moment(q, 1), self.moment(q, 3));
        let refreshed = self.sql.refreshed(Sessions).enumerate().map(|(at, refreshed)| {
            let field = &refreshed.field;
            // What is not ahead of the clock is an argument already.
            let arg = if refreshed.ahead().is_zero() { 1 } else { REFRESHED + at };
            format!(", {} = {}", self.sql.column(Sessions, field), self.sql.value(q, Sessions, field, arg))
        });
        let refreshed: String = refreshed.collect();
        format!(
            "UPDATE {table} SET {column} = {extended}{refreshed} \
             WHERE {is_it} AND {expires} > {after_now} AND {expires} <= {until_due}"
        )
    }

    /// One statement. If the session is seen to be due, its row is locked, and what counts from then on is the
    /// row as it is under the lock: a touch or a deletion that came first is taken into account. A session that
    /// is not due is only read.
    fn postgres(&self) -> Plan {
        let (sql, table) = (self.sql, self.sql.table(Sessions));
        let mut q = Query::new(sql.dialect);
        let (now, due) = (self.moment(&mut q, 1), self.moment(&mut q, 3));
        let (seen, locked) = (self.is_it(&mut q, "p"), self.is_it(&mut q, "l"));
        let (drop_expired, extend) = (self.drop_expired(&mut q), self.extend(&mut q));
        let is_it = self.is_it(&mut q, "s");
        let (id, same) = if sql.has(Sessions, "id") {
            let id = sql.of("l", Sessions, "id");
            (format!("{id} AS id, "), format!("locked.id = {}", sql.of("s", Sessions, "id")))
        } else {
            (String::new(), "true".to_owned())
        };
        let current = format!("coalesce(locked.expires, {})", self.expires("s"));
        let session = sql.row(Sessions, &FIELDS, "s").replacen(&self.expires("s"), &current, 1);
        let locked_at = sql.dialect.instant(&sql.time_form(Sessions, "expires"), "locked.expires".to_owned());
        let (_, first) = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
        let text = format!(
            "WITH seen AS (SELECT min({}) AS expires FROM {table} AS p WHERE {seen}), \
             locked AS (SELECT {id}{} AS expires FROM {table} AS l \
             WHERE {locked} AND (SELECT expires FROM seen) <= greatest({now}, {due}) FOR UPDATE), \
             dropped AS ({drop_expired} AND EXISTS (SELECT 1 FROM locked)), \
             extended AS ({extend} AND EXISTS (SELECT 1 FROM locked) RETURNING 1) \
             SELECT EXISTS (SELECT 1 FROM extended), {session}, {} FROM {} LEFT JOIN locked ON {same} \
             WHERE {is_it} AND CASE WHEN {} <= greatest({now}, {due}) THEN {locked_at} > {now} ELSE true END{first}",
            self.instant("p"),
            self.expires("l"),
            sql.row(Users, &users::FIELDS, "u"),
            joined(sql),
            self.instant("s"),
        );
        q.write("touch_session", text).into()
    }

    /// Locks the row itself before any of its entries in other indexes, as whoever deletes it by another index does;
    /// the other way round the two would wait for each other.
    fn mysql_lock(&self, operation: &'static str) -> Step {
        let (sql, table) = (self.sql, self.sql.table(Sessions));
        let mut q = Query::new(sql.dialect);
        if !sql.has(Sessions, "id") {
            let is_it = self.is_it(&mut q, "l");
            return q.write(operation, format!("SELECT 1 FROM {table} AS l WHERE {is_it} FOR UPDATE"));
        }
        let (_, first) = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
        let (id, found) = (sql.of("l", Sessions, "id"), sql.of("s", Sessions, "id"));
        let is_it = self.is_it(&mut q, "s");
        let found = format!("SELECT {found} FROM {table} AS s WHERE {is_it}{first}");
        q.write(operation, format!("SELECT 1 FROM {table} AS l WHERE {id} = ({found}) FOR UPDATE"))
    }

    /// A batch: the row is locked where anything else can run beside it, dropped if it has expired, read, and
    /// extended if it is due.
    fn batch(&self) -> Plan {
        let (sql, operation) = (self.sql, "touch_session");
        let mut steps = Vec::new();
        match sql.dialect.family() {
            Family::Mssql => {
                let mut q = Query::new(sql.dialect);
                let is_it = self.is_it(&mut q, "l");
                let from = format!("{} AS l WITH (UPDLOCK, ROWLOCK)", sql.table(Sessions));
                steps.push(q.write(operation, format!("SELECT 1 FROM {from} WHERE {is_it}")));
            }
            Family::MySql => steps.push(self.mysql_lock(operation)),
            _ => {}
        }
        let mut q = Query::new(sql.dialect);
        let dropped = self.drop_expired(&mut q);
        steps.push(q.write(operation, dropped));

        let mut q = Query::new(sql.dialect);
        let (top, first) = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
        let due = format!("{} <= {}", self.instant("s"), self.moment(&mut q, 3));
        let text = format!(
            "SELECT {top}{}, {}, {} FROM {} WHERE {}{first}",
            sql.dialect.truth(due),
            sql.row(Sessions, &FIELDS, "s"),
            sql.row(Users, &users::FIELDS, "u"),
            joined(sql),
            self.is_it(&mut q, "s"),
        );
        steps.push(q.write(operation, text));
        let answer = steps.len() - 1;

        let mut q = Query::new(sql.dialect);
        let extend = self.extend(&mut q);
        steps.push(q.write(operation, extend));
        Plan::of(steps).answered_by(answer)
    }
}

fn update_session(sql: &Sql, mask: u128) -> Plan {
    let expires = if mask & EXPIRES_CHANGED == 0 { &[][..] } else { &["expires"] };
    let mut fields: Vec<Box<str>> = expires.iter().map(|&field| field.into()).collect();
    fields.extend(sql.given_extra(Sessions, mask >> 1));
    let set = |q: &mut Query| sql.assignments(q, Sessions, &fields, 1);
    let cells = |alias: &str| sql.row(Sessions, &FIELDS, alias);
    sql.update_rows("update_session", Sessions, &set, &cells, &|q, alias| has_token(sql, q, alias))
}

fn has_token(sql: &Sql, q: &mut Query, alias: &str) -> String {
    sql.equals(q, alias, Sessions, "sessionToken", 0)
}

fn delete(sql: &Sql) -> Plan {
    let cells = |alias: &str| sql.row(Sessions, &FIELDS, alias);
    sql.delete_rows("delete_session", Sessions, &cells, &|q, alias| has_token(sql, q, alias))
}

fn delete_of_user(sql: &Sql, but_one: bool) -> Plan {
    sql.delete_counted("delete_sessions_of_user", Sessions, &|q, alias| {
        let is_its = sql.equals(q, alias, Sessions, "userId", 0);
        if !but_one {
            return is_its;
        }
        format!("{is_its} AND NOT {}", sql.equals(q, alias, Sessions, "sessionToken", 1))
    })
}

/// Arguments: now, the most rows to delete.
pub(super) fn delete_expired(
    sql: &Sql,
    table: crate::Table,
    key: &[&str],
    operator: &str,
    operation: &'static str,
) -> Plan {
    let filter = |q: &mut Query, alias: &str| {
        let now = sql.moment(q, table, "expires", 0);
        format!("{} {operator} {now}", sql.instant(alias, table, "expires"))
    };
    sql.delete_some(operation, table, &filter, &|alias| sql.instant(alias, table, "expires"), 1, key)
}
