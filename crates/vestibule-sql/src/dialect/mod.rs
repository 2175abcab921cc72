//! What differs between databases in the text of a statement.

mod date_text;
pub(crate) mod mssql;
mod mysql;
mod postgres;
mod sqlite;

use std::borrow::Cow;

use vestibule_core::IdKind;

use crate::ParamType;
use crate::profile::{ColumnKind, Part, Profile, TimeForm};
use crate::wire::Wire;

/// The SQL that a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Amazon Aurora DSQL: as PostgreSQL, without sequences, foreign keys, advisory locks and `SKIP LOCKED`.
    AuroraDsql,
    /// CockroachDB at its own isolation level, `SERIALIZABLE`: as PostgreSQL, without advisory locks.
    CockroachDb,
    /// MariaDB 10.6 and later.
    MariaDb,
    /// MySQL 8.0.19 and later.
    MySql,
    /// PostgreSQL 13 and later.
    Postgres,
    /// SQLite 3.35 and later.
    Sqlite,
    /// Microsoft SQL Server 2017 and later, and Azure SQL.
    SqlServer,
    /// YugabyteDB: as PostgreSQL, without advisory locks and row addresses.
    YugabyteDb,
}

/// Dialects that share their syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Mssql,
    MySql,
    Postgres,
    Sqlite,
}

/// How a statement that writes rows returns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// `RETURNING` at the end.
    Clause,
    /// `RETURNING` after `DELETE`, and nothing else.
    DeleteOnly,
    /// `OUTPUT` in the middle.
    Output,
    /// Not at all.
    No,
}

impl Dialect {
    /// All of them, by name.
    pub const ALL: [Self; 8] = [
        Self::AuroraDsql,
        Self::CockroachDb,
        Self::MariaDb,
        Self::MySql,
        Self::Postgres,
        Self::Sqlite,
        Self::SqlServer,
        Self::YugabyteDb,
    ];

    /// The name that the command line and the documentation use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuroraDsql => "aurora-dsql",
            Self::CockroachDb => "cockroachdb",
            Self::MariaDb => "mariadb",
            Self::MySql => "mysql",
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
            Self::SqlServer => "sqlserver",
            Self::YugabyteDb => "yugabytedb",
        }
    }

    /// Whether statements that make or change tables can be undone together with those before them.
    ///
    /// Where they cannot, each is done when it ends, and an error leaves those before it done.
    pub fn undoes_ddl(self) -> bool {
        matches!(self, Self::Postgres | Self::Sqlite | Self::SqlServer)
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Self::AuroraDsql | Self::CockroachDb | Self::Postgres | Self::YugabyteDb => Family::Postgres,
            Self::MariaDb | Self::MySql => Family::MySql,
            Self::Sqlite => Family::Sqlite,
            Self::SqlServer => Family::Mssql,
        }
    }

    pub(crate) fn returning(self) -> Returning {
        match self {
            Self::MariaDb => Returning::DeleteOnly,
            Self::MySql => Returning::No,
            Self::SqlServer => Returning::Output,
            _ => Returning::Clause,
        }
    }

    /// Whether a lock can be held on a key that no row has, until the end of the transaction. Where it cannot,
    /// only unique keys keep rows unique.
    pub(crate) fn can_lock_keys(self) -> bool {
        !matches!(self, Self::AuroraDsql | Self::CockroachDb | Self::YugabyteDb | Self::Sqlite)
    }

    /// Whether tables are there that only a unique key keeps from holding something twice.
    pub(crate) fn needs_unique_keys(self) -> bool {
        matches!(self, Self::AuroraDsql | Self::YugabyteDb)
    }

    pub(crate) fn has_foreign_keys(self) -> bool {
        self != Self::AuroraDsql
    }

    /// Whether tables belong to a schema that has a name.
    pub(crate) fn has_schemas(self) -> bool {
        matches!(self.family(), Family::Postgres | Family::Mssql)
    }

    pub(crate) fn has_truth_values(self) -> bool {
        matches!(self.family(), Family::Postgres | Family::Mssql)
    }

    /// Whether a text can hold a NUL byte.
    pub(crate) fn text_holds_nul(self) -> bool {
        self.family() != Family::Postgres
    }

    /// How many bytes an identifier may have; longer ones would be refused or cut silently.
    pub(crate) fn identifier_limit(self) -> usize {
        match self.family() {
            Family::Mssql => 128,
            Family::MySql => 64,
            Family::Postgres => 63,
            Family::Sqlite => 1000,
        }
    }

    /// The identifier as the database compares it: most tell names apart by more than case.
    pub(crate) fn fold(self, identifier: &str) -> Cow<'_, str> {
        match self.family() {
            Family::Postgres => Cow::Borrowed(identifier),
            Family::Mssql | Family::MySql => Cow::Owned(identifier.to_lowercase()),
            Family::Sqlite => Cow::Owned(identifier.to_ascii_lowercase()),
        }
    }

    /// Whether every table has a column of this name already, which statements rely on.
    pub(crate) fn is_system_column(self, name: &str) -> bool {
        match self.family() {
            Family::Postgres => ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"].contains(&name),
            Family::Sqlite => ["_rowid_", "oid", "rowid"].contains(&&*self.fold(name)),
            Family::Mssql | Family::MySql => false,
        }
    }

    /// Quotes an identifier; the closing quote inside is doubled.
    pub(crate) fn quote(self, identifier: &str) -> String {
        match self.family() {
            Family::Mssql => format!("[{}]", identifier.replace(']', "]]")),
            Family::MySql => format!("`{}`", identifier.replace('`', "``")),
            Family::Postgres | Family::Sqlite => format!("\"{}\"", identifier.replace('"', "\"\"")),
        }
    }

    pub(crate) fn placeholder(self, position: usize, kind: ParamType) -> String {
        match self.family() {
            Family::Mssql => format!("@P{position}"),
            Family::MySql => "?".to_owned(),
            Family::Postgres => postgres::placeholder(position, kind),
            Family::Sqlite => format!("?{position}"),
        }
    }

    /// Whether one placeholder can stand in several places.
    pub(crate) fn numbers_placeholders(self) -> bool {
        self.family() != Family::MySql
    }

    /// Turns a placeholder of the kind's parameter type into what the column can be compared with or set to.
    pub(crate) fn bind(self, kind: &ColumnKind, id_kind: IdKind, placeholder: String) -> String {
        let (kind, id_kind) = kind.with_id_kind(id_kind);
        match self.family() {
            Family::Postgres => postgres::bind(kind, id_kind, placeholder),
            Family::Mssql => mssql::bind(kind, placeholder),
            Family::MySql | Family::Sqlite => placeholder,
        }
    }

    /// `column = value`, so that nothing else than the very same text is equal.
    pub(crate) fn equals(
        self,
        kind: &ColumnKind,
        id_kind: IdKind,
        column: &str,
        value: &str,
        again: &str,
    ) -> String {
        let (kind, id_kind) = kind.as_stored().with_id_kind(id_kind);
        match self.family() {
            Family::MySql => mysql::equals(kind, id_kind, column, value, again),
            Family::Mssql => mssql::equals(kind, id_kind, column, value, again),
            Family::Sqlite => sqlite::equals(kind, id_kind, column, value, again),
            // Tables whose collation would need more are refused.
            Family::Postgres => format!("{column} = {value}"),
        }
    }

    /// The parameter type that values of the column kind travel as.
    pub(crate) fn param_type(self, kind: &ColumnKind, id_kind: IdKind) -> ParamType {
        let (kind, id_kind) = kind.with_id_kind(id_kind);
        let own = match kind {
            ColumnKind::Id | ColumnKind::UserRef if id_kind == IdKind::Serial => ParamType::Int,
            ColumnKind::Id
            | ColumnKind::UserRef
            | ColumnKind::ShortText
            | ColumnKind::KeyText
            | ColumnKind::CredentialText
            | ColumnKind::Text
            | ColumnKind::Json
            | ColumnKind::Typed(_)
            | ColumnKind::Uuid
            | ColumnKind::Joined(_) => ParamType::Text,
            ColumnKind::Int => ParamType::Int,
            ColumnKind::Real => ParamType::Real,
            ColumnKind::Bool => ParamType::Bool,
            ColumnKind::Time(_) => ParamType::Time,
        };
        Wire::of(self, kind).param_type(own)
    }

    /// The expression that reads a column so that a driver can decode it.
    pub(crate) fn read(self, kind: &ColumnKind, id_kind: IdKind, column: String) -> String {
        let (kind, id_kind) = kind.with_id_kind(id_kind);
        if let ColumnKind::Joined(part) = kind {
            return self.part(*part, &column);
        }
        match self.family() {
            Family::Mssql => mssql::read(kind, id_kind, column),
            Family::MySql => mysql::read(kind, column),
            Family::Postgres => postgres::read(kind, id_kind, column),
            Family::Sqlite => sqlite::read(kind, column),
        }
    }

    /// A part of a text that has a colon.
    fn part(self, part: Part, column: &str) -> String {
        match (self.family(), part) {
            (Family::Mssql, Part::First) => format!("LEFT({column}, CHARINDEX(':', {column}) - 1)"),
            (Family::Mssql, Part::Rest) => {
                format!("SUBSTRING({column}, CHARINDEX(':', {column}) + 1, LEN({column}))")
            }
            (Family::MySql, Part::First) => format!("SUBSTRING_INDEX({column}, ':', 1)"),
            (Family::MySql, Part::Rest) => format!("SUBSTRING({column}, LOCATE(':', {column}) + 1)"),
            (Family::Postgres, Part::First) => format!("split_part({column}, ':', 1)"),
            (Family::Postgres, Part::Rest) => format!("substr({column}, strpos({column}, ':') + 1)"),
            (Family::Sqlite, Part::First) => format!("substr({column}, 1, instr({column}, ':') - 1)"),
            (Family::Sqlite, Part::Rest) => format!("substr({column}, instr({column}, ':') + 1)"),
        }
    }

    /// Two texts and a colon between them.
    pub(crate) fn joined(self, first: &str, rest: &str) -> String {
        match self.family() {
            Family::Mssql => format!("({first} + ':' + {rest})"),
            Family::MySql => format!("CONCAT({first}, ':', {rest})"),
            Family::Postgres | Family::Sqlite => format!("({first} || ':' || {rest})"),
        }
    }

    /// What a column of points in time is compared by: the column where the database can, otherwise a number of
    /// the same unit as the parameter.
    pub(crate) fn instant(self, form: &TimeForm, column: String) -> String {
        match self.family() {
            Family::Mssql => mssql::instant(form, column),
            Family::MySql => mysql::instant(form, column),
            Family::Postgres => postgres::instant(form, column),
            Family::Sqlite => sqlite::instant(form, column),
        }
    }

    /// The type of a column in `CREATE TABLE`.
    pub(crate) fn column_type(self, kind: &ColumnKind, id_kind: IdKind) -> String {
        let (kind, id_kind) = kind.as_stored().with_id_kind(id_kind);
        match self.family() {
            Family::Mssql => mssql::column_type(kind, id_kind),
            Family::MySql => mysql::column_type(kind, id_kind),
            Family::Postgres => postgres::column_type(self, kind, id_kind),
            Family::Sqlite => sqlite::column_type(kind, id_kind),
        }
    }

    /// What makes an id column make its own ids, in `CREATE TABLE` after the type.
    pub(crate) fn id_suffix(self, id_kind: IdKind) -> &'static str {
        match (self.family(), id_kind) {
            (Family::Postgres, IdKind::Serial) if self == Self::Postgres => " PRIMARY KEY",
            (Family::Postgres, IdKind::Serial) => " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            (Family::Postgres, IdKind::Uuid) => " PRIMARY KEY DEFAULT gen_random_uuid()",
            (Family::Postgres, IdKind::Text) => " PRIMARY KEY DEFAULT gen_random_uuid()::text",
            (Family::Sqlite, IdKind::Serial) => " PRIMARY KEY AUTOINCREMENT",
            (Family::Sqlite, _) => " PRIMARY KEY NOT NULL",
            (Family::MySql, IdKind::Serial) => " NOT NULL AUTO_INCREMENT PRIMARY KEY",
            (Family::Mssql, IdKind::Serial) => " IDENTITY(1,1) NOT NULL PRIMARY KEY",
            (Family::Mssql | Family::MySql, _) => " NOT NULL PRIMARY KEY",
        }
    }

    /// Whether a type, as the catalogue names it, can hold the kind.
    pub(crate) fn accepts(self, kind: &ColumnKind, id_kind: IdKind, type_name: &str) -> bool {
        let (kind, id_kind) = kind.as_stored().with_id_kind(id_kind);
        match self.family() {
            Family::Mssql => mssql::accepts(kind, id_kind, type_name),
            Family::MySql => mysql::accepts(kind, id_kind, type_name),
            Family::Postgres => postgres::accepts(kind, id_kind, type_name),
            Family::Sqlite => sqlite::accepts(kind, id_kind, type_name),
        }
    }

    /// What keeps the rows of a `SELECT` from being deleted until the end of the transaction.
    pub(crate) fn share_lock(self) -> &'static str {
        // Aurora DSQL notices at the commit that the row was touched, if the lock is the strong one.
        if self == Self::AuroraDsql { " FOR UPDATE" } else { " FOR KEY SHARE" }
    }

    /// A condition as a value.
    pub(crate) fn truth(self, condition: String) -> String {
        match self.family() {
            Family::Mssql => format!("CAST(CASE WHEN {condition} THEN 1 ELSE 0 END AS bit)"),
            _ => condition,
        }
    }

    /// The table of one row that must stand between the values of `INSERT … SELECT` and its `WHERE`.
    pub(crate) fn dual(self) -> &'static str {
        if self.family() == Family::MySql { " FROM DUAL" } else { "" }
    }

    /// What can be wrong with the ids of a profile on this database.
    pub(crate) fn check_ids(self, profile: &Profile, problems: &mut Vec<String>) {
        if self == Self::AuroraDsql && [profile.id_kind, profile.row_id_kind()].contains(&IdKind::Serial) {
            problems.push("Aurora DSQL cannot count ids: choose UUIDs or text".to_owned());
        }
    }
}
