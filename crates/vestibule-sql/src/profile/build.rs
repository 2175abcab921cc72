//! Changing a published profile into an application's own.

use std::borrow::Cow;

use vestibule_core::IdKind;

use super::{ColumnKind, ExtraColumn, ExtraKind, IdMaker, Profile, Table, TableSpec, TimeForm, authjs};

impl Profile {
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

    /// Puts a text before the name of every table, as NextAuth v3's `entityPrefix`.
    #[must_use]
    pub fn with_table_prefix(mut self, prefix: &str) -> Self {
        for table in Table::ALL {
            if let Some(spec) = self.spec_mut(table) {
                spec.name = Cow::Owned(format!("{prefix}{}", spec.name));
            }
        }
        self
    }

    /// Names another column: `field` is the name in the schema of Auth.js v5, such as `emailVerified`, or the key in
    /// `extra` of a column that the profile declares beyond those.
    ///
    /// A column that the profile's generation lacks, such as the e-mail address in Lucia's users, is added so.
    #[must_use]
    pub fn with_column(mut self, table: Table, field: &str, name: impl Into<String>) -> Self {
        let name = name.into();
        let Some(spec) = self.spec_mut(table) else {
            self.problems.push(format!("the table for {table} has no column {field:?} to rename"));
            return self;
        };
        if let Some(column) = spec.columns.iter_mut().find(|column| column.field == field) {
            column.renamed = Some(Cow::Owned(name));
        } else if let Some(column) = spec.extra.iter_mut().find(|column| &*column.field == field) {
            column.renamed = Some(name.into());
        } else if let Some(mut column) = authjs::column(table, field) {
            column.renamed = Some(Cow::Owned(name));
            spec.columns.push(column);
        } else {
            self.problems.push(format!("the table for {table} has no column {field:?} to rename"));
        }
        self
    }

    /// Says in which form a column keeps its points in time: `field` as for [`with_column`](Self::with_column).
    #[must_use]
    pub fn with_time_form(mut self, table: Table, field: &str, form: TimeForm) -> Self {
        let column = self
            .spec_mut(table)
            .and_then(|spec| spec.columns.iter_mut().find(|column| column.field == field))
            .filter(|column| matches!(column.kind, ColumnKind::Time(_)));
        match column {
            Some(column) => column.kind = ColumnKind::Time(form),
            None => {
                self.problems
                    .push(format!("the table for {table} has no column {field:?} that keeps a time"));
            }
        }
        self
    }

    /// Says in which form every column keeps its points in time, those apart that are not dates anywhere:
    /// `expires_at` in seconds, as Auth.js v5 keeps it, and a truth value.
    #[must_use]
    pub fn with_time_forms(mut self, form: &TimeForm) -> Self {
        for table in Table::ALL {
            let Some(spec) = self.spec_mut(table) else { continue };
            for column in &mut spec.columns {
                let is_date = match &column.kind {
                    ColumnKind::Time(TimeForm::Flag { .. }) => false,
                    ColumnKind::Time(TimeForm::EpochSeconds | TimeForm::EpochSecondsText) => {
                        column.field != "expires_at"
                    }
                    ColumnKind::Time(_) => true,
                    _ => false,
                };
                if is_date {
                    column.kind = ColumnKind::Time(form.clone());
                }
            }
            for column in &mut spec.extra {
                if matches!(column.kind, ExtraKind::Time | ExtraKind::TimeAs(_)) {
                    column.kind = ExtraKind::TimeAs(form.clone());
                }
            }
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

    /// Keeps every column of the application's own that is declared so far out of `extra`, such as those that a
    /// published profile declares: what is filled is filled, and nothing of it is shown or settable.
    #[must_use]
    pub fn with_hidden_extra(mut self) -> Self {
        for table in Table::ALL {
            for column in self.spec_mut(table).into_iter().flat_map(|spec| &mut spec.extra) {
                column.hidden = true;
            }
        }
        self
    }

    /// Names the PostgreSQL schema (or the SQL Server schema) that holds the tables. Without one the search path
    /// decides. SQLite, MySQL and MariaDB have none.
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

    /// Says how user ids are made, and those of the other tables too.
    #[must_use]
    pub fn with_id_kind(mut self, id_kind: IdKind) -> Self {
        self.id_kind = id_kind;
        self
    }

    /// Says how the ids of accounts and sessions are made where that differs from user ids.
    #[must_use]
    pub fn with_row_id_kind(mut self, id_kind: IdKind) -> Self {
        self.row_id_kind = Some(id_kind);
        self
    }

    /// Says that session tokens are UUIDs, in a column of the database's own type for them, such as the `uuid` of
    /// PostgreSQL and MariaDB.
    ///
    /// A token that is none names no session; creating a session under one is refused.
    #[must_use]
    pub fn with_uuid_session_tokens(mut self) -> Self {
        let columns = self.spec_mut(Table::Sessions).map(|spec| &mut spec.columns);
        match columns.and_then(|columns| columns.iter_mut().find(|column| column.field == "sessionToken")) {
            Some(column) => column.kind = ColumnKind::Uuid,
            None => self.problems.push("the profile has no table for sessions".to_owned()),
        }
        self
    }

    /// Says how ids of text are made that nobody gave.
    #[must_use]
    pub fn with_id_maker(mut self, id_maker: IdMaker) -> Self {
        self.id_maker = id_maker;
        self
    }

    /// Treats users whose column has a value as deleted: they are found by nothing, and deleting a user sets the
    /// column instead of removing the row.
    ///
    /// `field` is a column that [`with_extra_column`](Self::with_extra_column) declares for the users, of a point
    /// in time. Sessions and accounts of a deleted user are removed. Its e-mail address stays taken wherever the
    /// table keeps it unique.
    #[must_use]
    pub fn with_soft_delete(mut self, field: impl Into<Box<str>>) -> Self {
        self.deleted_at = Some(field.into());
        self
    }

    /// Adds a table for WebAuthn credentials under this name; `@auth/pg-adapter` has none.
    #[must_use]
    pub fn with_authenticators(mut self, name: impl Into<String>) -> Self {
        let name = Cow::Owned(name.into());
        let columns = authjs::authenticators();
        self.authenticators = Some(TableSpec { name, ..TableSpec::new("", columns) });
        self
    }

    /// Needs the table for WebAuthn credentials: one that is missing is reported as missing, also where the software that
    /// the profile is named after has databases without it. A profile that has none gets one, `authenticators`.
    #[must_use]
    pub fn with_passkeys(mut self) -> Self {
        match &mut self.authenticators {
            Some(table) => table.may_lack = false,
            None => return self.with_authenticators("authenticators"),
        }
        self
    }

    /// Leaves a table out. Every operation on it is refused. The users cannot be left out.
    #[must_use]
    pub fn without_table(mut self, table: Table) -> Self {
        match table {
            Table::Users => self.problems.push("a profile needs a table for users".to_owned()),
            Table::Accounts => self.accounts = None,
            Table::Sessions => self.sessions = None,
            Table::VerificationTokens => self.verification_tokens = None,
            Table::Authenticators => self.authenticators = None,
        }
        self
    }
}
