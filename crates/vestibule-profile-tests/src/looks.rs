//! How cells look in the tables of the originals, and what those call their tables.

use vestibule_sql::Table;

use crate::Cell;

/// What the tests write is at this time: 2031-01-02T03:04:05.678Z.
pub(crate) const TIMESTAMPTZ: (&str, &str) = ("timestamp with time zone", "2031-01-02 03:04:05.678+00");
pub(crate) const NAIVE: (&str, &str) = ("timestamp without time zone", "2031-01-02 03:04:05.678");
pub(crate) const SQLITE_MILLIS: (&str, &str) = ("integer", "1925089445678");
pub(crate) const SQLITE_SECONDS: (&str, &str) = ("integer", "1925089445");
pub(crate) const SQLITE_ISO_OFFSET: (&str, &str) = ("text", "2031-01-02T03:04:05.678+00:00");
pub(crate) const SQLITE_ISO: (&str, &str) = ("text", "2031-01-02T03:04:05.678Z");
pub(crate) const SQLITE_TYPEORM: (&str, &str) = ("text", "2031-01-02 03:04:05.678");
pub(crate) const SQLITE_SEQUELIZE: (&str, &str) = ("text", "2031-01-02 03:04:05.678 +00:00");
pub(crate) const PG_MILLIS_TEXT: (&str, &str) = ("character varying", "1925089445678");
pub(crate) const SQLITE_MILLIS_TEXT: (&str, &str) = ("text", "1925089445678");
pub(crate) const MYSQL_TIMESTAMP: (&str, &str) = ("timestamp", "2031-01-02 03:04:05");
pub(crate) const MYSQL_TIMESTAMP3: (&str, &str) = ("timestamp(3)", "2031-01-02 03:04:05.678");
pub(crate) const MYSQL_TIMESTAMP6: (&str, &str) = ("timestamp(6)", "2031-01-02 03:04:05.678000");
pub(crate) const MYSQL_DATETIME: (&str, &str) = ("datetime", "2031-01-02 03:04:05");
pub(crate) const MYSQL_DATETIME3: (&str, &str) = ("datetime(3)", "2031-01-02 03:04:05.678");
pub(crate) const MYSQL_MILLIS_TEXT: (&str, &str) = ("varchar(255)", "1925089445678");

/// The three times of Auth.js' tables.
pub(crate) const fn times(
    tables: [&'static str; 3],
    verified: &'static str,
    looks: (&'static str, &'static str),
) -> [Cell; 3] {
    [
        Cell::new(tables[0], verified, looks),
        Cell::new(tables[1], "expires", looks),
        Cell::new(tables[2], "expires", looks),
    ]
}

pub(crate) const PG: [&str; 3] = ["users", "sessions", "verification_token"];
pub(crate) const DRIZZLE: [&str; 3] = ["user", "session", "verificationToken"];
pub(crate) const DRIZZLE_PLURAL: [&str; 3] = ["users", "sessions", "verificationToken"];
pub(crate) const PRISMA: [&str; 3] = ["User", "Session", "VerificationToken"];
pub(crate) const TYPEORM: [&str; 3] = ["users", "sessions", "verification_tokens"];
pub(crate) const MIKRO_ORM: [&str; 3] = ["user", "session", "verification_token"];
pub(crate) const V3: [&str; 3] = ["users", "sessions", "verification_requests"];
pub(crate) const V3_PRISMA: [&str; 3] = ["User", "Session", "VerificationRequest"];
pub(crate) const VERIFIED: &str = "emailVerified";

pub(crate) const LUCIA3: &[(Table, &str)] =
    &[(Table::Users, "username"), (Table::Users, "email"), (Table::Sessions, "ip_country")];
pub(crate) const OTHER_NAMES: &[(Table, &str)] = &[(Table::Users, "users"), (Table::Sessions, "sessions")];
pub(crate) const LUCIA2: &[(Table, &str)] = &[(Table::Users, "username"), (Table::Sessions, "country")];

/// It is filled, and says nothing that the account does not.
pub(crate) const COMPOUND_ID: &[(Table, &str)] = &[(Table::Accounts, "compoundId")];

/// The three times of v3's tables, and what keeps an account unique: the hash of its provider and its id there.
pub(crate) const fn v3(looks: (&'static str, &'static str), text: &'static str) -> [Cell; 4] {
    const HASH: &str = "4fcc682b4c8e565797dc73dfa62205f731c9a68fbda71ec1f9f86f5fe6051b9f";
    let [verified, session, token] = times(V3, "email_verified", looks);
    [verified, session, token, Cell::new("accounts", "compound_id", (text, HASH))]
}

/// A session of Lucia v2, which is active for a day from its creation.
pub(crate) const fn lucia2(kind: &'static str) -> [Cell; 2] {
    [
        Cell::new("user_session", "active_expires", (kind, "1925175845678")),
        Cell::new("user_session", "idle_expires", (kind, "1925089445678")),
    ]
}
