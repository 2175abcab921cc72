//! The smaller adapters of Auth.js v5: Kysely, D1, Supabase, Hasura, Sequelize, MikroORM.

use vestibule_core::IdKind;

use super::{Profile, TableSpec, TextForm, TimeForm, Zone, authjs, prisma};
use crate::Dialect;
use crate::dialect::Family;

/// Four tables with the columns of Auth.js v5.
fn four(name: &'static str, id_kind: IdKind, tables: [&'static str; 4]) -> Profile {
    let [users, accounts, sessions, tokens] = tables;
    Profile::of(name, id_kind, TableSpec::new(users, authjs::users()))
        .accounts(TableSpec::new(accounts, authjs::accounts()))
        .sessions(TableSpec::new(sessions, authjs::sessions()))
        .verification_tokens(TableSpec::new(tokens, authjs::verification_tokens()))
}

const PLURAL: [&str; 4] = ["users", "accounts", "sessions", "verification_tokens"];

impl Profile {
    /// The tables of `@auth/kysely-adapter`: `User`, `Account`, `Session`, `VerificationToken`, with UUIDs.
    ///
    /// Points in time are `timestamptz` (PostgreSQL), `DATETIME(3)` on the wall of the zone that the Node process
    /// was in (MySQL; Coordinated Universal Time until [`with_time_zone`](Self::with_time_zone) says otherwise),
    /// or text such as `2031-01-02T03:04:05.678Z` (SQLite).
    pub fn kysely(dialect: Dialect) -> Self {
        let profile = four("kysely", IdKind::Uuid, ["User", "Account", "Session", "VerificationToken"]);
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::Text(TextForm::Iso)),
            _ => profile,
        }
    }

    /// The tables of `@auth/d1-adapter`: `users`, `accounts`, `sessions`, `verification_tokens`, with ids of text and
    /// dates as text such as `2031-01-02T03:04:05.678Z`.
    pub fn d1() -> Self {
        prisma::with_leftovers(four("d1", IdKind::Text, PLURAL))
            .with_time_forms(&TimeForm::Text(TextForm::Iso))
    }

    /// The tables of `@auth/supabase-adapter`, in the PostgreSQL schema `next_auth`, with UUIDs.
    pub fn supabase() -> Self {
        prisma::with_leftovers(four("supabase", IdKind::Uuid, PLURAL)).with_postgres_schema("next_auth")
    }

    /// The tables of `@auth/hasura-adapter`, with UUIDs. The types of accounts are those in `provider_type`.
    pub fn hasura() -> Self {
        four("hasura", IdKind::Uuid, PLURAL)
    }

    /// The tables of `@auth/sequelize-adapter`: columns in snake case, with UUIDs.
    ///
    /// Points in time are `timestamptz` (PostgreSQL), `datetime` of whole seconds in Coordinated Universal Time
    /// (MySQL), or text such as `2031-01-02 03:04:05.678 +00:00` (SQLite).
    pub fn sequelize(dialect: Dialect) -> Self {
        let profile = four("sequelize", IdKind::Uuid, PLURAL).with_snake_case();
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::Text(TextForm::SqlOffset)),
            Family::MySql => profile.with_time_forms(&TimeForm::WallSeconds(Zone::UTC)),
            Family::Mssql | Family::Postgres => profile,
        }
    }

    /// The tables of `@auth/mikro-orm-adapter`: `user`, `account`, `session`, `verification_token`, columns in snake
    /// case, with ids of text.
    ///
    /// Points in time are `timestamptz` (PostgreSQL), `datetime` of whole seconds on the wall of the zone that the
    /// Node process was in (MySQL; Coordinated Universal Time until [`with_time_zone`](Self::with_time_zone) says
    /// otherwise), or milliseconds since the epoch (SQLite).
    pub fn mikro_orm(dialect: Dialect) -> Self {
        let tables = ["user", "account", "session", "verification_token"];
        let profile = four("mikro-orm", IdKind::Text, tables).with_snake_case();
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::EpochMillis),
            Family::MySql => profile.with_time_forms(&TimeForm::WallSeconds(Zone::UTC)),
            Family::Mssql | Family::Postgres => profile,
        }
    }
}
