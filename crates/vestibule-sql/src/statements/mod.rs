//! The text of every statement, written once for a profile and a dialect.
//!
//! Files are named as in the contract. Where a database makes something atomic by itself, an operation is one
//! statement; where it does not, the statements of one batch. `guarantees` says which constraints the tables
//! have: what they lack is made up for by a lock that the batch takes first, in a statement of its own, since
//! a single statement's snapshot would be older than the lock that it waits for.

pub(crate) mod accounts;
pub(crate) mod authenticators;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
mod variants;

pub(crate) use variants::Variants;

use crate::profile::{ColumnKind, Profile, Table};
use crate::schema::Guarantees;
use crate::statement::{Query, Step};
use crate::{Dialect, ParamType};

/// Knows how everything is called, and writes it quoted.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    pub(crate) profile: Profile,
    pub(crate) dialect: Dialect,
    pub(crate) guarantees: Guarantees,
}

impl Sql {
    /// The table, quoted, with its schema. A table that the profile lacks has no statements at all.
    pub(crate) fn table(&self, table: Table) -> String {
        let name = self.name(table);
        match (&self.profile.postgres_schema, self.dialect) {
            (Some(schema), Dialect::Postgres) => format!("{}.{name}", self.dialect.quote(schema)),
            _ => name,
        }
    }

    /// The table's own name, quoted: what a statement that writes calls the row it changes.
    pub(crate) fn name(&self, table: Table) -> String {
        self.dialect.quote(self.profile.table_name(table).unwrap_or_default())
    }

    pub(crate) fn column(&self, table: Table, field: &str) -> String {
        self.dialect.quote(&self.profile.column_name(table, field).unwrap_or_default())
    }

    /// The column's kind, whether it is of the contract or of the application's own.
    fn kind(&self, table: Table, field: &str) -> ColumnKind {
        let spec = self.profile.spec(table);
        let own = spec.and_then(|spec| spec.columns.iter().find(|column| column.field == field));
        let extra = spec.and_then(|spec| spec.extra.iter().find(|column| &*column.field == field));
        match (own, extra) {
            (Some(column), _) => column.kind.clone(),
            (None, Some(column)) => column.column_kind(),
            (None, None) => ColumnKind::Text,
        }
    }

    pub(crate) fn has(&self, table: Table, field: &str) -> bool {
        self.profile.spec(table).is_some_and(|spec| spec.columns.iter().any(|column| column.field == field))
    }

    /// Argument `arg`, ready to be compared with the column or assigned to it.
    pub(crate) fn value(&self, query: &mut Query, table: Table, field: &str, arg: usize) -> String {
        let kind = self.kind(table, field);
        let id_kind = self.profile.id_kind;
        let placeholder = query.arg(arg, self.dialect.param_type(&kind, id_kind));
        self.dialect.bind(&kind, id_kind, placeholder)
    }

    /// `alias."column" = argument`.
    pub(crate) fn equals(
        &self,
        query: &mut Query,
        alias: &str,
        table: Table,
        field: &str,
        arg: usize,
    ) -> String {
        format!("{} = {}", self.of(alias, table, field), self.value(query, table, field, arg))
    }

    /// `alias."column"`.
    pub(crate) fn of(&self, alias: &str, table: Table, field: &str) -> String {
        format!("{alias}.{}", self.column(table, field))
    }

    /// The cells of a row as `decode` expects them: the fields in the contract's order, `NULL` for one that the
    /// table lacks, then the columns of the application's own.
    pub(crate) fn row(&self, table: Table, fields: &[&str], alias: &str) -> String {
        self.cells(table, fields, alias).join(", ")
    }

    /// As [`row`](Self::row), each cell named `c0`, `c1`, … so that an outer query can pass it on.
    pub(crate) fn named_row(&self, table: Table, fields: &[&str], alias: &str) -> String {
        let cells = self.cells(table, fields, alias).into_iter().enumerate();
        cells.map(|(at, cell)| format!("{cell} AS c{at}")).collect::<Vec<_>>().join(", ")
    }

    /// The names that [`named_row`](Self::named_row) gave.
    pub(crate) fn row_names(&self, table: Table, fields: &[&str], alias: &str) -> String {
        let count = fields.len() + self.extra_fields(table).len();
        (0..count).map(|at| format!("{alias}.c{at}")).collect::<Vec<_>>().join(", ")
    }

    fn cells(&self, table: Table, fields: &[&str], alias: &str) -> Vec<String> {
        let own = fields.iter().map(|field| {
            if self.has(table, field) { self.cell(table, field, alias) } else { "NULL".to_owned() }
        });
        let extra = self.extra_fields(table);
        own.chain(extra.iter().map(|field| self.cell(table, field, alias))).collect()
    }

    fn cell(&self, table: Table, field: &str, alias: &str) -> String {
        let column = self.of(alias, table, field);
        self.dialect.read(&self.kind(table, field), self.profile.id_kind, column)
    }

    pub(crate) fn extra_fields(&self, table: Table) -> Vec<Box<str>> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        extra.iter().map(|column| column.field.clone()).collect()
    }

    /// The fields of the application's own whose bit is set, in order.
    pub(crate) fn given_extra(&self, table: Table, mask: u64) -> Vec<Box<str>> {
        let fields = self.extra_fields(table).into_iter().enumerate();
        fields.filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, field)| field).collect()
    }

    /// `"column" = argument` for each field, the arguments counting from `first`.
    pub(crate) fn assignments<S: AsRef<str>>(
        &self,
        query: &mut Query,
        table: Table,
        fields: &[S],
        first: usize,
    ) -> String {
        let each = fields.iter().enumerate().map(|(at, field)| {
            let value = self.value(query, table, field.as_ref(), first + at);
            format!("{} = {value}", self.column(table, field.as_ref()))
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// What makes "the row that was made first" certain where the table allows several.
    pub(crate) fn first_of(&self, table: Table, alias: &str, unique: bool) -> String {
        match (unique, self.has(table, "id")) {
            (true, _) => String::new(),
            (false, true) => format!(" ORDER BY {} LIMIT 1", self.of(alias, table, "id")),
            (false, false) => " LIMIT 1".to_owned(),
        }
    }

    /// PostgreSQL only: holds a lock on a key until the end of the batch. A `NULL` key locks nothing.
    pub(crate) fn lock(&self, what: Table, key: &[usize]) -> Step {
        let mut query = Query::new(self.dialect);
        let prefix = format!("vestibule:{}:", self.table(what)).replace('\'', "''");
        let key = key.iter().map(|&arg| query.arg(arg, ParamType::Text)).collect::<Vec<_>>();
        let key = key.join(" || chr(31) || ");
        let text = format!("SELECT pg_advisory_xact_lock(hashtextextended('{prefix}' || {key}, 0))");
        query.write("lock", text)
    }
}

/// A list of columns and the expressions that fill them.
#[derive(Debug, Default)]
pub(crate) struct Insert {
    columns: Vec<String>,
    values: Vec<String>,
}

impl Insert {
    pub(crate) fn push(&mut self, column: String, value: String) {
        self.columns.push(column);
        self.values.push(value);
    }

    pub(crate) fn columns(&self) -> String {
        self.columns.join(", ")
    }

    pub(crate) fn values(&self) -> String {
        self.values.join(", ")
    }
}

impl Sql {
    /// Fills `id` with an id made by the database, if the table has one that does not count by itself.
    pub(crate) fn insert_made_id(&self, insert: &mut Insert, table: Table) {
        if let (true, Some(make)) = (self.has(table, "id"), self.dialect.make_id(self.profile.id_kind)) {
            insert.push(self.column(table, "id"), make.to_owned());
        }
    }

    /// Fills each field with the arguments that count from `first`.
    pub(crate) fn insert_fields<S: AsRef<str>>(
        &self,
        query: &mut Query,
        insert: &mut Insert,
        table: Table,
        fields: &[S],
        first: usize,
    ) {
        for (at, field) in fields.iter().enumerate() {
            let value = self.value(query, table, field.as_ref(), first + at);
            insert.push(self.column(table, field.as_ref()), value);
        }
    }
}
