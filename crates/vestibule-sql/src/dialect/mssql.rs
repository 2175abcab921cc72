//! Microsoft SQL Server.

use vestibule_core::IdKind;

use crate::profile::{ColumnKind, TimeForm};
use crate::sqlserver::{LOCK_TIMED_OUT, LOST_TO_DEADLOCK};

/// Most collations take `A` for `a`. The first comparison finds the rows by an index, the second compares code
/// points; SQL Server never tells trailing blanks apart, so the lengths are compared as well.
pub(super) fn equals(kind: &ColumnKind, id_kind: IdKind, column: &str, value: &str, again: &str) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind != IdKind::Text => format!("{column} = {value}"),
        kind if kind.is_text() || matches!(kind, ColumnKind::Id | ColumnKind::UserRef) => format!(
            "({column} = {value} AND {column} = {again} COLLATE Latin1_General_100_BIN2 \
             AND DATALENGTH(CAST({column} AS nvarchar(max))) = DATALENGTH(CAST({again} AS nvarchar(max))))"
        ),
        _ => format!("{column} = {value}"),
    }
}

/// Holds a lock on the texts until the end of the transaction. A key that is `NULL` locks nothing that anybody waits
/// for.
///
/// The variables are named after the first parameter, which has another number in each statement of a batch, since
/// all statements of a batch share theirs. The procedure does not fail if it gets no lock: it returns a number.
pub(crate) fn lock(prefix: &str, key: &[String]) -> String {
    let (first, key) = (&key[0], key.join(" + NCHAR(31) + "));
    format!(
        "DECLARE {first}_name nvarchar(255) = CONVERT(nvarchar(255), HASHBYTES('SHA2_256', \
         CAST(N'{prefix}' + ISNULL({key}, CONVERT(nvarchar(36), NEWID())) AS nvarchar(max))), 2), {first}_got int; \
         EXEC {first}_got = sp_getapplock @Resource = {first}_name, @LockMode = 'Exclusive', \
         @LockOwner = 'Transaction'; \
         IF {first}_got = -3 THROW {LOST_TO_DEADLOCK}, 'a deadlock took the lock', 1; \
         IF {first}_got < 0 THROW {LOCK_TIMED_OUT}, 'the lock was not to be had in time', 1"
    )
}

/// What a value of the application's own type is made of the text that it travels as.
pub(super) fn bind(kind: &ColumnKind, placeholder: String) -> String {
    match kind {
        ColumnKind::Typed(name) => format!("CAST({placeholder} AS {name})"),
        _ => placeholder,
    }
}

pub(super) fn read(kind: &ColumnKind, id_kind: IdKind, column: String) -> String {
    match kind {
        ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Uuid => {
            format!("LOWER(CAST({column} AS nvarchar(36)))")
        }
        ColumnKind::Real => format!("CAST({column} AS float)"),
        ColumnKind::Typed(_) => format!("CAST({column} AS nvarchar(max))"),
        _ => column,
    }
}

/// Text is compared as the number or the point in time that it stands for. A cell that stands for none is
/// equal to nothing.
pub(super) fn instant(form: &TimeForm, column: String) -> String {
    match form {
        TimeForm::EpochMillisText | TimeForm::EpochSecondsText => format!("TRY_CAST({column} AS bigint)"),
        // A date without an offset is in Coordinated Universal Time; an offset needs its minutes.
        TimeForm::Text(_) => format!(
            "TRY_CAST(CASE WHEN {column} LIKE '%:%[+-][0-9][0-9]' THEN CONCAT({column}, ':00') ELSE {column} END \
             AS datetimeoffset(3))"
        ),
        _ => column,
    }
}

pub(super) fn column_type(kind: &ColumnKind, id_kind: IdKind) -> String {
    const BINARY: &str = "COLLATE Latin1_General_100_BIN2";
    match (kind, id_kind) {
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Serial) => "int".to_owned(),
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Uuid) | (ColumnKind::Uuid, _) => {
            "uniqueidentifier".to_owned()
        }
        (ColumnKind::Id | ColumnKind::UserRef, IdKind::Text)
        | (ColumnKind::ShortText | ColumnKind::KeyText | ColumnKind::Joined(_), _) => {
            format!("nvarchar(255) {BINARY}")
        }
        (ColumnKind::CredentialText, _) => format!("varchar(1400) {BINARY}"),
        (ColumnKind::Text | ColumnKind::Json, _) => "nvarchar(max)".to_owned(),
        (ColumnKind::Int, _) => "bigint".to_owned(),
        (ColumnKind::Real, _) => "float".to_owned(),
        (ColumnKind::Bool, _) => "bit".to_owned(),
        (ColumnKind::Time(form), _) => time_type(form).to_owned(),
        (ColumnKind::Typed(name), _) => name.to_string(),
    }
}

fn time_type(form: &TimeForm) -> &'static str {
    match form {
        TimeForm::Native | TimeForm::Wall(_) => "datetime2(3)",
        TimeForm::WallSeconds(_) => "datetime2(0)",
        TimeForm::EpochSeconds | TimeForm::EpochMillis | TimeForm::EpochMillisMixed => "bigint",
        TimeForm::EpochSecondsText | TimeForm::EpochMillisText | TimeForm::Text(_) => "nvarchar(255)",
        TimeForm::Flag { .. } => "bit",
    }
}

/// Judges by the name that `sys.types` gives the type.
pub(super) fn accepts(kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
    let text = matches!(type_name, "char" | "nchar" | "varchar" | "nvarchar" | "text" | "ntext");
    let integer = matches!(type_name, "tinyint" | "smallint" | "int" | "bigint");
    let date = matches!(type_name, "datetime" | "datetime2" | "smalldatetime" | "datetimeoffset");
    match kind {
        ColumnKind::Id | ColumnKind::UserRef => match id_kind {
            IdKind::Serial => integer,
            IdKind::Uuid => type_name == "uniqueidentifier",
            IdKind::Text => text,
        },
        ColumnKind::Json => text,
        kind if kind.is_text() => text,
        ColumnKind::Int => integer,
        ColumnKind::Real => matches!(type_name, "float" | "real" | "decimal" | "numeric"),
        ColumnKind::Bool => type_name == "bit",
        ColumnKind::Time(form) => match time_type(form) {
            "bigint" => integer,
            "nvarchar(255)" => text,
            "bit" => type_name == "bit",
            _ => date,
        },
        _ => true,
    }
}
