//! The text of every statement, written once for a profile and a dialect.
//!
//! Files are named as in the contract. Where a database makes something atomic by itself, an operation is one
//! statement; where it does not, the statements of one batch. `guarantees` says which constraints the tables
//! have: what they lack is made up for by a lock that the batch takes first, in a statement of its own, since
//! a single statement's snapshot would be older than the lock that it waits for.

pub(crate) mod accounts;
pub(crate) mod authenticators;
mod lock;
mod new_user;
mod owned;
mod rows;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
mod values;
mod variants;

pub(crate) use variants::Variants;

use crate::Dialect;
use crate::dialect::Family;
use crate::profile::{ColumnKind, ExtraColumn, Part, Profile, Table, TimeForm};
use crate::schema::Guarantees;
use crate::statement::Query;

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
        match &self.profile.postgres_schema {
            Some(schema) if self.dialect.has_schemas() => format!("{}.{name}", self.dialect.quote(schema)),
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
            if self.has(table, field) { self.cell(table, field, alias) } else { self.constant(table, field) }
        });
        let extra = self.extra_fields(table);
        own.chain(extra.iter().map(|field| self.cell(table, field, alias))).collect()
    }

    /// What is read for a column that the table lacks.
    fn constant(&self, table: Table, field: &str) -> String {
        let constants = self.profile.spec(table).map_or(&[][..], |spec| spec.constants);
        let text = constants.iter().find(|(name, _)| *name == field);
        text.map_or_else(|| "NULL".to_owned(), |(_, text)| format!("'{text}'"))
    }

    fn cell(&self, table: Table, field: &str, alias: &str) -> String {
        let (column, kind) = (self.of(alias, table, field), self.kind(table, field));
        if let ColumnKind::Time(TimeForm::Flag { since }) = kind {
            let is_set = if self.dialect.family() == Family::Postgres { "" } else { " = 1" };
            return format!("CASE WHEN {column}{is_set} THEN {} END", self.cell(table, &since, alias));
        }
        let id_kind = self.id_kind(table, &kind);
        self.dialect.read(&kind, id_kind, column)
    }

    /// The columns of the application's own that are shown.
    pub(crate) fn extra_fields(&self, table: Table) -> Vec<Box<str>> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        extra.iter().filter(|column| !column.hidden).map(|column| column.field.clone()).collect()
    }

    /// The columns of the application's own that are filled when a row is created.
    pub(crate) fn filled_fields(&self, table: Table) -> Vec<Box<str>> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        extra.iter().filter(|column| column.fill.is_some()).map(|column| column.field.clone()).collect()
    }

    /// The columns of the application's own that are set to the time whenever a row is changed.
    pub(crate) fn refreshed(&self, table: Table) -> impl Iterator<Item = &ExtraColumn> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        extra.iter().filter(|column| column.refreshed)
    }

    /// The fields of the application's own whose bit is set, in order.
    pub(crate) fn given_extra(&self, table: Table, mask: u128) -> Vec<Box<str>> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        let given = extra.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
        given.map(|(_, column)| column.field.clone()).collect()
    }

    /// `"column" = argument` for each field that the table has, the arguments counting from `first`.
    pub(crate) fn assignments<S: AsRef<str>>(
        &self,
        query: &mut Query,
        table: Table,
        fields: &[S],
        first: usize,
    ) -> String {
        let each = fields.iter().enumerate().filter(|(_, field)| self.stores(table, field.as_ref()));
        let each = each.map(|(at, field)| {
            let value = self.value(query, table, field.as_ref(), first + at);
            format!("{} = {value}", self.column(table, field.as_ref()))
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// Whether the table has the column, of the contract or of the application's own.
    pub(crate) fn stores(&self, table: Table, field: &str) -> bool {
        self.profile.column_name(table, field).is_some()
    }

    /// What makes "the row that was made first" certain where the table allows several: what stands after
    /// `SELECT`, and what stands at the end.
    pub(crate) fn first_of(&self, table: Table, alias: &str, unique: bool) -> (&'static str, String) {
        if unique {
            return ("", String::new());
        }
        let order = if self.has(table, "id") {
            format!(" ORDER BY {}", self.of(alias, table, "id"))
        } else {
            String::new()
        };
        match self.dialect.family() {
            Family::Mssql => ("TOP (1) ", order),
            _ => ("", format!("{order} LIMIT 1")),
        }
    }

    /// `AND` and that the user is not marked as deleted; nothing where users are removed.
    pub(crate) fn alive(&self, alias: &str) -> String {
        match &self.profile.deleted_at {
            Some(field) => format!(" AND {} IS NULL", self.of(alias, Table::Users, field)),
            None => String::new(),
        }
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
    /// Whether the table has an id that the adapter makes.
    pub(crate) fn makes_id(&self, table: Table) -> bool {
        self.has(table, "id") && self.profile.id_kind_of(table) != vestibule_core::IdKind::Serial
    }

    /// Fills each column of the contract that the table has with the arguments that count from `first`.
    pub(crate) fn insert_own(
        &self,
        query: &mut Query,
        insert: &mut Insert,
        table: Table,
        fields: &[&str],
        first: usize,
    ) {
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| self.has(table, field)) {
            self.insert_fields(query, insert, table, &[field], first + at);
        }
    }

    /// Fills each field that the table has with the arguments that count from `first`.
    pub(crate) fn insert_fields<S: AsRef<str>>(
        &self,
        query: &mut Query,
        insert: &mut Insert,
        table: Table,
        fields: &[S],
        first: usize,
    ) {
        for (at, field) in fields.iter().map(AsRef::as_ref).enumerate() {
            match self.kind(table, field) {
                _ if !self.stores(table, field) => {}
                ColumnKind::Joined(Part::First) => {
                    let key = self.account_key(query, first + at);
                    insert.push(self.column(table, field), key);
                }
                ColumnKind::Joined(Part::Rest) => {}
                _ => {
                    let value = self.value(query, table, field, first + at);
                    insert.push(self.column(table, field), value);
                }
            }
        }
    }
}
