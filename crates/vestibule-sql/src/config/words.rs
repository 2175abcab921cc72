//! The words that stand for kinds and forms.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vestibule_core::IdKind;

use crate::{ExtraKind, Fill, IdMaker, TextForm, TimeForm, Zone};

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum IdWord {
    Serial,
    Uuid,
    Text,
}

impl IdWord {
    pub(super) fn kind(self) -> IdKind {
        match self {
            Self::Serial => IdKind::Serial,
            Self::Uuid => IdKind::Uuid,
            Self::Text => IdKind::Text,
        }
    }

    pub(super) fn of(kind: IdKind) -> Self {
        match kind {
            IdKind::Serial => Self::Serial,
            IdKind::Uuid => Self::Uuid,
            IdKind::Text => Self::Text,
        }
    }
}

/// `"uuid"`, or `{ alphanumeric = 15 }`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum IdMakerWord {
    Uuid,
    Alphanumeric(u8),
}

impl IdMakerWord {
    pub(super) fn maker(self) -> IdMaker {
        match self {
            Self::Uuid => IdMaker::Uuid,
            Self::Alphanumeric(length) => IdMaker::Alphanumeric(length),
        }
    }

    pub(super) fn of(maker: IdMaker) -> Self {
        match maker {
            IdMaker::Uuid => Self::Uuid,
            IdMaker::Alphanumeric(length) => Self::Alphanumeric(length),
        }
    }
}

/// Every form of a point in time; `{ flag = "createdAt" }` names the column that tells since when.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FormWord {
    Native,
    Wall,
    WallSeconds,
    EpochSeconds,
    EpochSecondsText,
    EpochMillis,
    EpochMillisMixed,
    EpochMillisText,
    TextIso,
    TextIsoOffset,
    TextSql,
    TextSqlOffset,
    Flag(String),
}

impl FormWord {
    /// The form; clocks on the wall hang in Coordinated Universal Time until the zone is set for all.
    pub(super) fn form(&self) -> TimeForm {
        match self {
            Self::Native => TimeForm::Native,
            Self::Wall => TimeForm::Wall(Zone::UTC),
            Self::WallSeconds => TimeForm::WallSeconds(Zone::UTC),
            Self::EpochSeconds => TimeForm::EpochSeconds,
            Self::EpochSecondsText => TimeForm::EpochSecondsText,
            Self::EpochMillis => TimeForm::EpochMillis,
            Self::EpochMillisMixed => TimeForm::EpochMillisMixed,
            Self::EpochMillisText => TimeForm::EpochMillisText,
            Self::TextIso => TimeForm::Text(TextForm::Iso),
            Self::TextIsoOffset => TimeForm::Text(TextForm::IsoOffset),
            Self::TextSql => TimeForm::Text(TextForm::Sql),
            Self::TextSqlOffset => TimeForm::Text(TextForm::SqlOffset),
            Self::Flag(since) => TimeForm::Flag { since: since.clone().into() },
        }
    }

    pub(super) fn of(form: &TimeForm) -> Self {
        match form {
            TimeForm::Native => Self::Native,
            TimeForm::Wall(_) => Self::Wall,
            TimeForm::WallSeconds(_) => Self::WallSeconds,
            TimeForm::EpochSeconds => Self::EpochSeconds,
            TimeForm::EpochSecondsText => Self::EpochSecondsText,
            TimeForm::EpochMillis => Self::EpochMillis,
            TimeForm::EpochMillisMixed => Self::EpochMillisMixed,
            TimeForm::EpochMillisText => Self::EpochMillisText,
            TimeForm::Text(TextForm::Iso) => Self::TextIso,
            TimeForm::Text(TextForm::IsoOffset) => Self::TextIsoOffset,
            TimeForm::Text(TextForm::Sql) => Self::TextSql,
            TimeForm::Text(TextForm::SqlOffset) => Self::TextSqlOffset,
            TimeForm::Flag { since } => Self::Flag(since.clone().into_owned()),
        }
    }
}

/// What a column of the application's own holds; `{ type = "citext" }` is any other type of the database.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KindWord {
    #[default]
    Text,
    Int,
    Real,
    Bool,
    Time,
    Json,
    Type(String),
}

impl KindWord {
    /// The kind, or what is wrong with it: the name of a type goes into statements as it is.
    pub(super) fn kind(&self) -> Result<ExtraKind, String> {
        Ok(match self {
            Self::Text => ExtraKind::Text,
            Self::Int => ExtraKind::Int,
            Self::Real => ExtraKind::Real,
            Self::Bool => ExtraKind::Bool,
            Self::Time => ExtraKind::Time,
            Self::Json => ExtraKind::Json,
            Self::Type(name) if is_type_name(name) => ExtraKind::Typed(name.as_str().into()),
            Self::Type(name) => {
                return Err(format!(
                    "{name:?} is not the name of a type, such as citext, numeric(10, 2), auth.\"Role\" or text[]"
                ));
            }
        })
    }

    pub(super) fn of(kind: &ExtraKind) -> Self {
        match kind {
            ExtraKind::Text => Self::Text,
            ExtraKind::Int => Self::Int,
            ExtraKind::Real => Self::Real,
            ExtraKind::Bool => Self::Bool,
            ExtraKind::Time | ExtraKind::TimeAs(_) => Self::Time,
            ExtraKind::Json => Self::Json,
            ExtraKind::Typed(name) => Self::Type(name.to_string()),
        }
    }
}

/// Words and quoted names with dots or spaces between them, then numbers in parentheses, then brackets; nothing
/// that could end an expression.
fn is_type_name(name: &str) -> bool {
    let name = name.strip_suffix("[]").unwrap_or(name);
    let name = match name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        Some((name, numbers)) => {
            let is_number = |part: &str| {
                let part = part.trim_matches(' ');
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            if !numbers.split(',').all(is_number) {
                return false;
            }
            name
        }
        None => name,
    };
    let mut rest = name;
    loop {
        let end = if let Some(quoted) = rest.strip_prefix('"') {
            match quoted.find('"') {
                Some(end @ 1..) if !quoted.contains('\0') => end + 2,
                _ => return false,
            }
        } else {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if end == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
                return false;
            }
            end
        };
        rest = &rest[end..];
        match rest.strip_prefix(['.', ' ']) {
            Some(next) => rest = next,
            None => return rest.is_empty(),
        }
    }
}

/// `"now"`, `"account-hash"`, `"account-issuer"`, `{ random-hex = 32 }`, or `{ now-plus = 86400 }` in seconds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FillWord {
    AccountHash,
    AccountIssuer,
    Now,
    NowPlus(u64),
    RandomHex(u8),
}

impl FillWord {
    pub(super) fn fill(self) -> Fill {
        match self {
            Self::AccountHash => Fill::AccountHash,
            Self::AccountIssuer => Fill::AccountIssuer,
            Self::Now => Fill::Now,
            Self::NowPlus(seconds) => Fill::NowPlus(Duration::from_secs(seconds)),
            Self::RandomHex(bytes) => Fill::RandomHex(bytes),
        }
    }

    pub(super) fn of(fill: Fill) -> Self {
        match fill {
            Fill::AccountHash => Self::AccountHash,
            Fill::AccountIssuer => Self::AccountIssuer,
            Fill::Now => Self::Now,
            Fill::NowPlus(ahead) => Self::NowPlus(ahead.as_secs()),
            Fill::RandomHex(bytes) => Self::RandomHex(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_type_name;

    #[test]
    fn the_name_of_a_type_cannot_end_an_expression() {
        for name in [
            "citext",
            "numeric(10, 2)",
            "auth.\"Role\"",
            "\"odd ; name\"",
            "double precision",
            "text[]",
            "varchar(3)[]",
        ] {
            assert!(is_type_name(name), "{name}");
        }
        for name in [
            "",
            "text; DROP TABLE users",
            "text)",
            "text, 1",
            "'x'",
            "text--",
            "a..b",
            "7",
            "numeric()",
            "numeric(a)",
            "\"\"",
            "\"open",
            "text /*",
            "a b ",
        ] {
            assert!(!is_type_name(name), "{name}");
        }
    }
}
