//! The schema of `@auth/pg-adapter` and `@auth/neon-adapter`: four tables, camel-case columns, ids that count.
//!
//! For SQLite there is no published counterpart of it; here it has the same names, `INTEGER` ids that are never
//! used twice, and times in milliseconds.

use std::borrow::Cow;

use vestibule_core::IdKind;

use super::ColumnKind::{Bool, Id, Int, ShortText, Text, Time, UserRef};
use super::{Column, Profile, TableSpec};

impl Profile {
    /// The tables of `@auth/pg-adapter`: `users`, `accounts`, `sessions`, `verification_token`.
    ///
    /// There is no table for authenticators until [`with_authenticators`](Profile::with_authenticators).
    pub fn authjs() -> Self {
        Self {
            name: "authjs",
            postgres_schema: None,
            id_kind: IdKind::Serial,
            snake_case: false,
            users: table("users", users()),
            accounts: table("accounts", accounts()),
            sessions: table("sessions", sessions()),
            verification_tokens: table("verification_token", verification_tokens()),
            authenticators: None,
            problems: Vec::new(),
        }
    }
}

fn table(name: &'static str, columns: Vec<Column>) -> TableSpec {
    TableSpec { name: Cow::Borrowed(name), columns, extra: Vec::new() }
}

fn users() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::nullable("name", ShortText),
        Column::nullable("email", ShortText),
        Column::nullable("emailVerified", Time),
        Column::nullable("image", Text),
    ]
}

fn accounts() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::required("userId", UserRef),
        Column::required("type", ShortText),
        Column::required("provider", ShortText),
        Column::required("providerAccountId", ShortText),
        Column::nullable("refresh_token", Text),
        Column::nullable("access_token", Text),
        Column::nullable("expires_at", Int),
        Column::nullable("id_token", Text),
        Column::nullable("scope", Text),
        Column::nullable("session_state", Text),
        Column::nullable("token_type", Text),
    ]
}

fn sessions() -> Vec<Column> {
    vec![
        Column::required("id", Id),
        Column::required("userId", UserRef),
        Column::required("expires", Time),
        Column::required("sessionToken", ShortText),
    ]
}

fn verification_tokens() -> Vec<Column> {
    vec![
        Column::required("identifier", Text),
        Column::required("expires", Time),
        Column::required("token", Text),
    ]
}

/// The columns of Drizzle's and Prisma's table, which `@auth/pg-adapter` lacks.
pub(super) fn authenticators() -> Vec<Column> {
    vec![
        Column::required("credentialID", Text),
        Column::required("userId", UserRef),
        Column::required("providerAccountId", Text),
        Column::required("credentialPublicKey", Text),
        Column::required("counter", Int),
        Column::required("credentialDeviceType", Text),
        Column::required("credentialBackedUp", Bool),
        Column::nullable("transports", Text),
    ]
}
