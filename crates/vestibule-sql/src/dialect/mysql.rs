//! MySQL and MariaDB.

use vestibule_core::IdKind;

use super::date_text;
use crate::profile::{ColumnKind, TimeForm};

/// Most collations take `A` for `a`, and `a ` for `a`. The first comparison finds the rows by an index, the second
/// compares their bytes. UUIDs can stand in columns of text as well.
pub(super) fn equals(kind: &ColumnKind, id_kind: IdKind, column: &str, value: &str, again: &str) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => format!("{column} = {value}"),
        kind if kind.is_text() || matches!(kind, ColumnKind::Id | ColumnKind::UserRef) => {
            format!("({column} = {value} AND {} = {})", bytes(column), bytes(again))
        }
        _ => format!("{column} = {value}"),
    }
}

fn bytes(text: &str) -> String {
    format!("CAST(CONVERT({text} USING utf8mb4) AS BINARY)")
}

pub(super) fn read(kind: &ColumnKind, column: String) -> String {
    match kind {
        ColumnKind::Typed(_) | ColumnKind::Json => format!("CAST({column} AS CHAR)"),
        _ => column,
    }
}

/// Text is compared as the number or the point in time that it stands for. A cell that stands for none is
/// equal to nothing, and is not cast: in a statement that changes data that would be an error.
pub(super) fn instant(form: &TimeForm, column: String) -> String {
    match form {
        TimeForm::EpochMillisText | TimeForm::EpochSecondsText => {
            let micros = if *form == TimeForm::EpochMillisText { 1_000 } else { 1_000_000 };
            let is_date = date_text::pattern();
            format!(
                "CASE WHEN {column} REGEXP '^-?[0-9]{{1,18}}$' THEN CAST({column} AS SIGNED) \
                 WHEN {column} REGEXP '{is_date}' \
                 THEN TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {}) DIV {micros} END",
                date(&column)
            )
        }
        TimeForm::Text(_) => {
            format!("CASE WHEN {column} REGEXP '{}' THEN {} END", date_text::pattern(), date(&column))
        }
        _ => column,
    }
}

/// The point in time of a text that is a date, in Coordinated Universal Time.
fn date(column: &str) -> String {
    let clock = format!("REGEXP_SUBSTR(SUBSTRING({column}, 12), '^[0-9:]{{8}}([.][0-9]{{1,3}})?')");
    let offset = format!("LEFT(CONCAT(REGEXP_SUBSTR({column}, '[+-][0-9:]+$'), ':00'), 6)");
    let ahead = format!("IF(SUBSTRING({column}, 20) REGEXP '[+-]', {offset}, '+00:00')");
    format!("CAST(CONCAT(LEFT({column}, 10), ' ', {clock}) AS DATETIME(3)) - INTERVAL {ahead} HOUR_MINUTE")
}

/// Text that is looked up by has a length that an index can hold, and is compared byte by byte.
pub(super) fn column_type(kind: &ColumnKind, id_kind: IdKind) -> String {
    const BINARY: &str = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    match (kind, id_kind) {
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Serial) => "INT".to_owned(),
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Uuid) | (ColumnKind::Uuid, _) => {
            format!("CHAR(36) {BINARY}")
        }
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Text)
        | (ColumnKind::ShortText | ColumnKind::KeyText | ColumnKind::Joined(_), _) => {
            format!("VARCHAR(255) {BINARY}")
        }
        (ColumnKind::CredentialText, _) => "VARCHAR(1400) CHARACTER SET ascii COLLATE ascii_bin".to_owned(),
        (ColumnKind::Text, _) => format!("LONGTEXT {BINARY}"),
        (ColumnKind::Int, _) => "BIGINT".to_owned(),
        (ColumnKind::Real, _) => "DOUBLE".to_owned(),
        (ColumnKind::Bool, _) => "TINYINT(1)".to_owned(),
        (ColumnKind::Time(form), _) => time_type(form).to_owned(),
        (ColumnKind::Json, _) => "JSON".to_owned(),
        (ColumnKind::Typed(name), _) => name.to_string(),
    }
}

fn time_type(form: &TimeForm) -> &'static str {
    match form {
        TimeForm::Native | TimeForm::Wall(_) => "DATETIME(3)",
        TimeForm::WallSeconds(_) => "DATETIME",
        TimeForm::EpochSeconds | TimeForm::EpochMillis | TimeForm::EpochMillisMixed => "BIGINT",
        TimeForm::EpochSecondsText | TimeForm::EpochMillisText | TimeForm::Text(_) => "VARCHAR(255)",
        TimeForm::Flag { .. } => "TINYINT(1)",
    }
}

/// Judges by the name that `information_schema` gives the type.
pub(super) fn accepts(kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
    let text = matches!(type_name, "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext");
    let integer = matches!(type_name, "tinyint" | "smallint" | "mediumint" | "int" | "bigint");
    let date = matches!(type_name, "datetime" | "timestamp");
    match kind {
        ColumnKind::Id | ColumnKind::UserRef => match id_kind {
            IdKind::Serial => integer,
            IdKind::Uuid => text || type_name == "uuid",
            IdKind::Text => text,
        },
        kind if kind.is_text() => text,
        ColumnKind::Int | ColumnKind::Bool => integer,
        ColumnKind::Real => matches!(type_name, "float" | "double" | "decimal"),
        ColumnKind::Time(form) => match time_type(form) {
            "BIGINT" | "TINYINT(1)" => integer,
            "VARCHAR(255)" => text,
            _ => date,
        },
        ColumnKind::Json => text || type_name == "json",
        _ => true,
    }
}
