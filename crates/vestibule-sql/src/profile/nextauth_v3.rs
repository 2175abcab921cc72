//! The schemas of NextAuth v3: TypeORM, both generations of Prisma, and what the official guide to v4 makes of them.

use vestibule_core::IdKind;

use super::ColumnKind::{Id, ShortText, Text, Time, UserRef};
use super::{Column, ExtraColumn, Fill, Profile, Table, TableSpec, TextForm, TimeForm, Zone, authjs};
use crate::Dialect;
use crate::dialect::Family;

impl Profile {
    /// NextAuth v3 with its default adapter, TypeORM: `users`, `accounts`, `sessions`, `verification_requests`, with
    /// ids that count; [`with_table_prefix`](Self::with_table_prefix) is its `entityPrefix`.
    ///
    /// `accounts.compound_id` and `sessions.access_token` are filled; the latter, `created_at` and `updated_at`
    /// travel in `extra` and can be set. Tokens that the accounts have no column for (`id_token`, `scope`,
    /// `token_type`, `session_state`) are left out.
    pub fn nextauth_v3(dialect: Dialect) -> Self {
        let profile = v3("nextauth-v3", Updated::OnChange);
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::Text(TextForm::Sql)),
            Family::MySql => profile.with_time_forms(&TimeForm::Wall(Zone::UTC)),
            // `datetime` keeps steps of 3.33 ms, and TypeORM strips them.
            Family::Mssql => profile.with_time_forms(&TimeForm::WallSeconds(Zone::UTC)),
            Family::Postgres => profile,
        }
    }

    /// NextAuth v3 with `Adapters.Prisma` (prisma-legacy): the same tables and columns, dates as Prisma keeps them,
    /// and an `updated_at` that nothing changes.
    pub fn nextauth_v3_prisma_legacy(dialect: Dialect) -> Self {
        let profile = v3("nextauth-v3-prisma-legacy", Updated::Never);
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::EpochMillisMixed),
            _ => profile.with_time_forms(&TimeForm::Wall(Zone::UTC)),
        }
    }

    /// NextAuth v3 with `@next-auth/prisma-adapter` 0.5: `User`, `Account`, `Session`, `VerificationRequest`, columns
    /// in camel case, with ids of text.
    pub fn nextauth_v3_prisma(dialect: Dialect) -> Self {
        let form = match dialect.family() {
            Family::Sqlite => TimeForm::EpochMillisMixed,
            _ => TimeForm::Wall(Zone::UTC),
        };
        let accounts = vec![
            Column::required("id", Id),
            Column::required("userId", UserRef),
            Column::required("type", ShortText).named("providerType"),
            Column::required("provider", ShortText).named("providerId"),
            Column::required("providerAccountId", ShortText),
            Column::nullable("refresh_token", Text).named("refreshToken"),
            Column::nullable("access_token", Text).named("accessToken"),
            Column::nullable("expires_at", Time(form.clone())).named("accessTokenExpires"),
        ];
        let mut tokens = TableSpec::new("VerificationRequest", with_id(authjs::verification_tokens()));
        tokens.extra =
            vec![created("createdAt"), updated("updatedAt", Updated::OnChange).with_fill(Fill::Now)];
        let mut profile =
            Self::of("nextauth-v3-prisma", IdKind::Text, TableSpec::new("User", authjs::users()))
                .accounts(TableSpec::new("Account", accounts))
                .sessions(TableSpec::new("Session", authjs::sessions()))
                .verification_tokens(tokens)
                .with_extra_column(Table::Sessions, access_token("accessToken"));
        for table in [Table::Users, Table::Accounts, Table::Sessions] {
            let updated = updated("updatedAt", Updated::OnChange).with_fill(Fill::Now);
            profile =
                profile.with_extra_column(table, created("createdAt")).with_extra_column(table, updated);
        }
        profile.with_time_forms(&form)
    }

    /// As [`nextauth_v3_prisma`](Self::nextauth_v3_prisma), where the models are mapped to snake case: `users`,
    /// `accounts`, `sessions`, `verification_requests`, with ids of text.
    pub fn nextauth_v3_prisma_snake_case(dialect: Dialect) -> Self {
        let mut profile = Self::nextauth_v3_prisma(dialect)
            .with_table(Table::Users, "users")
            .with_table(Table::Accounts, "accounts")
            .with_table(Table::Sessions, "sessions")
            .with_table(Table::VerificationTokens, "verification_requests")
            .with_column(Table::Accounts, "type", "provider_type")
            .with_column(Table::Accounts, "provider", "provider_id")
            .with_column(Table::Accounts, "refresh_token", "refresh_token")
            .with_column(Table::Accounts, "access_token", "access_token")
            .with_column(Table::Accounts, "expires_at", "access_token_expires")
            .with_snake_case();
        profile.name = "nextauth-v3-prisma-snake-case".into();
        profile
    }

    /// A database of NextAuth v3 with TypeORM that the official guide to version 4 has changed: names of version 4,
    /// ids that count, and points in time as the digits of milliseconds since the epoch.
    ///
    /// The guide leaves milliseconds in `expires_at`, where version 4 writes seconds: both are read, and seconds
    /// are written.
    pub fn nextauth_v3_migrated() -> Self {
        let mut accounts = authjs::accounts();
        for column in accounts.iter_mut().filter(|column| column.field == "expires_at") {
            column.kind = Time(TimeForm::EpochSecondsText);
        }
        Self::of("nextauth-v3-migrated", IdKind::Serial, TableSpec::new("users", authjs::users()))
            .accounts(TableSpec::new("accounts", accounts))
            .sessions(TableSpec::new("sessions", authjs::sessions()))
            .verification_tokens(TableSpec::new(
                "verification_tokens",
                with_id(authjs::verification_tokens()),
            ))
            .with_time_forms(&TimeForm::EpochMillisText)
    }
}

/// Whether `updated_at` is set on every change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Updated {
    Never,
    OnChange,
}

fn v3(name: &'static str, when: Updated) -> Profile {
    let users = vec![
        Column::required("id", Id),
        Column::nullable("name", ShortText),
        Column::nullable("email", ShortText),
        Column::optional_time("emailVerified").named("email_verified"),
        Column::nullable("image", ShortText),
    ];
    let accounts = vec![
        Column::required("id", Id),
        Column::required("userId", UserRef).named("user_id"),
        Column::required("type", ShortText).named("provider_type"),
        Column::required("provider", ShortText).named("provider_id"),
        Column::required("providerAccountId", ShortText).named("provider_account_id"),
        Column::nullable("refresh_token", Text),
        Column::nullable("access_token", Text),
        Column::optional_time("expires_at").named("access_token_expires"),
    ];
    let sessions = vec![
        Column::required("id", Id),
        Column::required("userId", UserRef).named("user_id"),
        Column::time("expires"),
        Column::required("sessionToken", ShortText).named("session_token"),
    ];
    let tokens = TableSpec::new("verification_requests", with_id(authjs::verification_tokens()));
    let compound_id = ExtraColumn::text("compound_id").with_fill(Fill::AccountHash).hidden().required();
    let mut profile = Profile::of(name, IdKind::Serial, TableSpec::new("users", users))
        .accounts(TableSpec::new("accounts", accounts))
        .sessions(TableSpec::new("sessions", sessions))
        .verification_tokens(tokens)
        .with_extra_column(Table::Accounts, compound_id)
        .with_extra_column(Table::Sessions, access_token("access_token"));
    for table in [Table::Users, Table::Accounts, Table::Sessions] {
        profile = profile
            .with_extra_column(table, created("created_at"))
            .with_extra_column(table, updated("updated_at", when).with_fill(Fill::Now));
    }
    profile.with_tokens_filled(vec![created("created_at"), updated("updated_at", when).with_fill(Fill::Now)])
}

fn with_id(mut columns: Vec<Column>) -> Vec<Column> {
    columns.insert(0, Column::required("id", Id));
    columns
}

fn access_token(name: &str) -> ExtraColumn {
    ExtraColumn::text(name).with_fill(Fill::RandomHex(32)).required()
}

fn created(name: &str) -> ExtraColumn {
    ExtraColumn::time(name).with_fill(Fill::Now).required()
}

fn updated(name: &str, when: Updated) -> ExtraColumn {
    let column = ExtraColumn::time(name).required();
    if when == Updated::OnChange { column.refreshed() } else { column }
}
