//! The default tables of `@auth/drizzle-adapter`.

use vestibule_core::IdKind;

use super::{Column, Profile, Table, TableSpec, TimeForm, Zone, authjs};
use crate::Dialect;
use crate::dialect::Family;

impl Profile {
    /// The default tables of `@auth/drizzle-adapter`: `user`, `account`, `session`, `verificationToken`,
    /// `authenticator`, with ids of text.
    ///
    /// Points in time are dates without a zone, in Coordinated Universal Time (PostgreSQL and MySQL; there the
    /// sessions and tokens keep whole seconds), or milliseconds since the epoch (SQLite).
    pub fn drizzle(dialect: Dialect) -> Self {
        let without_id =
            |columns: Vec<Column>| columns.into_iter().filter(|column| column.field != "id").collect();
        let profile = Self::of("drizzle", IdKind::Text, TableSpec::new("user", authjs::users()))
            .accounts(TableSpec::new("account", without_id(authjs::accounts())))
            .sessions(TableSpec::new("session", without_id(authjs::sessions())))
            .verification_tokens(TableSpec::new("verificationToken", authjs::verification_tokens()))
            .authenticators(TableSpec::new("authenticator", authjs::authenticators()));
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::EpochMillis),
            Family::Mssql | Family::Postgres => profile.with_time_forms(&TimeForm::Wall(Zone::UTC)),
            Family::MySql => profile.with_time_forms(&TimeForm::WallSeconds(Zone::UTC)).with_time_form(
                Table::Users,
                "emailVerified",
                TimeForm::Wall(Zone::UTC),
            ),
        }
    }

    /// The tables of `@auth/drizzle-adapter` before 0.3: `users`, `accounts`, `sessions`, `verificationToken`.
    pub fn drizzle_plural(dialect: Dialect) -> Self {
        let mut profile = Self::drizzle(dialect)
            .with_table(Table::Users, "users")
            .with_table(Table::Accounts, "accounts")
            .with_table(Table::Sessions, "sessions")
            .without_table(Table::Authenticators);
        profile.name = "drizzle-plural".into();
        profile
    }
}
