//! Sessions.

use super::accounts::{Owned, of_user};
use super::{Insert, Sql, Variants, users};
use crate::Dialect;
use crate::profile::Table::{Sessions, Users};
use crate::statement::{Plan, Query, Step};

/// The cells of a session, in the order in which they are decoded.
pub(crate) const FIELDS: [&str; 4] = ["id", "sessionToken", "userId", "expires"];

/// Bit of `update_session`'s mask that says that the expiry is set; the columns of its own are above it.
pub(crate) const EXPIRES_CHANGED: u64 = 1;

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
    pub(crate) fn compile(sql: &Sql) -> Self {
        let (create, update) = (sql.clone(), sql.clone());
        let statements = Self {
            create: Variants::new(move |mask| create_session(&create, mask)),
            with_user: with_user(sql).into(),
            one: one(sql).into(),
            touch: touch(sql),
            update: Variants::new(move |mask| update_session(&update, mask).into()),
            delete: delete(sql).into(),
            of_user: of_user(sql, Sessions, &FIELDS, "sessions_of_user").into(),
            delete_of_user: delete_of_user(sql, false).into(),
            delete_of_user_but: delete_of_user(sql, true).into(),
            delete_expired: delete_expired(sql, Sessions, "<=", "delete_expired_sessions").into(),
        };
        statements.create.get(0);
        statements.update.get(EXPIRES_CHANGED);
        statements
    }
}

/// Arguments: token, user, expiry, then the columns of its own.
fn create_session(sql: &Sql, mask: u64) -> Plan {
    let given = sql.given_extra(Sessions, mask);
    let owned = Owned { sql, table: Sessions, fields: &FIELDS, operation: "create_session", owner: 1 };
    let lock = (!sql.guarantees.unique_session_token).then(|| sql.lock(Sessions, &[0]));
    let taken = |q: &mut Query| {
        let same = sql.equals(q, "t", Sessions, "sessionToken", 0);
        format!("EXISTS (SELECT 1 FROM {} AS t WHERE {same})", sql.table(Sessions))
    };
    owned.insert(lock, &taken, &|q, owner| {
        let mut insert = Insert::default();
        sql.insert_made_id(&mut insert, Sessions);
        insert.push(sql.column(Sessions, "sessionToken"), sql.value(q, Sessions, "sessionToken", 0));
        insert.push(sql.column(Sessions, "userId"), owner.to_owned());
        insert.push(sql.column(Sessions, "expires"), sql.value(q, Sessions, "expires", 2));
        sql.insert_fields(q, &mut insert, Sessions, &given, 3);
        insert
    })
}

/// `FROM sessions JOIN users`.
fn joined(sql: &Sql) -> String {
    let (owner, id) = (sql.of("s", Sessions, "userId"), sql.of("u", Users, "id"));
    format!("{} AS s JOIN {} AS u ON {id} = {owner}", sql.table(Sessions), sql.table(Users))
}

fn with_user(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let (session, user) = (sql.row(Sessions, &FIELDS, "s"), sql.row(Users, &users::FIELDS, "u"));
    let (from, is_it) = (joined(sql), sql.equals(&mut q, "s", Sessions, "sessionToken", 0));
    let first = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
    q.read("session_and_user", format!("SELECT {session}, {user} FROM {from} WHERE {is_it}{first}"))
}

fn one(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Sessions, &FIELDS, "s");
    let is_it = sql.equals(&mut q, "s", Sessions, "sessionToken", 0);
    let first = sql.first_of(Sessions, "s", sql.guarantees.unique_session_token);
    q.read("update_session", format!("SELECT {row} FROM {} AS s WHERE {is_it}{first}", sql.table(Sessions)))
}

/// Arguments: token, now, the new expiry, the latest expiry that is due. Answers whether it was extended, the
/// session as it was before, and its user.
fn touch(sql: &Sql) -> Plan {
    let touch = Touch { sql, name: sql.name(Sessions) };
    match sql.dialect {
        Dialect::Postgres => touch.postgres(),
        Dialect::Sqlite => touch.sqlite(),
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

    fn time(&self, q: &mut Query, arg: usize) -> String {
        self.sql.value(q, Sessions, "expires", arg)
    }

    fn drop_expired(&self, q: &mut Query) -> String {
        let (is_it, expires) = (self.is_it(q, &self.name), self.expires(&self.name));
        format!("DELETE FROM {} WHERE {is_it} AND {expires} <= {}", self.sql.table(Sessions), self.time(q, 1))
    }

    fn extend(&self, q: &mut Query) -> String {
        let (table, column) = (self.sql.table(Sessions), self.sql.column(Sessions, "expires"));
        let (is_it, expires) = (self.is_it(q, &self.name), self.expires(&self.name));
        let (now, extended, due) = (self.time(q, 1), self.time(q, 2), self.time(q, 3));
        format!(
            "UPDATE {table} SET {column} = {extended} WHERE {is_it} AND {expires} > {now} AND {expires} <= {due}"
        )
    }

    /// One statement. If the session is seen to be due, its row is locked, and what counts from then on is the
    /// row as it is under the lock: a touch or a deletion that came first is taken into account. A session that
    /// is not due is only read.
    fn postgres(&self) -> Plan {
        let (sql, table) = (self.sql, self.sql.table(Sessions));
        let mut q = Query::new(sql.dialect);
        let (now, due) = (self.time(&mut q, 1), self.time(&mut q, 3));
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
        let text = format!(
            "WITH seen AS (SELECT min({}) AS expires FROM {table} AS p WHERE {seen}), \
             locked AS (SELECT {id}{} AS expires FROM {table} AS l \
             WHERE {locked} AND (SELECT expires FROM seen) <= greatest({now}, {due}) FOR UPDATE), \
             dropped AS ({drop_expired} AND EXISTS (SELECT 1 FROM locked)), \
             extended AS ({extend} AND EXISTS (SELECT 1 FROM locked) RETURNING 1) \
             SELECT EXISTS (SELECT 1 FROM extended), {session}, {} FROM {} LEFT JOIN locked ON {same} \
             WHERE {is_it} AND CASE WHEN {} <= greatest({now}, {due}) THEN locked.expires > {now} ELSE true END{}",
            self.expires("p"),
            self.expires("l"),
            sql.row(Users, &users::FIELDS, "u"),
            joined(sql),
            self.expires("s"),
            sql.first_of(Sessions, "s", sql.guarantees.unique_session_token),
        );
        q.write("touch_session", text).into()
    }

    /// A batch, which nothing else runs beside.
    fn sqlite(&self) -> Plan {
        let sql = self.sql;
        let mut q = Query::new(sql.dialect);
        let dropped = self.drop_expired(&mut q);
        let dropped = q.write("touch_session", dropped);

        let mut q = Query::new(sql.dialect);
        let text = format!(
            "SELECT {} <= {}, {}, {} FROM {} WHERE {}{}",
            self.expires("s"),
            self.time(&mut q, 3),
            sql.row(Sessions, &FIELDS, "s"),
            sql.row(Users, &users::FIELDS, "u"),
            joined(sql),
            self.is_it(&mut q, "s"),
            sql.first_of(Sessions, "s", sql.guarantees.unique_session_token),
        );
        let select = q.write("touch_session", text);

        let mut q = Query::new(sql.dialect);
        let extend = self.extend(&mut q);
        Plan { steps: vec![dropped, select, q.write("touch_session", extend)] }
    }
}

fn update_session(sql: &Sql, mask: u64) -> Step {
    let expires = if mask & EXPIRES_CHANGED == 0 { &[][..] } else { &["expires"] };
    let mut fields: Vec<Box<str>> = expires.iter().map(|&field| field.into()).collect();
    fields.extend(sql.given_extra(Sessions, mask >> 1));

    let mut q = Query::new(sql.dialect);
    let (table, name) = (sql.table(Sessions), sql.name(Sessions));
    let row = sql.row(Sessions, &FIELDS, &name);
    let is_it = sql.equals(&mut q, &name, Sessions, "sessionToken", 0);
    let set = sql.assignments(&mut q, Sessions, &fields, 1);
    q.write("update_session", format!("UPDATE {table} SET {set} WHERE {is_it} RETURNING {row}"))
}

fn delete(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(Sessions);
    let row = sql.row(Sessions, &FIELDS, &name);
    let is_it = sql.equals(&mut q, &name, Sessions, "sessionToken", 0);
    q.write("delete_session", format!("DELETE FROM {} WHERE {is_it} RETURNING {row}", sql.table(Sessions)))
}

fn delete_of_user(sql: &Sql, but_one: bool) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(Sessions);
    let is_its = sql.equals(&mut q, &name, Sessions, "userId", 0);
    let but = if but_one {
        let token = sql.value(&mut q, Sessions, "sessionToken", 1);
        format!(" AND {} <> {token}", sql.of(&name, Sessions, "sessionToken"))
    } else {
        String::new()
    };
    let text = format!("DELETE FROM {} WHERE {is_its}{but} RETURNING 1", sql.table(Sessions));
    q.write("delete_sessions_of_user", text)
}

/// Arguments: now, the most rows to delete. Rows that somebody else is at are left to them.
pub(super) fn delete_expired(
    sql: &Sql,
    table: crate::Table,
    operator: &str,
    operation: &'static str,
) -> Step {
    let mut q = Query::new(sql.dialect);
    let (name, expires) = (sql.table(table), sql.of("t", table, "expires"));
    let now = sql.value(&mut q, table, "expires", 0);
    let limit = q.arg(1, crate::ParamType::Int);
    let (key, skip) = match sql.dialect {
        Dialect::Postgres => ("ctid", " FOR UPDATE SKIP LOCKED"),
        Dialect::Sqlite => ("rowid", ""),
    };
    let doomed = format!(
        "SELECT t.{key} FROM {name} AS t WHERE {expires} {operator} {now} ORDER BY {expires} LIMIT {limit}{skip}"
    );
    let which = match sql.dialect {
        Dialect::Postgres => format!("{key} = ANY (ARRAY({doomed}))"),
        Dialect::Sqlite => format!("{key} IN ({doomed})"),
    };
    // Said twice: in a partitioned table the `ctid` alone may be that of a row in another partition as well.
    let expires = sql.of(&sql.name(table), table, "expires");
    q.write(operation, format!("DELETE FROM {name} WHERE {which} AND {expires} {operator} {now} RETURNING 1"))
}
