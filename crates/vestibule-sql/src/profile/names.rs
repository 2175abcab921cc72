//! The profiles by name.

use super::Profile;
use crate::Dialect;
use crate::dialect::Family::{self, Mssql, MySql, Postgres, Sqlite};

/// A published profile: its name, the families of databases that its software supports, and how it is made.
struct Published {
    name: &'static str,
    families: &'static [Family],
    make: fn(Dialect) -> Profile,
}

const ALL: &[Family] = &[Mssql, MySql, Postgres, Sqlite];
const OPEN: &[Family] = &[MySql, Postgres, Sqlite];

const fn published(
    name: &'static str,
    families: &'static [Family],
    make: fn(Dialect) -> Profile,
) -> Published {
    Published { name, families, make }
}

const PUBLISHED: [Published; 23] = [
    published("authjs", ALL, |_| Profile::authjs()),
    published("better-auth", OPEN, Profile::better_auth),
    published("d1", &[Sqlite], |_| Profile::d1()),
    published("drizzle", OPEN, Profile::drizzle),
    published("drizzle-plural", OPEN, Profile::drizzle_plural),
    published("hasura", &[Postgres], |_| Profile::hasura()),
    published("kysely", OPEN, Profile::kysely),
    published("lucia", OPEN, Profile::lucia),
    published("lucia-v2", OPEN, Profile::lucia_v2),
    published("mikro-orm", OPEN, Profile::mikro_orm),
    published("nextauth-v3", ALL, Profile::nextauth_v3),
    published("nextauth-v3-migrated", &[MySql, Postgres], |_| Profile::nextauth_v3_migrated()),
    published("nextauth-v3-prisma", OPEN, Profile::nextauth_v3_prisma),
    published("nextauth-v3-prisma-legacy", OPEN, Profile::nextauth_v3_prisma_legacy),
    published("nextauth-v3-prisma-snake-case", OPEN, Profile::nextauth_v3_prisma_snake_case),
    published("prisma", ALL, Profile::prisma),
    published("prisma-iso8601", &[Sqlite], |_| Profile::prisma_iso8601()),
    published("prisma-snake-case", ALL, Profile::prisma_snake_case),
    published("sequelize", OPEN, Profile::sequelize),
    published("supabase", &[Postgres], |_| Profile::supabase()),
    published("typeorm", ALL, |_| Profile::typeorm()),
    published("typeorm-snake-case", ALL, |_| Profile::typeorm_snake_case()),
    published("vestibule", ALL, |_| Profile::authjs().with_authenticators("authenticators")),
];

impl Profile {
    /// The profile of this name, for a database; `None` if there is none of the name, or if the software that
    /// it is named after does not support the database.
    pub fn named(name: &str, dialect: Dialect) -> Option<Self> {
        let found = PUBLISHED.iter().find(|published| published.name == name)?;
        found.families.contains(&dialect.family()).then(|| (found.make)(dialect))
    }

    /// The names of all profiles for a database, in alphabetical order.
    pub fn names(dialect: Dialect) -> impl Iterator<Item = &'static str> {
        let there = PUBLISHED.iter().filter(move |published| published.families.contains(&dialect.family()));
        there.map(|published| published.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Table;

    #[test]
    fn with_passkeys_every_profile_needs_a_table_for_them() {
        for dialect in [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite] {
            for name in Profile::names(dialect) {
                let profile = Profile::named(name, dialect).unwrap();
                let table = profile.table_name(Table::Authenticators).map(str::to_owned);

                let profile = profile.with_passkeys().without_absent(|_, _, _| false);

                let needed = profile.table_name(Table::Authenticators);
                assert_eq!(needed, Some(table.as_deref().unwrap_or("authenticators")), "{name}");
            }
        }
    }

    #[test]
    fn every_name_names_a_profile_that_can_be_used() {
        for dialect in Dialect::ALL {
            for name in Profile::names(dialect) {
                let profile = Profile::named(name, dialect).unwrap();
                if dialect != Dialect::AuroraDsql {
                    assert_eq!(profile.check(dialect), Ok(()), "{name} {dialect:?}");
                }
                assert!(name == "vestibule" || profile.name() == name, "{name} {}", profile.name());
            }
        }
        assert!(Profile::named("supabase", Dialect::Sqlite).is_none());
        assert!(Profile::named("nothing", Dialect::Postgres).is_none());
    }

    #[test]
    fn names_are_in_order() {
        assert!(PUBLISHED.is_sorted_by_key(|published| published.name));
    }
}
