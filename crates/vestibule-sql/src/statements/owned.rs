//! Rows that belong to a user.

use super::{Insert, Sql};
use crate::dialect::Family;
use crate::profile::Table::{self, Users};
use crate::statement::{Plan, Query, Step};

/// A row that belongs to a user and has a key that must be free.
pub(super) struct Owned<'a> {
    pub(super) sql: &'a Sql,
    pub(super) table: Table,
    pub(super) fields: &'a [&'a str],
    pub(super) operation: &'static str,
    /// Which argument is the user's id.
    pub(super) owner: usize,
}

/// The condition that a row, under an alias, has the key.
type Key<'a> = &'a dyn Fn(&mut Query, &str) -> String;

/// The new row, given the expression that is its owner's id.
type Fill<'a> = &'a dyn Fn(&mut Query, &str) -> Insert;

impl Owned<'_> {
    /// Answers, in one row or two results: is there such a user, is the key taken, and the new row.
    ///
    /// The user's row is locked against deletion until the new row is there.
    pub(super) fn insert(&self, lock: Option<Step>, key: Key<'_>, fill: Fill<'_>) -> Plan {
        match self.sql.dialect.family() {
            Family::Postgres => self.postgres(key, fill).after(lock),
            Family::Mssql | Family::MySql | Family::Sqlite => self.batch(key, fill).after(lock),
        }
    }

    fn is_owner(&self, q: &mut Query, alias: &str) -> String {
        format!("{}{}", self.sql.equals(q, alias, Users, "id", self.owner), self.sql.alive(alias))
    }

    fn taken(&self, q: &mut Query, key: Key<'_>) -> String {
        let known = self.sql.guarantees;
        let lock = self.sql.as_they_are(match self.table {
            Table::Accounts => known.unique_account,
            Table::Sessions => known.unique_session_token,
            Table::Authenticators => known.unique_credential_id,
            Table::Users | Table::VerificationTokens => true,
        });
        format!("EXISTS (SELECT 1 FROM {} AS t WHERE {}{lock})", self.sql.table(self.table), key(q, "t"))
    }

    fn postgres(&self, key: Key<'_>, fill: Fill<'_>) -> Plan {
        let sql = self.sql;
        let (users, table) = (sql.table(Users), sql.table(self.table));
        let name = sql.name(self.table);
        let mut q = Query::new(sql.dialect);
        let is_owner = self.is_owner(&mut q, "o");
        let id = sql.of("o", Users, "id");
        let (taken, insert) = (self.taken(&mut q, key), fill(&mut q, "owner.id"));
        let share = sql.dialect.share_lock();
        let text = format!(
            "WITH owner AS (SELECT {id} AS id FROM {users} AS o WHERE {is_owner}{share}), \
             taken AS (SELECT {taken} AS hit), \
             r AS (INSERT INTO {table} ({}) SELECT {} FROM owner, taken WHERE NOT taken.hit RETURNING {}) \
             SELECT EXISTS (SELECT 1 FROM owner), taken.hit, {} FROM taken LEFT JOIN r ON true",
            insert.columns(),
            insert.values(),
            sql.named_row(self.table, self.fields, &name),
            sql.row_names(self.table, self.fields, "r"),
        );
        q.write(self.operation, text).into()
    }

    /// Probe, insertion, the row.
    fn batch(&self, key: Key<'_>, fill: Fill<'_>) -> Plan {
        let sql = self.sql;
        let users = sql.table(Users);
        let cells = |alias: &str| sql.row(self.table, self.fields, alias);
        let mut q = Query::new(sql.dialect);
        let is_owner = self.is_owner(&mut q, "o");
        // Locked from the first look on: what is answered must still be so when the row is inserted.
        let share = if sql.dialect.family() == Family::MySql { " LOCK IN SHARE MODE" } else { "" };
        let owner = format!("EXISTS (SELECT 1 FROM {users} AS o WHERE {is_owner}{share})");
        let hit = self.taken(&mut q, key);
        let probe = format!("SELECT {}, {}", sql.dialect.truth(owner), sql.dialect.truth(hit));
        let probe = q.write(self.operation, probe);

        let mut q = Query::new(sql.dialect);
        let insert = fill(&mut q, &sql.of("o", Users, "id"));
        let (is_owner, taken) = (self.is_owner(&mut q, "o"), self.taken(&mut q, key));
        let (hint, share) = match sql.dialect.family() {
            Family::Mssql => (" WITH (REPEATABLEREAD, ROWLOCK)", ""),
            Family::MySql => ("", " LOCK IN SHARE MODE"),
            _ => ("", ""),
        };
        let rest = format!(" FROM {users} AS o{hint} WHERE {is_owner} AND NOT {taken}{share}");
        let text = sql.insert_select(self.table, &insert, &rest, &cells);
        let mut steps = vec![probe, q.write(self.operation, text)];
        sql.then_read_back(self.operation, &mut steps, self.table, &cells, key);
        Plan::of(steps).probed_by(0)
    }
}
