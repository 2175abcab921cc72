//! SQLite.

use vestibule_core::IdKind;

use crate::profile::{ColumnKind, TimeForm};

/// A column that was declared `COLLATE NOCASE` takes `A` for `a`. The first comparison finds the rows by an index, the
/// second compares their bytes.
pub(super) fn equals(kind: &ColumnKind, id_kind: IdKind, column: &str, value: &str, again: &str) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => format!("{column} = {value}"),
        kind if kind.is_text() || matches!(kind, ColumnKind::Id | ColumnKind::UserRef) => {
            format!("({column} = {value} AND {column} = {again} COLLATE BINARY)")
        }
        _ => format!("{column} = {value}"),
    }
}

/// Whatever SQLite made of a value in a column of the application's own type comes back as text.
pub(super) fn read(kind: &ColumnKind, column: String) -> String {
    match kind {
        ColumnKind::Typed(_) => format!("CAST({column} AS TEXT)"),
        _ => column,
    }
}

/// Whole milliseconds since the epoch, or whole seconds where digits mean those, whatever form a cell has: a number,
/// digits, or a date. A cell that is none of these is equal to nothing.
pub(super) fn instant(form: &TimeForm, column: String) -> String {
    let units_a_day = match form {
        TimeForm::Native | TimeForm::EpochMillis | TimeForm::EpochSeconds | TimeForm::Flag { .. } => {
            return column;
        }
        TimeForm::EpochSecondsText => "86400.0",
        _ => "86400000.0",
    };
    format!(
        "CASE WHEN typeof({column}) <> 'text' THEN {column} \
         WHEN {column} GLOB '[-0-9]*[0-9]' AND substr({column}, 2) NOT GLOB '*[^0-9]*' THEN CAST({column} AS INTEGER) \
         WHEN {column} GLOB '[0-9]*-*:*' \
         THEN CAST(round((julianday({column}) - 2440587.5) * {units_a_day}) AS INTEGER) END"
    )
}

/// Truth values are 0 and 1.
pub(super) fn column_type(kind: &ColumnKind, id_kind: IdKind) -> String {
    match (kind, id_kind) {
        // As TypeORM declares it.
        (ColumnKind::Time(TimeForm::EpochMillisText | TimeForm::EpochSecondsText), _) => "VARCHAR",
        (ColumnKind::Time(form), _) if is_text(form) => "TEXT",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Serial)
        | (ColumnKind::Int | ColumnKind::Bool | ColumnKind::Time(_), _) => "INTEGER",
        (ColumnKind::Real, _) => "REAL",
        (ColumnKind::Typed(name), _) => name,
        _ => "TEXT",
    }
    .to_owned()
}

fn is_text(form: &TimeForm) -> bool {
    matches!(
        form,
        TimeForm::EpochMillisText
            | TimeForm::EpochSecondsText
            | TimeForm::Text(_)
            | TimeForm::Wall(_)
            | TimeForm::WallSeconds(_)
    )
}

/// Judges by SQLite's own rules of column affinity (<https://www.sqlite.org/datatype3.html>, section 3.1).
pub(super) fn accepts(kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
    let name = type_name.to_ascii_uppercase();
    let integer = name.contains("INT");
    let text = !integer && (name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT"));
    let numeric = !integer && !text;
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => integer,
        // As Sequelize declares it: a column of numbers, where a UUID stays the text that it is.
        ColumnKind::Id | ColumnKind::UserRef => text || (id_kind == IdKind::Uuid && name == "UUID"),
        kind if kind.is_text() => text,
        // A column of numbers keeps a text that is no number as it is.
        ColumnKind::Time(form) if is_text(form) => text || numeric,
        ColumnKind::Int | ColumnKind::Bool | ColumnKind::Time(_) => integer || numeric,
        ColumnKind::Real => numeric,
        ColumnKind::Json => text || name.contains("JSON"),
        _ => true,
    }
}
