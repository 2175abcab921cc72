//! Arguments in the text of a statement: assigned to columns, and compared with them.

use vestibule_core::IdKind;

use super::Sql;
use crate::ParamType;
use crate::profile::{ColumnKind, Table, TimeForm};
use crate::statement::Query;
use crate::wire::Wire;

impl Sql {
    pub(super) fn id_kind(&self, table: Table, kind: &ColumnKind) -> IdKind {
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
}

/// Accounts whose provider and id there stand in one column.
impl Sql {
    pub(crate) fn joins_account_key(&self) -> bool {
        matches!(self.kind(Table::Accounts, "provider"), ColumnKind::Joined(_))
    }

    /// Both arguments, the provider's and the one after it, as the column holds them.
    pub(super) fn account_key(&self, query: &mut Query, first: usize) -> String {
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
