//! The tables of `@auth/prisma-adapter` and `@next-auth/prisma-adapter`, as its documents name them.

use vestibule_core::IdKind;

use super::{
    Column, ExtraColumn, ExtraKind, Fill, Profile, Table, TableSpec, TextForm, TimeForm, Zone, authjs,
};
use crate::Dialect;
use crate::dialect::Family;

impl Profile {
    /// The models of the documents of `@auth/prisma-adapter`, and those of version 4: `User`, `Account`, `Session`,
    /// `VerificationToken`, `Authenticator`, with ids of text.
    ///
    /// Dates are in Coordinated Universal Time without a zone; in SQLite milliseconds since the epoch, beside which
    /// dates in text are understood. Ids of accounts and sessions, `createdAt`, `updatedAt` and the like count only
    /// where the tables have them, which [`SqlAdapter::inspect`](crate::SqlAdapter::inspect) finds out.
    pub fn prisma(dialect: Dialect) -> Self {
        let form = match dialect.family() {
            Family::Sqlite => TimeForm::EpochMillisMixed,
            _ => TimeForm::Wall(Zone::UTC),
        };
        let mut profile = Self::of("prisma", IdKind::Text, TableSpec::new("User", authjs::users()))
            .accounts(TableSpec::new("Account", with_id_if_there(authjs::accounts())))
            .sessions(TableSpec::new("Session", with_id_if_there(authjs::sessions())))
            .verification_tokens(TableSpec::new("VerificationToken", authjs::verification_tokens()));
        for table in [Table::Users, Table::Accounts, Table::Sessions] {
            let created = ExtraColumn::time("createdAt").with_fill(Fill::Now);
            let updated = ExtraColumn::time("updatedAt").with_fill(Fill::Now).refreshed().required();
            profile = profile
                .with_extra_column(table, created.if_there())
                .with_extra_column(table, updated.if_there());
        }
        let authenticators =
            TableSpec { may_lack: true, ..TableSpec::new("Authenticator", authjs::authenticators()) };
        with_leftovers(profile.authenticators(authenticators)).with_time_forms(&form)
    }

    /// As [`prisma`](Self::prisma), in a SQLite file whose dates are text, such as
    /// `2031-01-02T03:04:05.678+00:00`: what Prisma's driver adapters write by default.
    pub fn prisma_iso8601() -> Self {
        let mut profile = Self::prisma(Dialect::Sqlite).with_time_forms(&TimeForm::Text(TextForm::IsoOffset));
        profile.name = "prisma-iso8601".into();
        profile
    }

    /// The form with `@map`: `users`, `accounts`, `sessions`, `verification_tokens`, and columns in snake case.
    pub fn prisma_snake_case(dialect: Dialect) -> Self {
        let mut profile = Self::prisma(dialect)
            .with_table(Table::Users, "users")
            .with_table(Table::Accounts, "accounts")
            .with_table(Table::Sessions, "sessions")
            .with_table(Table::VerificationTokens, "verification_tokens")
            .with_table(Table::Authenticators, "authenticators")
            .with_snake_case();
        profile.name = "prisma-snake-case".into();
        profile
    }
}

pub(super) fn with_id_if_there(columns: Vec<Column>) -> Vec<Column> {
    let each = columns.into_iter();
    each.map(|column| if column.field == "id" { column.if_there() } else { column }).collect()
}

/// Columns that the documents of version 4 had, and that many tables still have.
pub(super) fn with_leftovers(profile: Profile) -> Profile {
    let text = |field: &str| ExtraColumn::text(field).if_there();
    profile
        .with_extra_column(Table::Accounts, text("oauth_token_secret"))
        .with_extra_column(Table::Accounts, text("oauth_token"))
        .with_extra_column(
            Table::Accounts,
            ExtraColumn::new("refresh_token_expires_in", ExtraKind::Int).if_there(),
        )
}
