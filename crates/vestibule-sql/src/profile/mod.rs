//! Schema profiles: which tables and columns a database has, as data.
//!
//! A profile is made of [`TableSpec`]s, whose columns are those of Auth.js v5 under the names, and in the forms,
//! that the generation keeps them in. A new generation is a new file with one public constructor, such as
//! `authjs.rs`: tables by [`TableSpec::new`], columns by [`Column`], names that differ by [`Column::named`], forms
//! of time by [`Profile::with_time_forms`], and what the contract does not know by [`ExtraColumn`], filled by
//! [`Fill`] where a row needs it. `names.rs` lists them all under the names that they are chosen by.

pub(crate) mod authjs;
mod better_auth;
mod build;
mod check;
mod column;
mod drizzle;
mod lucia;
mod names;
mod nextauth_v3;
mod orms;
mod prisma;
mod table;
mod time_form;
mod typeorm;

use std::borrow::Cow;

use vestibule_core::IdKind;

pub use check::ProfileError;
pub(crate) use column::{Column, ColumnKind, Part};
pub use column::{ExtraColumn, ExtraKind, Fill};
pub use table::Table;
pub(crate) use table::TableSpec;
pub use time_form::{TextForm, TimeForm, Zone};

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
    pub(crate) name: Cow<'static, str>,
    pub(crate) postgres_schema: Option<String>,
    pub(crate) id_kind: IdKind,
    pub(crate) row_id_kind: Option<IdKind>,
    pub(crate) id_maker: IdMaker,
    pub(crate) snake_case: bool,
    pub(crate) deleted_at: Option<Box<str>>,
    /// Whether the application makes the users, and may be the one who gives them their ids.
    pub(crate) given_users: bool,
    users: TableSpec,
    accounts: Option<TableSpec>,
    sessions: Option<TableSpec>,
    verification_tokens: Option<TableSpec>,
    authenticators: Option<TableSpec>,
    problems: Vec<String>,
}

/// How an id of text is made that nobody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdMaker {
    /// A random UUID, version 4.
    Uuid,
    /// So many random characters of `a`–`z` and `0`–`9`; at least 15 make a collision unthinkable.
    Alphanumeric(u8),
}

impl Profile {
    /// A profile with users alone.
    pub(crate) fn of(name: &'static str, id_kind: IdKind, users: TableSpec) -> Self {
        Self {
            name: Cow::Borrowed(name),
            postgres_schema: None,
            id_kind,
            row_id_kind: None,
            id_maker: IdMaker::Uuid,
            snake_case: false,
            deleted_at: None,
            given_users: false,
            users,
            accounts: None,
            sessions: None,
            verification_tokens: None,
            authenticators: None,
            problems: Vec::new(),
        }
    }

    pub(crate) fn accounts(mut self, table: TableSpec) -> Self {
        self.accounts = Some(table);
        self
    }

    pub(crate) fn sessions(mut self, table: TableSpec) -> Self {
        self.sessions = Some(table);
        self
    }

    pub(crate) fn verification_tokens(mut self, table: TableSpec) -> Self {
        self.verification_tokens = Some(table);
        self
    }

    pub(crate) fn authenticators(mut self, table: TableSpec) -> Self {
        self.authenticators = Some(table);
        self
    }

    /// The name it is chosen by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How user ids are made.
    pub fn id_kind(&self) -> IdKind {
        self.id_kind
    }

    /// How the ids of the other tables are made.
    pub fn row_id_kind(&self) -> IdKind {
        self.row_id_kind.unwrap_or(self.id_kind)
    }

    /// Columns of the verification tokens that are filled, and neither shown nor settable.
    pub(crate) fn with_tokens_filled(mut self, columns: Vec<ExtraColumn>) -> Self {
        if let Some(spec) = &mut self.verification_tokens {
            spec.extra = columns;
        }
        self
    }

    /// The profile without what may lack and does lack: `is_there` is asked for a table, and for a column of it.
    pub(crate) fn without_absent(mut self, is_there: impl Fn(&Self, Table, Option<&str>) -> bool) -> Self {
        for table in Table::ALL {
            let Some(spec) = self.spec(table) else { continue };
            if spec.may_lack && !is_there(&self, table, None) {
                self = self.without_table(table);
                continue;
            }
            let absent = |may_lack: bool, name: String| may_lack && !is_there(&self, table, Some(&name));
            let own = spec.columns.iter().map(|column| !absent(column.may_lack, self.name_of(column)));
            let mut own = own.collect::<Vec<_>>().into_iter();
            let extra = spec.extra.iter().map(|column| !absent(column.may_lack, self.name_of_extra(column)));
            let mut extra = extra.collect::<Vec<_>>().into_iter();
            if let Some(spec) = self.spec_mut(table) {
                spec.columns.retain(|_| own.next().unwrap_or(true));
                spec.extra.retain(|_| extra.next().unwrap_or(true));
            }
        }
        self
    }

    /// The table's name in the database; `None` if the profile has no such table.
    pub fn table_name(&self, table: Table) -> Option<&str> {
        self.spec(table).map(|spec| &*spec.name)
    }

    /// The column's name in the database, by its name in Auth.js v5 or its key in `extra`.
    pub fn column_name(&self, table: Table, field: &str) -> Option<String> {
        let spec = self.spec(table)?;
        let own = spec.columns.iter().find(|column| column.field == field).map(|column| self.name_of(column));
        own.or_else(|| {
            spec.extra.iter().find(|column| &*column.field == field).map(|column| self.name_of_extra(column))
        })
    }

    /// Whether session tokens are UUIDs.
    pub(crate) fn has_uuid_session_tokens(&self) -> bool {
        let mut columns = self.sessions.iter().flat_map(|spec| &spec.columns);
        columns.any(|column| column.field == "sessionToken" && column.kind == ColumnKind::Uuid)
    }

    /// Whether the table has a column that is called so in the database.
    pub(crate) fn has_column_named(&self, table: Table, name: &str) -> bool {
        let Some(spec) = self.spec(table) else { return false };
        spec.columns.iter().any(|column| self.name_of(column) == name)
            || spec.extra.iter().any(|column| self.name_of_extra(column) == name)
    }

    /// The column that NextAuth v3 keeps accounts unique by.
    pub(crate) fn account_hash(&self) -> Option<&str> {
        let mut columns = self.accounts.as_ref()?.extra.iter();
        columns.find(|column| column.fill == Some(Fill::AccountHash)).map(|column| &*column.field)
    }

    pub(crate) fn spec(&self, table: Table) -> Option<&TableSpec> {
        match table {
            Table::Users => Some(&self.users),
            Table::Accounts => self.accounts.as_ref(),
            Table::Sessions => self.sessions.as_ref(),
            Table::VerificationTokens => self.verification_tokens.as_ref(),
            Table::Authenticators => self.authenticators.as_ref(),
        }
    }

    fn spec_mut(&mut self, table: Table) -> Option<&mut TableSpec> {
        match table {
            Table::Users => Some(&mut self.users),
            Table::Accounts => self.accounts.as_mut(),
            Table::Sessions => self.sessions.as_mut(),
            Table::VerificationTokens => self.verification_tokens.as_mut(),
            Table::Authenticators => self.authenticators.as_mut(),
        }
    }

    pub(crate) fn name_of(&self, column: &Column) -> String {
        match &column.renamed {
            Some(name) => name.clone().into_owned(),
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

    /// How a column of the contract keeps its points in time.
    pub(crate) fn time_form(&self, table: Table, field: &str) -> &TimeForm {
        let column =
            self.spec(table).and_then(|spec| spec.columns.iter().find(|column| column.field == field));
        match column.map(|column| &column.kind) {
            Some(ColumnKind::Time(form)) => form,
            _ => &TimeForm::Native,
        }
    }

    /// The id kind of a table's own id.
    pub(crate) fn id_kind_of(&self, table: Table) -> IdKind {
        if table == Table::Users { self.id_kind } else { self.row_id_kind() }
    }
}
