//! PostgreSQL.

use vestibule_core::IdKind;

use super::date_text;
use crate::profile::{ColumnKind, TimeForm, Zone};
use crate::{Dialect, ParamType};

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
        ColumnKind::Time(TimeForm::Wall(zone) | TimeForm::WallSeconds(zone)) => wall(&placeholder, zone),
        _ => placeholder,
    }
}

/// A point in time as a wall clock in the zone shows it, and the other way round.
fn wall(time: &str, zone: &Zone) -> String {
    format!("({time} AT TIME ZONE '{}')", zone.name().replace('\'', "''"))
}

/// Text is compared as the number or the point in time that it stands for. A cell that stands for none is
/// equal to nothing, and neither earlier nor later than anything. A date without an offset is in Coordinated Universal
/// Time, whatever the `TimeZone` of the session.
pub(super) fn instant(form: &TimeForm, column: String) -> String {
    match form {
        TimeForm::EpochMillisText | TimeForm::EpochSecondsText => {
            let units = if *form == TimeForm::EpochMillisText { " * 1000" } else { "" };
            let is_date = date_text::pattern();
            format!(
                "CASE WHEN {column} ~ '^-?[0-9]{{1,18}}$' THEN {column}::int8 \
                 WHEN {column} ~ '{is_date}' THEN round(extract(epoch FROM {}){units})::int8 END",
                date(&column)
            )
        }
        TimeForm::Text(_) => {
            format!("CASE WHEN {column} ~ '{}' THEN {} END", date_text::pattern(), date(&column))
        }
        _ => column,
    }
}

/// The point in time of a text that is a date.
fn date(column: &str) -> String {
    let whole_millis = format!("regexp_replace({column}, '([.][0-9]{{3}})[0-9]+', '\\1')");
    let zone = format!("CASE WHEN substr({column}, 20) ~ '[Zz+-]' THEN '' ELSE 'Z' END");
    format!("({whole_millis} || {zone})::timestamptz")
}

pub(super) fn read(kind: &ColumnKind, id_kind: IdKind, column: String) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Uuid => format!("{column}::text"),
        ColumnKind::Json | ColumnKind::Typed(_) => format!("{column}::text"),
        ColumnKind::Real => format!("{column}::float8"),
        ColumnKind::Time(TimeForm::Wall(zone) | TimeForm::WallSeconds(zone)) => wall(&column, zone),
        _ => column,
    }
}

pub(super) fn column_type(dialect: Dialect, kind: &ColumnKind, id_kind: IdKind) -> String {
    match (kind, id_kind) {
        (ColumnKind::Id, IdKind::Serial) if dialect == Dialect::Postgres => "serial",
        (ColumnKind::UserRef, IdKind::Serial) if dialect == Dialect::Postgres => "integer",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Uuid) | (ColumnKind::Uuid, _) => "uuid",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Text)
        | (ColumnKind::KeyText | ColumnKind::CredentialText | ColumnKind::Text | ColumnKind::Joined(_), _) => "text",
        (ColumnKind::ShortText, _) => "varchar(255)",
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Serial) | (ColumnKind::Int, _) => "bigint",
        (ColumnKind::Real, _) => "double precision",
        (ColumnKind::Bool, _) => "boolean",
        (ColumnKind::Time(form), _) => time_type(form),
        (ColumnKind::Json, _) => "jsonb",
        (ColumnKind::Typed(name), _) => name,
    }
    .to_owned()
}

fn time_type(form: &TimeForm) -> &'static str {
    match form {
        TimeForm::Native => "timestamptz",
        TimeForm::Wall(_) => "timestamp",
        TimeForm::WallSeconds(_) => "timestamp(0)",
        TimeForm::EpochSeconds | TimeForm::EpochMillis | TimeForm::EpochMillisMixed => "bigint",
        TimeForm::EpochSecondsText | TimeForm::EpochMillisText | TimeForm::Text(_) => "text",
        TimeForm::Flag { .. } => "boolean",
    }
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
        kind if kind.is_text() => text,
        ColumnKind::Int => integer,
        ColumnKind::Real => matches!(type_name, "float4" | "float8" | "numeric"),
        ColumnKind::Bool => type_name == "bool",
        ColumnKind::Time(form) => match time_type(form) {
            "bigint" => integer,
            "text" => text,
            "boolean" => type_name == "bool",
            wanted => type_name == wanted.trim_end_matches("(0)"),
        },
        ColumnKind::Json => matches!(type_name, "json" | "jsonb"),
        _ => true,
    }
}
