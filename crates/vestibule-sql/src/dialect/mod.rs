//! What differs between databases in the text of a statement.

mod postgres;
mod sqlite;

use std::borrow::Cow;

use vestibule_core::IdKind;

use crate::ParamType;
use crate::profile::ColumnKind;

/// The SQL that a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL 13 and later.
    Postgres,
    /// SQLite 3.35 and later.
    Sqlite,
}

impl Dialect {
    /// The name that the command line and the documentation use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// How many bytes an identifier may have; longer ones would be cut silently.
    pub(crate) fn identifier_limit(self) -> usize {
        match self {
            Self::Postgres => 63,
            Self::Sqlite => 1000,
        }
    }

    /// The identifier as the database compares it: SQLite's names differ in case only.
    pub(crate) fn fold(self, identifier: &str) -> Cow<'_, str> {
        match self {
            Self::Postgres => Cow::Borrowed(identifier),
            Self::Sqlite => Cow::Owned(identifier.to_ascii_lowercase()),
        }
    }

    /// Whether every table has a column of this name already, which statements rely on.
    pub(crate) fn is_system_column(self, name: &str) -> bool {
        match self {
            Self::Postgres => ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"].contains(&name),
            Self::Sqlite => ["_rowid_", "oid", "rowid"].contains(&&*self.fold(name)),
        }
    }

    /// Quotes an identifier. Both databases double the quote inside.
    #[expect(clippy::unused_self, reason = "other databases quote otherwise")]
    pub(crate) fn quote(self, identifier: &str) -> String {
        format!("\"{}\"", identifier.replace('"', "\"\""))
    }

    pub(crate) fn placeholder(self, position: usize, kind: ParamType) -> String {
        match self {
            Self::Postgres => postgres::placeholder(position, kind),
            Self::Sqlite => format!("?{position}"),
        }
    }

    /// Turns a placeholder of the kind's parameter type into what the column can be compared with or set to.
    pub(crate) fn bind(self, kind: &ColumnKind, id_kind: IdKind, placeholder: String) -> String {
        match self {
            Self::Postgres => postgres::bind(kind, id_kind, placeholder),
            Self::Sqlite => placeholder,
        }
    }

    /// The parameter type that values of the column kind travel as.
    pub(crate) fn param_type(self, kind: &ColumnKind, id_kind: IdKind) -> ParamType {
        match kind {
            ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => ParamType::Int,
            ColumnKind::Id
            | ColumnKind::UserRef
            | ColumnKind::ShortText
            | ColumnKind::Text
            | ColumnKind::Json
            | ColumnKind::Typed(_) => ParamType::Text,
            ColumnKind::Int => ParamType::Int,
            ColumnKind::Real => ParamType::Real,
            ColumnKind::Bool | ColumnKind::Time if self == Self::Sqlite => ParamType::Int,
            ColumnKind::Bool => ParamType::Bool,
            ColumnKind::Time => ParamType::Time,
        }
    }

    /// The expression that reads a column so that a driver can decode it.
    pub(crate) fn read(self, kind: &ColumnKind, id_kind: IdKind, column: String) -> String {
        match self {
            Self::Postgres => postgres::read(kind, id_kind, column),
            Self::Sqlite => sqlite::read(kind, column),
        }
    }

    /// The type of a column in `CREATE TABLE`.
    pub(crate) fn column_type(self, kind: &ColumnKind, id_kind: IdKind) -> String {
        match self {
            Self::Postgres => postgres::column_type(kind, id_kind),
            Self::Sqlite => sqlite::column_type(kind, id_kind),
        }
    }

    /// What makes an id column make its own ids, in `CREATE TABLE` after the type.
    pub(crate) fn id_suffix(self, id_kind: IdKind) -> &'static str {
        match (self, id_kind) {
            (Self::Postgres, IdKind::Serial) => " PRIMARY KEY",
            (Self::Postgres, IdKind::Uuid) => " PRIMARY KEY DEFAULT gen_random_uuid()",
            (Self::Postgres, IdKind::Text) => " PRIMARY KEY DEFAULT gen_random_uuid()::text",
            (Self::Sqlite, IdKind::Serial) => " PRIMARY KEY AUTOINCREMENT",
            (Self::Sqlite, _) => " PRIMARY KEY NOT NULL",
        }
    }

    /// An expression that makes an id where the table may have no default of its own; `None` where the
    /// database counts.
    pub(crate) fn make_id(self, id_kind: IdKind) -> Option<&'static str> {
        match (self, id_kind) {
            (_, IdKind::Serial) => None,
            (Self::Postgres, IdKind::Uuid) => Some("gen_random_uuid()"),
            (Self::Postgres, IdKind::Text) => Some("gen_random_uuid()::text"),
            (Self::Sqlite, IdKind::Uuid | IdKind::Text) => Some(sqlite::RANDOM_UUID),
        }
    }

    /// Whether a PostgreSQL-style type name, as the catalogue gives it, can hold the kind.
    pub(crate) fn accepts(self, kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
        match self {
            Self::Postgres => postgres::accepts(kind, id_kind, type_name),
            Self::Sqlite => sqlite::accepts(kind, id_kind, type_name),
        }
    }
}
