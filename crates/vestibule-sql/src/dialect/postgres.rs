//! PostgreSQL.

use vestibule_core::IdKind;

use crate::ParamType;
use crate::profile::ColumnKind;

/// Every parameter is declared, so that what a driver must encode does not depend on the column.
pub(super) fn placeholder(position: usize, kind: ParamType) -> String {
    let declared = match kind {
        ParamType::Bool => "bool",
        ParamType::Int => "int8",
        ParamType::Real => "float8",
        ParamType::Text => "text",
        ParamType::Time => "timestamptz",
    };
    format!("${position}::{declared}")
}

pub(super) fn bind(kind: &ColumnKind, id_kind: IdKind, placeholder: String) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Uuid => format!("{placeholder}::uuid"),
        // `json` keeps every digit; into a `jsonb` column it is converted on assignment.
        ColumnKind::Json => format!("{placeholder}::json"),
        ColumnKind::Typed(name) => format!("{placeholder}::{name}"),
        _ => placeholder,
    }
}

pub(super) fn read(kind: &ColumnKind, id_kind: IdKind, column: String) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Uuid => format!("{column}::text"),
        ColumnKind::Json | ColumnKind::Typed(_) => format!("{column}::text"),
        ColumnKind::Real => format!("{column}::float8"),
        _ => column,
    }
}

pub(super) fn column_type(kind: &ColumnKind, id_kind: IdKind) -> String {
    match (kind, id_kind) {
        (ColumnKind::Id, IdKind::Serial) => "serial",
        (ColumnKind::UserRef, IdKind::Serial) => "integer",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Uuid) => "uuid",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Text) | (ColumnKind::Text, _) => "text",
        (ColumnKind::ShortText, _) => "varchar(255)",
        (ColumnKind::Int, _) => "bigint",
        (ColumnKind::Real, _) => "double precision",
        (ColumnKind::Bool, _) => "boolean",
        (ColumnKind::Time, _) => "timestamptz",
        (ColumnKind::Json, _) => "jsonb",
        (ColumnKind::Typed(name), _) => name,
    }
    .to_owned()
}

pub(super) fn accepts(kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
    let text = matches!(type_name, "text" | "varchar" | "bpchar" | "citext");
    let integer = matches!(type_name, "int2" | "int4" | "int8");
    match kind {
        ColumnKind::Id | ColumnKind::UserRef => match id_kind {
            IdKind::Serial => integer,
            IdKind::Uuid => type_name == "uuid",
            IdKind::Text => text,
        },
        ColumnKind::ShortText | ColumnKind::Text => text,
        ColumnKind::Int => integer,
        ColumnKind::Real => matches!(type_name, "float4" | "float8" | "numeric"),
        ColumnKind::Bool => type_name == "bool",
        ColumnKind::Time => type_name == "timestamptz",
        ColumnKind::Json => matches!(type_name, "json" | "jsonb"),
        ColumnKind::Typed(_) => true,
    }
}
