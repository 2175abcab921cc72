//! The text of every statement, written once for a profile and a dialect.
//!
//! Files are named as in the contract. Where a database makes something atomic by itself, an operation is one
//! statement; where it does not, the statements of one batch. `guarantees` says which constraints the tables
//! have: what they lack is made up for by a lock that the batch takes first, in a statement of its own, since
//! a single statement's snapshot would be older than the lock that it waits for.

pub(crate) mod accounts;
pub(crate) mod authenticators;
mod owned;
mod rows;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
mod variants;

pub(crate) use variants::Variants;

use crate::dialect::{Family, mssql};
use crate::profile::{ColumnKind, Part, Profile, Table, TimeForm};
use crate::schema::Guarantees;
use crate::statement::{Query, Step};
use crate::wire::Wire;
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

    fn id_kind(&self, table: Table, kind: &ColumnKind) -> vestibule_core::IdKind {
        match kind {
            ColumnKind::Id => self.profile.id_kind_of(table),
            _ => self.profile.id_kind,
        }
    }

    /// Argument `arg`, ready to be compared with the column or assigned to it.
    pub(crate) fn value(&self, query: &mut Query, table: Table, field: &str, arg: usize) -> String {
        let kind = self.kind(table, field);
        let id_kind = self.id_kind(table, &kind);
        let wire = Wire::of(self.dialect, &kind);
        let placeholder = query.param(arg, self.dialect.param_type(&kind, id_kind), wire);
        let value = self.dialect.bind(&kind, id_kind, placeholder);
        match self.instead_of_null(table, field) {
            Some(text) => format!("coalesce({value}, '{text}')"),
            None => value,
        }
    }

    fn instead_of_null(&self, table: Table, field: &str) -> Option<&'static str> {
        let spec = self.profile.spec(table)?;
        spec.columns.iter().find(|column| column.field == field)?.instead_of_null
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
        let kind = self.kind(table, field);
        let id_kind = self.id_kind(table, &kind);
        let (column, value) = (self.of(alias, table, field), self.value(query, table, field, arg));
        let twice = self.dialect.equals(&kind, id_kind, "", "", "").contains("AND");
        let again = if twice { self.value(query, table, field, arg) } else { String::new() };
        self.dialect.equals(&kind, id_kind, &column, &value, &again)
    }

    /// What the column of points in time is compared by; see [`moment`](Self::moment).
    pub(crate) fn instant(&self, alias: &str, table: Table, field: &str) -> String {
        self.dialect.instant(&self.time_form(table, field), self.of(alias, table, field))
    }

    /// Argument `arg`, a point in time, ready to be compared with an [`instant`](Self::instant).
    pub(crate) fn moment(&self, query: &mut Query, table: Table, field: &str, arg: usize) -> String {
        let form = self.time_form(table, field);
        let wire = Wire::of_moment(self.dialect, &form);
        let kind = if wire == Wire::AsIs && matches!(form, TimeForm::Text(_)) {
            ColumnKind::Time(TimeForm::Native)
        } else {
            ColumnKind::Time(form)
        };
        let placeholder = query.param(arg, ParamType::Time, wire);
        self.dialect.bind(&kind, self.profile.id_kind, placeholder)
    }

    pub(crate) fn time_form(&self, table: Table, field: &str) -> TimeForm {
        match self.kind(table, field) {
            ColumnKind::Time(form) => form,
            _ => TimeForm::Native,
        }
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
            return format!("CASE WHEN {column}{is_set} THEN {} END", self.cell(table, since, alias));
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
    pub(crate) fn refreshed_fields(&self, table: Table) -> Vec<Box<str>> {
        let extra = self.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        extra.iter().filter(|column| column.refreshed).map(|column| column.field.clone()).collect()
    }

    /// The fields of the application's own whose bit is set, in order.
    pub(crate) fn given_extra(&self, table: Table, mask: u64) -> Vec<Box<str>> {
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

    /// Holds a lock on a key until the end of the batch, where the tables do not keep it unique themselves. `None`
    /// where they do, or where the database has no such locks and keeps transactions apart otherwise.
    pub(crate) fn lock_unless(&self, unique: bool, what: Table, key: &[usize]) -> Option<Step> {
        if unique || !self.dialect.can_lock_keys() {
            return None;
        }
        let mut query = Query::new(self.dialect);
        let prefix = format!("vestibule:{}:", self.table(what)).replace('\'', "''");
        let key = key.iter().map(|&arg| query.arg(arg, ParamType::Text)).collect::<Vec<_>>();
        let text = match self.dialect.family() {
            Family::Postgres | Family::Sqlite => {
                let key = key.join(" || chr(31) || ");
                format!("SELECT pg_advisory_xact_lock(hashtextextended('{prefix}' || {key}, 0))")
            }
            // A key that is `NULL` locks nothing that anybody waits for. The name has 64 characters at most.
            Family::MySql => {
                let key = key.join(", CHAR(31), ");
                let prefix = prefix.replace('\\', "\\\\");
                format!("DO GET_LOCK(SHA2(CONCAT('{prefix}', COALESCE(CONCAT({key}), UUID())), 256), 86400)")
            }
            Family::Mssql => mssql::lock(&prefix, &key),
        };
        Some(query.write("lock", text))
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

/// Accounts whose provider and id there stand in one column.
impl Sql {
    pub(crate) fn joins_account_key(&self) -> bool {
        matches!(self.kind(Table::Accounts, "provider"), ColumnKind::Joined(_))
    }

    /// Both arguments, the provider's and the one after it, as the column holds them.
    fn account_key(&self, query: &mut Query, first: usize) -> String {
        let (provider, id) = (query.arg(first, ParamType::Text), query.arg(first + 1, ParamType::Text));
        self.dialect.joined(&provider, &id)
    }

    pub(crate) fn has_account_key(&self, query: &mut Query, alias: &str, first: usize) -> String {
        let (kind, id_kind) = (ColumnKind::KeyText, self.profile.id_kind);
        let (column, key) = (self.of(alias, Table::Accounts, "provider"), self.account_key(query, first));
        let twice = self.dialect.equals(&kind, id_kind, "", "", "").contains("AND");
        let again = if twice { self.account_key(query, first) } else { String::new() };
        self.dialect.equals(&kind, id_kind, &column, &key, &again)
    }
}

impl Sql {
    /// Whether the table has an id that the adapter makes.
    pub(crate) fn makes_id(&self, table: Table) -> bool {
        self.has(table, "id") && self.profile.id_kind_of(table) != vestibule_core::IdKind::Serial
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
