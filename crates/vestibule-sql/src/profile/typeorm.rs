//! The entities of `@auth/typeorm-adapter`, and of `@next-auth/typeorm-legacy-adapter` from version 1 on.

use vestibule_core::IdKind;

use super::ColumnKind::Id;
use super::{Column, Profile, TableSpec, TimeForm, authjs, prisma};

impl Profile {
    /// The entities of `@auth/typeorm-adapter`: `users`, `accounts`, `sessions`, `verification_tokens`, with UUIDs,
    /// and points in time as the decimal digits of milliseconds since the epoch.
    pub fn typeorm() -> Self {
        let mut tokens = authjs::verification_tokens();
        tokens.insert(0, Column::required("id", Id));
        let profile = Self::of("typeorm", IdKind::Uuid, TableSpec::new("users", authjs::users()))
            .accounts(TableSpec::new("accounts", authjs::accounts()))
            .sessions(TableSpec::new("sessions", authjs::sessions()))
            .verification_tokens(TableSpec::new("verification_tokens", tokens));
        prisma::with_leftovers(profile).with_time_forms(&TimeForm::EpochMillisText)
    }

    /// The same with TypeORM's `SnakeNamingStrategy`.
    pub fn typeorm_snake_case() -> Self {
        let mut profile = Self::typeorm().with_snake_case();
        profile.name = "typeorm-snake-case".into();
        profile
    }
}
