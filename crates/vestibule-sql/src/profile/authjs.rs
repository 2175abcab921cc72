//! The schema of `@auth/pg-adapter` and `@auth/neon-adapter`: four tables, camel-case columns, ids that count.
//!
//! For SQLite there is no published counterpart of it; here it has the same names, `INTEGER` ids that are never
//! used twice, and times in milliseconds.

use vestibule_core::IdKind;

use super::ColumnKind::{Bool, CredentialText, Id, Int, KeyText, ShortText, Text, Time, UserRef};
use super::{Column, Profile, Table, TableSpec, TimeForm};

impl Profile {
    /// The tables of `@auth/pg-adapter`: `users`, `accounts`, `sessions`, `verification_token`.
    ///
    /// There is no table for authenticators until [`with_authenticators`](Profile::with_authenticators).
    pub fn authjs() -> Self {
        Self::of("authjs", IdKind::Serial, TableSpec::new("users", users()))
            .accounts(TableSpec::new("accounts", accounts()))
            .sessions(TableSpec::new("sessions", sessions()))
            .verification_tokens(TableSpec::new("verification_token", verification_tokens()))
    }
}

pub(super) fn users() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::nullable("name", ShortText),
        Column::nullable("email", ShortText),
        Column::optional_time("emailVerified"),
        Column::nullable("image", Text),
    ]
}

pub(super) fn accounts() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::required("userId", UserRef),
        Column::required("type", ShortText),
        Column::required("provider", ShortText),
        Column::required("providerAccountId", ShortText),
        Column::nullable("refresh_token", Text),
        Column::nullable("access_token", Text),
        Column::nullable("expires_at", Time(TimeForm::EpochSeconds)),
        Column::nullable("id_token", Text),
        Column::nullable("scope", Text),
        Column::nullable("session_state", Text),
        Column::nullable("token_type", Text),
    ]
}

pub(super) fn sessions() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::required("userId", UserRef),
        Column::time("expires"),
        Column::required("sessionToken", ShortText),
    ]
}

pub(super) fn verification_tokens() -> Vec<Column> {
    vec![Column::required("identifier", KeyText), Column::time("expires"), Column::required("token", KeyText)]
}

/// A column of any of the five tables, by its name in Auth.js v5, as it is where a table need not have it.
pub(crate) fn column(table: Table, field: &str) -> Option<Column> {
    of(table).into_iter().find(|column| column.field == field)
}

fn of(table: Table) -> Vec<Column> {
    match table {
        Table::Users => users(),
        Table::Accounts => accounts(),
        Table::Sessions => sessions(),
        Table::VerificationTokens => verification_tokens(),
        Table::Authenticators => authenticators(),
    }
}

/// The names of a table's columns in Auth.js v5.
#[cfg(feature = "config")]
pub(crate) fn fields(table: Table) -> Vec<&'static str> {
    of(table).into_iter().map(|column| column.field).collect()
}

/// The columns of Drizzle's and Prisma's table, which `@auth/pg-adapter` lacks.
pub(super) fn authenticators() -> Vec<Column> {
    vec![
        Column::required("credentialID", CredentialText),
        Column::required("userId", UserRef),
        Column::required("providerAccountId", Text),
        Column::required("credentialPublicKey", Text),
        Column::required("counter", Int),
        Column::required("credentialDeviceType", Text),
        Column::required("credentialBackedUp", Bool),
        Column::nullable("transports", Text),
    ]
}
