//! Schema profiles: which tables and columns a database has, as data.

mod authjs;
mod check;
mod column;

use std::borrow::Cow;
use std::fmt;

use vestibule_core::IdKind;

pub use check::ProfileError;
pub(crate) use column::{Column, ColumnKind};
pub use column::{ExtraColumn, ExtraKind};

/// One of the five tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// The users.
    Users,
    /// The links between users and providers.
    Accounts,
    /// The sessions.
    Sessions,
    /// The verification tokens.
    VerificationTokens,
    /// The WebAuthn credentials.
    Authenticators,
}

impl Table {
    /// All five, in the order in which they can be created.
    pub const ALL: [Self; 5] =
        [Self::Users, Self::Accounts, Self::Sessions, Self::VerificationTokens, Self::Authenticators];

    /// The key under which configuration files and messages name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Accounts => "accounts",
            Self::Sessions => "sessions",
            Self::VerificationTokens => "verification_tokens",
            Self::Authenticators => "authenticators",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One table of a profile.
#[derive(Clone, Debug)]
pub(crate) struct TableSpec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) columns: Vec<Column>,
    pub(crate) extra: Vec<ExtraColumn>,
}

/// The tables and columns of a database, as data: names, casing, id kind, and columns of the application's own.
///
/// Begin with a published one, such as [`Profile::authjs`], and change what differs. Mistakes are collected and
/// reported together when the profile is compiled.
///
/// ```
/// use vestibule_core::IdKind;
/// use vestibule_sql::{ExtraColumn, Profile, Table};
///
/// let profile = Profile::authjs()
///     .with_id_kind(IdKind::Uuid)
///     .with_postgres_schema("auth")
///     .with_table(Table::Users, "members")
///     .with_column(Table::Users, "image", "avatar_url")
///     .with_extra_column(Table::Users, ExtraColumn::text("role").with_default("member"));
/// # drop(profile);
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) name: &'static str,
    pub(crate) postgres_schema: Option<String>,
    pub(crate) id_kind: IdKind,
    pub(crate) snake_case: bool,
    users: TableSpec,
    accounts: TableSpec,
    sessions: TableSpec,
    verification_tokens: TableSpec,
    authenticators: Option<TableSpec>,
    problems: Vec<String>,
}

impl Profile {
    /// The name it is chosen by.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How user ids are made.
    pub fn id_kind(&self) -> IdKind {
        self.id_kind
    }

    /// Names another table. The name is one identifier; a dot in it is part of the name.
    #[must_use]
    pub fn with_table(mut self, table: Table, name: impl Into<String>) -> Self {
        let name = name.into();
        match self.spec_mut(table) {
            Some(spec) => spec.name = Cow::Owned(name),
            None => self.problems.push(format!("the profile has no table for {table}")),
        }
        self
    }

    /// Names another column: `field` is the name in the published schema, such as `emailVerified`.
    #[must_use]
    pub fn with_column(mut self, table: Table, field: &str, name: impl Into<String>) -> Self {
        let name = name.into();
        let column = self
            .spec_mut(table)
            .and_then(|spec| spec.columns.iter_mut().find(|column| column.field == field));
        match column {
            Some(column) => column.renamed = Some(name),
            None => self.problems.push(format!("the table for {table} has no column {field:?} to rename")),
        }
        self
    }

    /// Declares a column of the application's own. Its values travel in the `extra` of the row.
    ///
    /// Users, accounts and sessions can have them, at most 30 a table.
    #[must_use]
    pub fn with_extra_column(mut self, table: Table, column: ExtraColumn) -> Self {
        match (table, self.spec_mut(table)) {
            (Table::Users | Table::Accounts | Table::Sessions, Some(spec)) => spec.extra.push(column),
            _ => {
                self.problems
                    .push(format!("the table for {table} takes no columns of the application's own"));
            }
        }
        self
    }

    /// Names the PostgreSQL schema that holds the tables. Without one the search path decides. SQLite has none.
    #[must_use]
    pub fn with_postgres_schema(mut self, schema: impl Into<String>) -> Self {
        self.postgres_schema = Some(schema.into());
        self
    }

    /// Turns every column that was not named explicitly to `snake_case`.
    #[must_use]
    pub fn with_snake_case(mut self) -> Self {
        self.snake_case = true;
        self
    }

    /// Says how ids are made.
    #[must_use]
    pub fn with_id_kind(mut self, id_kind: IdKind) -> Self {
        self.id_kind = id_kind;
        self
    }

    /// Adds a table for WebAuthn credentials under this name; `@auth/pg-adapter` has none.
    #[must_use]
    pub fn with_authenticators(mut self, name: impl Into<String>) -> Self {
        let name = Cow::Owned(name.into());
        self.authenticators = Some(TableSpec { name, columns: authjs::authenticators(), extra: Vec::new() });
        self
    }

    /// The table's name in the database; `None` if the profile has no such table.
    pub fn table_name(&self, table: Table) -> Option<&str> {
        self.spec(table).map(|spec| &*spec.name)
    }

    /// The column's name in the database, by its name in the published schema or its key in `extra`.
    pub fn column_name(&self, table: Table, field: &str) -> Option<String> {
        let spec = self.spec(table)?;
        let own = spec.columns.iter().find(|column| column.field == field).map(|column| self.name_of(column));
        own.or_else(|| {
            spec.extra.iter().find(|column| &*column.field == field).map(|column| self.name_of_extra(column))
        })
    }

    pub(crate) fn spec(&self, table: Table) -> Option<&TableSpec> {
        match table {
            Table::Users => Some(&self.users),
            Table::Accounts => Some(&self.accounts),
            Table::Sessions => Some(&self.sessions),
            Table::VerificationTokens => Some(&self.verification_tokens),
            Table::Authenticators => self.authenticators.as_ref(),
        }
    }

    fn spec_mut(&mut self, table: Table) -> Option<&mut TableSpec> {
        match table {
            Table::Users => Some(&mut self.users),
            Table::Accounts => Some(&mut self.accounts),
            Table::Sessions => Some(&mut self.sessions),
            Table::VerificationTokens => Some(&mut self.verification_tokens),
            Table::Authenticators => self.authenticators.as_mut(),
        }
    }

    pub(crate) fn name_of(&self, column: &Column) -> String {
        match &column.renamed {
            Some(name) => name.clone(),
            None if self.snake_case => column::snake_case(column.field),
            None => column.field.to_owned(),
        }
    }

    pub(crate) fn name_of_extra(&self, column: &ExtraColumn) -> String {
        match &column.renamed {
            Some(name) => name.to_string(),
            None if self.snake_case => column::snake_case(&column.field),
            None => column.field.to_string(),
        }
    }
}
