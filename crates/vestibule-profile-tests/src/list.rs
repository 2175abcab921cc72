//! The list.

use crate::features as lacks;
use crate::looks::{
    COMPOUND_ID, DRIZZLE, DRIZZLE_PLURAL, LUCIA2, LUCIA3, MIKRO_ORM, MYSQL_DATETIME, MYSQL_DATETIME3,
    MYSQL_MILLIS_TEXT, MYSQL_TIMESTAMP, MYSQL_TIMESTAMP3, MYSQL_TIMESTAMP6, NAIVE, OTHER_NAMES, PG,
    PG_MILLIS_TEXT, PRISMA, SQLITE_ISO, SQLITE_ISO_OFFSET, SQLITE_MILLIS, SQLITE_MILLIS_TEXT, SQLITE_SECONDS,
    SQLITE_SEQUELIZE, SQLITE_TYPEORM, TIMESTAMPTZ, TYPEORM, V3, V3_PRISMA, VERIFIED, lucia2, times, v3,
};
use crate::{Cell, Database, Encoding, Entry};
use vestibule_core::IdKind;
use vestibule_sql::Table;

use Database::{MariaDb, MySql, Postgres, Sqlite};

/// A dump with rows.
const fn dump(name: &'static str, profile: &'static str, database: Database, tables: &'static str) -> Entry {
    Entry {
        name,
        profile,
        database,
        renamed: &[],
        attributes: &[],
        unread: &[],
        tables,
        has_rows: true,
        schema: None,
        kept: &[],
        original: None,
        without: &[],
        cells: &[],
        beside: &[],
        ids: None,
        uuid_tokens: false,
    }
}

/// Tables without rows.
const fn ddl(name: &'static str, profile: &'static str, database: Database, tables: &'static str) -> Entry {
    Entry { has_rows: false, ..dump(name, profile, database, tables) }
}

impl Entry {
    const fn without(self, without: &'static [vestibule_conformance::Feature]) -> Self {
        Self { without, ..self }
    }

    const fn renamed(self, renamed: &'static [(Table, &'static str)]) -> Self {
        Self { renamed, ..self }
    }

    const fn in_schema(self, schema: &'static str) -> Self {
        Self { schema: Some(schema), ..self }
    }

    const fn keeping(self, kept: &'static [&'static str]) -> Self {
        Self { kept, ..self }
    }

    const fn read_by(self, original: &'static str) -> Self {
        Self { original: Some(original), ..self }
    }

    const fn attributes(self, attributes: &'static [(Table, &'static str)]) -> Self {
        Self { attributes, ..self }
    }

    const fn unread(self, unread: &'static [(Table, &'static str)]) -> Self {
        Self { unread, ..self }
    }

    const fn cells(self, cells: &'static [Cell]) -> Self {
        Self { cells, ..self }
    }

    const fn with_ids(self, ids: IdKind) -> Self {
        Self { ids: Some(ids), ..self }
    }

    const fn with_uuid_tokens(self) -> Self {
        Self { uuid_tokens: true, ..self }
    }

    const fn beside(self, beside: &'static [Encoding]) -> Self {
        Self { beside, ..self }
    }
}

/// Every profile on every database that there is a fixture for.
pub const ENTRIES: &[Entry] = &[
    dump("authjs-pg", "authjs", Postgres, "dumps/authjs/authjs-pg.postgres.sql")
        .read_by("pg")
        .without(lacks::PG)
        .cells(&times(PG, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-pg-clean", "authjs", Postgres, "dumps/authjs/authjs-pg-clean.postgres.sql")
        .read_by("pg")
        .without(lacks::PG)
        .cells(&times(PG, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-neon", "authjs", Postgres, "dumps/authjs/authjs-neon.postgres.sql")
        .read_by("pg")
        .without(lacks::NEON)
        .cells(&times(PG, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-neon-clean", "authjs", Postgres, "dumps/authjs/authjs-neon-clean.postgres.sql")
        .read_by("pg")
        .without(lacks::NEON)
        .cells(&times(PG, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-drizzle.postgres", "drizzle", Postgres, "dumps/authjs/authjs-drizzle.postgres.sql")
        .read_by("drizzle")
        .without(lacks::DRIZZLE_PG)
        .cells(&times(DRIZZLE, VERIFIED, NAIVE)),
    dump("authjs-drizzle.mysql", "drizzle", MariaDb, "dumps/authjs/authjs-drizzle.mysql.sql")
        .read_by("drizzle")
        .without(lacks::DRIZZLE_MYSQL)
        .cells(&[
            Cell::new("user", VERIFIED, MYSQL_TIMESTAMP3),
            Cell::new("session", "expires", MYSQL_TIMESTAMP),
            Cell::new("verificationToken", "expires", MYSQL_TIMESTAMP),
        ]),
    dump("authjs-drizzle.sqlite", "drizzle", Sqlite, "dumps/authjs/authjs-drizzle.sqlite")
        .read_by("drizzle")
        .without(lacks::DRIZZLE_SQLITE)
        .cells(&times(DRIZZLE, VERIFIED, SQLITE_MILLIS)),
    dump(
        "authjs-drizzle-plural.postgres",
        "drizzle-plural",
        Postgres,
        "dumps/authjs/authjs-drizzle-plural.postgres.sql",
    )
    .read_by("drizzle-plural")
    .without(lacks::DRIZZLE_PLURAL_PG)
    .cells(&times(DRIZZLE_PLURAL, VERIFIED, NAIVE)),
    dump(
        "authjs-drizzle-plural.mysql",
        "drizzle-plural",
        MariaDb,
        "dumps/authjs/authjs-drizzle-plural.mysql.sql",
    )
    .read_by("drizzle-plural")
    .without(lacks::DRIZZLE_PLURAL_MYSQL)
    .cells(&[
        Cell::new("users", VERIFIED, MYSQL_TIMESTAMP3),
        Cell::new("sessions", "expires", MYSQL_TIMESTAMP),
        Cell::new("verificationToken", "expires", MYSQL_TIMESTAMP),
    ]),
    dump(
        "authjs-drizzle-plural.sqlite",
        "drizzle-plural",
        Sqlite,
        "dumps/authjs/authjs-drizzle-plural.sqlite",
    )
    .read_by("drizzle-plural")
    .without(lacks::DRIZZLE_PLURAL)
    .cells(&times(DRIZZLE_PLURAL, VERIFIED, SQLITE_MILLIS)),
    dump("authjs-prisma.postgres", "prisma", Postgres, "dumps/authjs/authjs-prisma.postgres.sql")
        .without(lacks::PRISMA_PG)
        .cells(&times(PRISMA, VERIFIED, NAIVE)),
    dump("authjs-prisma.mysql", "prisma", MariaDb, "dumps/authjs/authjs-prisma.mysql.sql")
        .attributes(&[(Table::Users, "username")])
        .without(lacks::PRISMA_MYSQL)
        .cells(&times(PRISMA, VERIFIED, MYSQL_DATETIME3)),
    dump(
        "authjs-prisma.iso8601.sqlite",
        "prisma-iso8601",
        Sqlite,
        "dumps/authjs/authjs-prisma.iso8601.sqlite",
    )
    .without(lacks::PRISMA_SQLITE)
    .cells(&times(PRISMA, VERIFIED, SQLITE_ISO_OFFSET))
    .beside(&[Encoding::Millis, Encoding::Default]),
    dump(
        "authjs-prisma.unixepoch-ms.sqlite",
        "prisma",
        Sqlite,
        "dumps/authjs/authjs-prisma.unixepoch-ms.sqlite",
    )
    .without(lacks::PRISMA_SQLITE)
    .cells(&times(PRISMA, VERIFIED, SQLITE_MILLIS))
    .beside(&[Encoding::Default, Encoding::IsoOffset]),
    dump("authjs-typeorm.postgres", "typeorm", Postgres, "dumps/authjs/authjs-typeorm.postgres.sql")
        .read_by("typeorm")
        .without(lacks::TYPEORM_PG)
        .cells(&times(TYPEORM, VERIFIED, PG_MILLIS_TEXT)),
    dump("authjs-typeorm.mysql", "typeorm", MariaDb, "dumps/authjs/authjs-typeorm.mysql.sql")
        .read_by("typeorm")
        .without(lacks::TYPEORM_MYSQL)
        .cells(&times(TYPEORM, VERIFIED, MYSQL_MILLIS_TEXT)),
    dump("authjs-typeorm.sqlite", "typeorm", Sqlite, "dumps/authjs/authjs-typeorm.sqlite")
        .read_by("typeorm")
        .without(lacks::TYPEORM_SQLITE)
        .cells(&times(TYPEORM, VERIFIED, SQLITE_MILLIS_TEXT)),
    dump(
        "authjs-typeorm-snake.postgres",
        "typeorm-snake-case",
        Postgres,
        "dumps/authjs/authjs-typeorm-snake.postgres.sql",
    )
    .read_by("typeorm-snake")
    .without(lacks::TYPEORM_PG)
    .cells(&times(TYPEORM, "email_verified", PG_MILLIS_TEXT)),
    dump(
        "authjs-typeorm-snake.mysql",
        "typeorm-snake-case",
        MariaDb,
        "dumps/authjs/authjs-typeorm-snake.mysql.sql",
    )
    .read_by("typeorm-snake")
    .without(lacks::TYPEORM_MYSQL)
    .cells(&times(TYPEORM, "email_verified", MYSQL_MILLIS_TEXT)),
    dump(
        "authjs-typeorm-snake.sqlite",
        "typeorm-snake-case",
        Sqlite,
        "dumps/authjs/authjs-typeorm-snake.sqlite",
    )
    .read_by("typeorm-snake")
    .without(lacks::TYPEORM_SQLITE)
    .cells(&times(TYPEORM, "email_verified", SQLITE_MILLIS_TEXT)),
    dump("authjs-kysely.postgres", "kysely", Postgres, "dumps/authjs/authjs-kysely.postgres.sql")
        .read_by("kysely")
        .without(lacks::KYSELY)
        .cells(&times(PRISMA, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-kysely.mysql", "kysely", MariaDb, "dumps/authjs/authjs-kysely.mysql.sql")
        .read_by("kysely")
        .without(lacks::KYSELY_MYSQL)
        .cells(&times(PRISMA, VERIFIED, MYSQL_DATETIME3)),
    dump("authjs-kysely.sqlite", "kysely", Sqlite, "dumps/authjs/authjs-kysely.sqlite")
        .read_by("kysely")
        .without(lacks::KYSELY)
        .cells(&times(PRISMA, VERIFIED, SQLITE_ISO)),
    dump("authjs-sequelize.postgres", "sequelize", Postgres, "dumps/authjs/authjs-sequelize.postgres.sql")
        .read_by("sequelize")
        .without(lacks::SEQUELIZE)
        .cells(&times(TYPEORM, "email_verified", TIMESTAMPTZ)),
    dump("authjs-sequelize.mysql", "sequelize", MariaDb, "dumps/authjs/authjs-sequelize.mysql.sql")
        .read_by("sequelize")
        .without(lacks::SEQUELIZE_MYSQL)
        .cells(&times(TYPEORM, "email_verified", MYSQL_DATETIME)),
    dump("authjs-sequelize.sqlite", "sequelize", Sqlite, "dumps/authjs/authjs-sequelize.sqlite")
        .without(lacks::SEQUELIZE_SQLITE)
        .cells(&times(TYPEORM, "email_verified", SQLITE_SEQUELIZE)),
    dump("authjs-mikro-orm.postgres", "mikro-orm", Postgres, "dumps/authjs/authjs-mikro-orm.postgres.sql")
        .read_by("mikro-orm")
        .without(lacks::MIKRO_ORM)
        .cells(&times(MIKRO_ORM, "email_verified", TIMESTAMPTZ)),
    dump("authjs-mikro-orm.mysql", "mikro-orm", MariaDb, "dumps/authjs/authjs-mikro-orm.mysql.sql")
        .read_by("mikro-orm")
        .without(lacks::MIKRO_ORM_MYSQL)
        .cells(&times(MIKRO_ORM, "email_verified", MYSQL_DATETIME)),
    dump("authjs-mikro-orm.sqlite", "mikro-orm", Sqlite, "dumps/authjs/authjs-mikro-orm.sqlite")
        .read_by("mikro-orm")
        .without(lacks::MIKRO_ORM_SQLITE)
        .cells(&times(MIKRO_ORM, "email_verified", SQLITE_MILLIS)),
    dump("authjs-d1.sqlite", "d1", Sqlite, "dumps/authjs/authjs-d1.sqlite")
        .read_by("d1")
        .without(lacks::D1)
        .cells(&times(TYPEORM, VERIFIED, SQLITE_ISO)),
    dump("authjs-supabase.postgres", "supabase", Postgres, "dumps/authjs/authjs-supabase.postgres.sql")
        .in_schema("next_auth")
        .read_by("supabase")
        .without(lacks::SUPABASE)
        .cells(&times(TYPEORM, VERIFIED, TIMESTAMPTZ)),
    dump("authjs-hasura.postgres", "hasura", Postgres, "dumps/authjs/authjs-hasura.postgres.sql")
        .keeping(&["provider_type"])
        .read_by("hasura")
        .without(lacks::HASURA)
        .cells(&times(TYPEORM, VERIFIED, TIMESTAMPTZ)),
    dump("v3-typeorm.postgres", "nextauth-v3", Postgres, "dumps/nextauth-v3/v3-typeorm.postgres.sql")
        .read_by("v3-typeorm")
        .unread(COMPOUND_ID)
        .without(lacks::V3_TYPEORM)
        .cells(&v3(TIMESTAMPTZ, "character varying")),
    dump("v3-typeorm.mysql", "nextauth-v3", MariaDb, "dumps/nextauth-v3/v3-typeorm.mysql.sql")
        .read_by("v3-typeorm")
        .unread(COMPOUND_ID)
        .without(lacks::V3_TYPEORM_MYSQL)
        .cells(&v3(MYSQL_TIMESTAMP6, "varchar(255)")),
    dump("v3-typeorm.sqlite", "nextauth-v3", Sqlite, "dumps/nextauth-v3/v3-typeorm.sqlite")
        .read_by("v3-typeorm")
        .unread(COMPOUND_ID)
        .without(lacks::V3_TYPEORM)
        .cells(&v3(SQLITE_TYPEORM, "text")),
    dump(
        "v3-typeorm-migrated-by-official-v4-guide.postgres",
        "nextauth-v3-migrated",
        Postgres,
        "dumps/nextauth-v3/v3-typeorm-migrated-by-official-v4-guide.postgres.sql",
    )
    .without(lacks::V3_GUIDED)
    .cells(&times(TYPEORM, VERIFIED, ("text", "1925089445678"))),
    dump(
        "v3-typeorm-migrated-as-the-v4-guide-means.mysql",
        "nextauth-v3-migrated",
        MariaDb,
        "dumps/nextauth-v3/v3-typeorm-migrated-as-the-v4-guide-means.mysql.sql",
    )
    .without(lacks::V3_GUIDED_MYSQL)
    .cells(&times(TYPEORM, VERIFIED, MYSQL_MILLIS_TEXT)),
    dump(
        "v3legacy-prisma.postgres",
        "nextauth-v3-prisma-legacy",
        Postgres,
        "dumps/nextauth-v3/v3legacy-prisma.postgres.sql",
    )
    .read_by("v3-prisma-legacy")
    .unread(COMPOUND_ID)
    .without(lacks::V3_TYPEORM)
    .cells(&v3(NAIVE, "text")),
    dump(
        "v3legacy-prisma.sqlite",
        "nextauth-v3-prisma-legacy",
        Sqlite,
        "dumps/nextauth-v3/v3legacy-prisma.sqlite",
    )
    .read_by("v3-prisma-legacy")
    .unread(COMPOUND_ID)
    .without(lacks::V3_TYPEORM)
    .cells(&v3(SQLITE_MILLIS, "text")),
    dump(
        "v3legacy-prisma.mysql",
        "nextauth-v3-prisma-legacy",
        MariaDb,
        "dumps/nextauth-v3/v3legacy-prisma.mysql.sql",
    )
    .read_by("v3-prisma-legacy")
    .unread(COMPOUND_ID)
    .without(lacks::V3_LEGACY_MYSQL)
    .cells(&v3(MYSQL_DATETIME3, "varchar(191)")),
    dump(
        "v3new-prisma.postgres",
        "nextauth-v3-prisma",
        Postgres,
        "dumps/nextauth-v3/v3new-prisma.postgres.sql",
    )
    .read_by("v3-prisma")
    .without(lacks::V3_PRISMA)
    .cells(&times(V3_PRISMA, VERIFIED, NAIVE)),
    dump("v3new-prisma.mysql", "nextauth-v3-prisma", MariaDb, "dumps/nextauth-v3/v3new-prisma.mysql.sql")
        .read_by("v3-prisma")
        .without(lacks::V3_PRISMA_MYSQL)
        .cells(&times(V3_PRISMA, VERIFIED, MYSQL_DATETIME3)),
    dump("v3new-prisma.sqlite", "nextauth-v3-prisma", Sqlite, "dumps/nextauth-v3/v3new-prisma.sqlite")
        .read_by("v3-prisma")
        .without(lacks::V3_PRISMA)
        .cells(&times(V3_PRISMA, VERIFIED, SQLITE_MILLIS)),
    dump(
        "v3new-prisma-mapped.postgres",
        "nextauth-v3-prisma-snake-case",
        Postgres,
        "dumps/nextauth-v3/v3new-prisma-mapped.postgres.sql",
    )
    .read_by("v3-prisma-mapped")
    .without(lacks::V3_PRISMA)
    .cells(&times(V3, "email_verified", NAIVE)),
    dump(
        "v3new-prisma-mapped.mysql",
        "nextauth-v3-prisma-snake-case",
        MariaDb,
        "dumps/nextauth-v3/v3new-prisma-mapped.mysql.sql",
    )
    .read_by("v3-prisma-mapped")
    .without(lacks::V3_PRISMA_MYSQL)
    .cells(&times(V3, "email_verified", MYSQL_DATETIME3)),
    dump(
        "v3new-prisma-mapped.sqlite",
        "nextauth-v3-prisma-snake-case",
        Sqlite,
        "dumps/nextauth-v3/v3new-prisma-mapped.sqlite",
    )
    .read_by("v3-prisma-mapped")
    .without(lacks::V3_PRISMA)
    .cells(&times(V3, "email_verified", SQLITE_MILLIS)),
    dump(
        "authjs-prisma-snake.postgres",
        "prisma-snake-case",
        Postgres,
        "dumps/authjs/authjs-prisma-snake.postgres.sql",
    )
    .read_by("prisma-snake")
    .without(lacks::PRISMA_SNAKE)
    .cells(&times(TYPEORM, "email_verified", NAIVE)),
    dump(
        "authjs-prisma-snake.mysql",
        "prisma-snake-case",
        MariaDb,
        "dumps/authjs/authjs-prisma-snake.mysql.sql",
    )
    .read_by("prisma-snake")
    .without(lacks::PRISMA_SNAKE_MYSQL)
    .cells(&times(TYPEORM, "email_verified", MYSQL_DATETIME3)),
    dump(
        "authjs-prisma-snake.sqlite",
        "prisma-snake-case",
        Sqlite,
        "dumps/authjs/authjs-prisma-snake.sqlite",
    )
    .read_by("prisma-snake")
    .without(lacks::PRISMA_SNAKE_SQLITE)
    .cells(&times(TYPEORM, "email_verified", SQLITE_MILLIS)),
    dump("lucia3.postgres", "lucia", Postgres, "dumps/lucia/lucia3-pg.postgres.sql")
        .attributes(LUCIA3)
        .without(lacks::LUCIA3)
        .cells(&[Cell::new("user_session", "expires_at", TIMESTAMPTZ)]),
    dump("lucia3-neon-http.postgres", "lucia", Postgres, "dumps/lucia/lucia3-neon_http.postgres.sql")
        .attributes(LUCIA3)
        .without(lacks::LUCIA3)
        .cells(&[Cell::new("user_session", "expires_at", TIMESTAMPTZ)]),
    dump("lucia3.mysql", "lucia", MariaDb, "dumps/lucia/lucia3.mysql.sql")
        .attributes(LUCIA3)
        .without(lacks::LUCIA3_MYSQL)
        .cells(&[Cell::new("user_session", "expires_at", MYSQL_DATETIME)]),
    dump("lucia3.sqlite", "lucia", Sqlite, "dumps/lucia/lucia3.sqlite")
        .attributes(LUCIA3)
        .without(lacks::LUCIA3)
        .cells(&[Cell::new("session", "expires_at", SQLITE_SECONDS)]),
    ddl("lucia3-serial.postgres", "lucia", Postgres, "published/lucia-serial.postgres.sql")
        .attributes(LUCIA3)
        .renamed(OTHER_NAMES)
        .with_ids(IdKind::Serial)
        .without(lacks::LUCIA3_SERIAL)
        .cells(&[Cell::new("sessions", "expires_at", TIMESTAMPTZ)]),
    ddl("lucia3-serial.mysql", "lucia", MariaDb, "published/lucia-serial.mysql.sql")
        .attributes(LUCIA3)
        .renamed(OTHER_NAMES)
        .with_ids(IdKind::Serial)
        .without(lacks::LUCIA3_SERIAL_MYSQL)
        .cells(&[Cell::new("sessions", "expires_at", MYSQL_DATETIME)]),
    ddl("lucia3-serial.sqlite", "lucia", Sqlite, "published/lucia-serial.sqlite.sql")
        .attributes(LUCIA3)
        .renamed(OTHER_NAMES)
        .with_ids(IdKind::Serial)
        .without(lacks::LUCIA3_SERIAL)
        .cells(&[Cell::new("sessions", "expires_at", SQLITE_SECONDS)]),
    ddl("lucia3-uuid.postgres", "lucia", Postgres, "published/lucia-uuid.postgres.sql")
        .attributes(LUCIA3)
        .with_ids(IdKind::Uuid)
        .with_uuid_tokens()
        .without(lacks::LUCIA3_UUID)
        .cells(&[Cell::new("user_session", "expires_at", TIMESTAMPTZ)]),
    ddl("lucia3-uuid.mariadb", "lucia", MariaDb, "published/lucia-uuid.mariadb.sql")
        .attributes(LUCIA3)
        .with_ids(IdKind::Uuid)
        .with_uuid_tokens()
        .without(lacks::LUCIA3_UUID)
        .cells(&[Cell::new("user_session", "expires_at", MYSQL_DATETIME)]),
    ddl("lucia3-uuid.sqlite", "lucia", Sqlite, "published/lucia-uuid.sqlite.sql")
        .attributes(LUCIA3)
        .with_ids(IdKind::Uuid)
        .with_uuid_tokens()
        .without(lacks::LUCIA3_UUID)
        .cells(&[Cell::new("session", "expires_at", SQLITE_SECONDS)]),
    dump("lucia2.postgres", "lucia-v2", Postgres, "dumps/lucia/lucia2-pg.postgres.sql")
        .attributes(LUCIA2)
        .without(lacks::LUCIA2)
        .cells(&lucia2("bigint")),
    dump("lucia2.mysql", "lucia-v2", MariaDb, "dumps/lucia/lucia2.mysql.sql")
        .attributes(LUCIA2)
        .renamed(&[(Table::Users, "auth_user")])
        .without(lacks::LUCIA2_MYSQL)
        .cells(&lucia2("bigint(20) unsigned")),
    dump("lucia2.sqlite", "lucia-v2", Sqlite, "dumps/lucia/lucia2.sqlite")
        .attributes(LUCIA2)
        .without(lacks::LUCIA2)
        .cells(&lucia2("integer")),
    dump(
        "lucia2-migrated-by-official-v3-guide.postgres",
        "lucia",
        Postgres,
        "dumps/lucia/lucia2-migrated-by-official-v3-guide.postgres.sql",
    )
    .attributes(LUCIA2)
    .without(lacks::LUCIA)
    .cells(&[Cell::new("user_session", "expires_at", TIMESTAMPTZ)]),
    dump("better-auth.postgres", "better-auth", Postgres, "dumps/better-auth/better-auth.postgres.sql")
        .without(lacks::BETTER_AUTH)
        .cells(&[Cell::new("session", "expiresAt", TIMESTAMPTZ)]),
    dump("better-auth.mysql", "better-auth", MariaDb, "dumps/better-auth/better-auth.mysql.sql")
        .without(lacks::BETTER_AUTH_MYSQL)
        .cells(&[Cell::new("session", "expiresAt", MYSQL_TIMESTAMP3)]),
    dump("better-auth.sqlite", "better-auth", Sqlite, "dumps/better-auth/better-auth.sqlite")
        .without(lacks::BETTER_AUTH)
        .cells(&[Cell::new("session", "expiresAt", SQLITE_ISO)]),
];

/// The list, and once more on MySQL what is there for MariaDB, the type apart that only MariaDB has.
pub fn all() -> Vec<Entry> {
    let is_for_both = |entry: &&Entry| entry.database == MariaDb && !entry.uuid_tokens;
    let on_mysql = ENTRIES.iter().filter(is_for_both).map(|entry| Entry { database: MySql, ..*entry });
    ENTRIES.iter().copied().chain(on_mysql).collect()
}
