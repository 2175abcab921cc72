//! SQLite.

use vestibule_core::IdKind;

use crate::profile::ColumnKind;

/// A random UUID, version 4, in its canonical text.
pub(super) const RANDOM_UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
     substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random() % 4)), 1) || \
     substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/// Whatever SQLite made of a value in a column of the application's own type comes back as text.
pub(super) fn read(kind: &ColumnKind, column: String) -> String {
    match kind {
        ColumnKind::Typed(_) => format!("CAST({column} AS TEXT)"),
        _ => column,
    }
}

/// Times are integers: milliseconds since the epoch. Truth values are 0 and 1.
pub(super) fn column_type(kind: &ColumnKind, id_kind: IdKind) -> String {
    match (kind, id_kind) {
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Serial)
        | (ColumnKind::Int | ColumnKind::Bool | ColumnKind::Time, _) => "INTEGER",
        (ColumnKind::Real, _) => "REAL",
        (ColumnKind::Typed(name), _) => name,
        _ => "TEXT",
    }
    .to_owned()
}

/// Judges by SQLite's own rules of column affinity (<https://www.sqlite.org/datatype3.html>, section 3.1).
pub(super) fn accepts(kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
    let name = type_name.to_ascii_uppercase();
    let integer = name.contains("INT");
    let text = !integer && (name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT"));
    let numeric = !integer && !text;
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => integer,
        ColumnKind::Id | ColumnKind::UserRef | ColumnKind::ShortText | ColumnKind::Text => text,
        ColumnKind::Int | ColumnKind::Bool | ColumnKind::Time => integer || numeric,
        ColumnKind::Real => numeric,
        ColumnKind::Json => text || name.contains("JSON"),
        ColumnKind::Typed(_) => true,
    }
}
