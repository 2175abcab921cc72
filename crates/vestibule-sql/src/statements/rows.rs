//! Writing rows and getting them back, in the one way that the database has.

use super::{Insert, Sql};
use crate::dialect::{Family, Returning};
use crate::profile::Table;
use crate::statement::{Plan, Query, Step};

/// Which rows: a condition on the table under an alias.
pub(super) type Filter<'a> = &'a dyn Fn(&mut Query, &str) -> String;

/// What of the rows: the cells of a row under an alias.
pub(super) type Cells<'a> = &'a dyn Fn(&str) -> String;

impl Sql {
    /// Deletes rows and answers with what was there. Of two callers at once one gets the row.
    pub(super) fn delete_rows(
        &self,
        operation: &'static str,
        table: Table,
        cells: Cells<'_>,
        filter: Filter<'_>,
    ) -> Plan {
        let (target, name) = (self.table(table), self.name(table));
        let mut q = Query::new(self.dialect);
        let is_it = filter(&mut q, &name);
        match self.dialect.returning() {
            Returning::Clause | Returning::DeleteOnly => {
                let text = format!("DELETE FROM {target} WHERE {is_it} RETURNING {}", cells(&name));
                q.write(operation, text).into()
            }
            Returning::Output => {
                let text = format!("DELETE FROM {target} OUTPUT {} WHERE {is_it}", cells("deleted"));
                q.write(operation, text).into()
            }
            Returning::No => {
                let delete = q.write(operation, format!("DELETE FROM {target} WHERE {is_it}"));
                Plan::of(vec![self.look_and_lock(operation, table, cells, filter), delete]).answered_by(0)
            }
        }
    }

    /// Deletes rows and answers how many.
    pub(super) fn delete_counted(&self, operation: &'static str, table: Table, filter: Filter<'_>) -> Plan {
        match self.dialect.returning() {
            Returning::No => {
                let mut q = Query::new(self.dialect);
                let is_it = filter(&mut q, &self.name(table));
                let delete = format!("DELETE FROM {} WHERE {is_it}", self.table(table));
                self.counted(q.write(operation, delete))
            }
            _ => self.delete_rows(operation, table, &|_| "1".to_owned(), filter),
        }
    }

    /// Changes rows and answers with what is there then. The change must not touch what the filter asks for.
    ///
    /// Where nothing of what is set has a column, the rows are only read.
    pub(super) fn update_rows(
        &self,
        operation: &'static str,
        table: Table,
        set: &dyn Fn(&mut Query) -> String,
        cells: Cells<'_>,
        filter: Filter<'_>,
    ) -> Plan {
        let (target, name) = (self.table(table), self.name(table));
        if set(&mut Query::new(self.dialect)).is_empty() {
            let mut q = Query::new(self.dialect);
            let is_it = filter(&mut q, "t");
            let text = format!("SELECT {} FROM {target} AS t WHERE {is_it}", cells("t"));
            return q.read(operation, text).into();
        }
        let mut q = Query::new(self.dialect);
        match self.dialect.returning() {
            Returning::Clause => {
                let is_it = filter(&mut q, &name);
                let set = set(&mut q);
                let text = format!("UPDATE {target} SET {set} WHERE {is_it} RETURNING {}", cells(&name));
                q.write(operation, text).into()
            }
            Returning::Output => {
                let is_it = filter(&mut q, &name);
                let set = set(&mut q);
                let text = format!("UPDATE {target} SET {set} OUTPUT {} WHERE {is_it}", cells("inserted"));
                q.write(operation, text).into()
            }
            Returning::DeleteOnly | Returning::No => {
                let set = set(&mut q);
                let is_it = filter(&mut q, &name);
                let update = q.write(operation, format!("UPDATE {target} SET {set} WHERE {is_it}"));
                let mut q = Query::new(self.dialect);
                let is_it = filter(&mut q, "t");
                let text = format!("SELECT {} FROM {target} AS t WHERE {is_it}", cells("t"));
                Plan::of(vec![update, q.write(operation, text)])
            }
        }
    }

    /// Changes rows and answers with a row for each that the filter found before the change.
    pub(super) fn update_hits(
        &self,
        operation: &'static str,
        table: Table,
        set: &dyn Fn(&mut Query) -> String,
        filter: Filter<'_>,
    ) -> Plan {
        let one = |_: &str| "1".to_owned();
        match self.dialect.returning() {
            Returning::Clause | Returning::Output => self.update_rows(operation, table, set, &one, filter),
            Returning::DeleteOnly | Returning::No => {
                let mut q = Query::new(self.dialect);
                let set = set(&mut q);
                let is_it = filter(&mut q, &self.name(table));
                let text = format!("UPDATE {} SET {set} WHERE {is_it}", self.table(table));
                let look = self.look_and_lock(operation, table, &one, filter);
                Plan::of(vec![look, q.write(operation, text)]).answered_by(0)
            }
        }
    }

    /// `INSERT … SELECT values` and what follows it, which returns the new row where the database can.
    pub(super) fn insert_select(
        &self,
        table: Table,
        insert: &Insert,
        rest: &str,
        cells: Cells<'_>,
    ) -> String {
        let (target, columns, values) = (self.table(table), insert.columns(), insert.values());
        match self.dialect.returning() {
            Returning::Clause => {
                let cells = cells(&self.name(table));
                format!("INSERT INTO {target} ({columns}) SELECT {values}{rest} RETURNING {cells}")
            }
            Returning::Output => {
                let cells = cells("inserted");
                format!("INSERT INTO {target} ({columns}) OUTPUT {cells} SELECT {values}{rest}")
            }
            Returning::DeleteOnly | Returning::No => {
                format!("INSERT INTO {target} ({columns}) SELECT {values}{rest}")
            }
        }
    }

    /// Adds to a plan, whose last step is an insertion, the step that returns the new row where the insertion
    /// itself cannot: by its key, and only if there was an insertion.
    pub(super) fn then_read_back(
        &self,
        operation: &'static str,
        steps: &mut Vec<Step>,
        table: Table,
        cells: Cells<'_>,
        filter: Filter<'_>,
    ) {
        if self.dialect.family() == Family::MySql {
            let mut q = Query::new(self.dialect);
            let is_it = filter(&mut q, "t");
            let from = self.table(table);
            let text = format!("SELECT {} FROM {from} AS t WHERE {is_it} AND ROW_COUNT() = 1", cells("t"));
            steps.push(q.write(operation, text));
        }
    }

    fn look_and_lock(
        &self,
        operation: &'static str,
        table: Table,
        cells: Cells<'_>,
        filter: Filter<'_>,
    ) -> Step {
        let mut q = Query::new(self.dialect);
        let is_it = filter(&mut q, "t");
        let text = format!("SELECT {} FROM {} AS t WHERE {is_it} FOR UPDATE", cells("t"), self.table(table));
        q.write(operation, text)
    }

    /// A plan that answers how many rows a step touched.
    fn counted(&self, step: Step) -> Plan {
        let operation = step.statement.name;
        let count = Query::new(self.dialect).write(operation, "SELECT ROW_COUNT()".to_owned());
        let mut plan = Plan::of(vec![step, count]);
        plan.counts = true;
        plan
    }

    /// Deletes at most so many rows, argument `limit`, that the filter finds, the earliest by `order` first, and
    /// answers how many. Rows that somebody else is at are left to them.
    pub(super) fn delete_some(
        &self,
        operation: &'static str,
        table: Table,
        filter: Filter<'_>,
        order: &dyn Fn(&str) -> String,
        limit: usize,
        key: &[&str],
    ) -> Plan {
        use crate::Dialect::{
            AuroraDsql, CockroachDb, MariaDb, MySql, Postgres, SqlServer, Sqlite, YugabyteDb,
        };
        let (target, name) = (self.table(table), self.name(table));
        let mut q = Query::new(self.dialect);
        match self.dialect {
            SqlServer => {
                // Which rows are the earliest does not matter enough to sort them.
                let limit = q.arg(limit, crate::ParamType::Int);
                let is_it = filter(&mut q, &name);
                let text = format!(
                    "DELETE TOP ({limit}) FROM {target} WITH (READCOMMITTEDLOCK, ROWLOCK, READPAST) OUTPUT 1 \
                     WHERE {is_it}"
                );
                q.write(operation, text).into()
            }
            MariaDb | MySql => {
                let is_it = filter(&mut q, &name);
                let limit = q.arg(limit, crate::ParamType::Int);
                let text =
                    format!("DELETE FROM {target} WHERE {is_it} ORDER BY {} LIMIT {limit}", order(&name));
                if self.dialect.returning() == Returning::DeleteOnly {
                    q.write(operation, format!("{text} RETURNING 1")).into()
                } else {
                    self.counted(q.write(operation, text))
                }
            }
            Postgres | Sqlite => {
                let is_it = filter(&mut q, "t");
                let limit = q.arg(limit, crate::ParamType::Int);
                let (row, skip) = if self.dialect == Postgres {
                    ("ctid", " FOR UPDATE SKIP LOCKED")
                } else {
                    ("rowid", "")
                };
                let doomed = format!(
                    "SELECT t.{row} FROM {target} AS t WHERE {is_it} ORDER BY {} LIMIT {limit}{skip}",
                    order("t")
                );
                let which = match self.dialect {
                    Postgres => format!("{row} = ANY (ARRAY({doomed}))"),
                    _ => format!("{row} IN ({doomed})"),
                };
                // Said twice: in a partitioned table the `ctid` alone may be that of a row in another partition
                // as well.
                let is_it = filter(&mut q, &name);
                q.write(operation, format!("DELETE FROM {target} WHERE {which} AND {is_it} RETURNING 1"))
                    .into()
            }
            AuroraDsql | CockroachDb | YugabyteDb => {
                let is_it = filter(&mut q, "t");
                let limit = q.arg(limit, crate::ParamType::Int);
                let skip = if self.dialect == AuroraDsql { "" } else { " FOR UPDATE SKIP LOCKED" };
                let columns = |alias: &str| {
                    key.iter().map(|field| self.of(alias, table, field)).collect::<Vec<_>>().join(", ")
                };
                let doomed = format!(
                    "SELECT {} FROM {target} AS t WHERE {is_it} ORDER BY {} LIMIT {limit}{skip}",
                    columns("t"),
                    order("t")
                );
                let text =
                    format!("DELETE FROM {target} WHERE ({}) IN ({doomed}) RETURNING 1", columns(&name));
                q.write(operation, text).into()
            }
        }
    }
}
