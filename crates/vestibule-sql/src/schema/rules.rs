//! The rules by which a published schema is recognized.

use super::catalog::Listed;
use crate::dialect::Family;
use crate::{Dialect, ExtraColumn, ExtraKind, Profile, Table};

/// A published schema that fits, and what gave it away.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) profile: Profile,
    pub(super) reason: String,
}

#[expect(clippy::unnecessary_wraps, reason = "it ends each rule")]
fn found(profile: Profile, reason: impl Into<String>) -> Option<Match> {
    Some(Match { profile, reason: reason.into() })
}

/// Every published schema that fits.
pub(super) fn all(listed: &Listed, dialect: Dialect) -> Vec<Match> {
    let rules = [nextauth_v3, nextauth_v3_prisma, singular, drizzle, capitals, plural, lucia, better_auth];
    rules.into_iter().filter_map(|rule| rule(listed, dialect)).collect()
}

/// `verification_requests` and `accounts.compound_id`, behind any prefix.
fn nextauth_v3(listed: &Listed, dialect: Dialect) -> Option<Match> {
    const TOKENS: &str = "verification_requests";
    let tokens = listed.tables().find(|table| table.ends_with(TOKENS))?;
    let prefix = &tokens[..tokens.len() - TOKENS.len()];
    if !listed.has(&format!("{prefix}accounts"), "compound_id") {
        return None;
    }
    let expires = listed.type_of(None, tokens, "expires")?;
    let by_prisma = match dialect.family() {
        Family::Postgres => expires.starts_with("timestamp") && expires.ends_with("without time zone"),
        Family::MySql => expires.starts_with("datetime"),
        // By what stands in the columns, later.
        Family::Mssql | Family::Sqlite => false,
    };
    let profile =
        if by_prisma { Profile::nextauth_v3_prisma_legacy(dialect) } else { Profile::nextauth_v3(dialect) };
    let reason =
        format!("{tokens}, and {prefix}accounts.compound_id, whose tokens expire in a column {expires}");
    let profile = if prefix.is_empty() { profile } else { profile.with_table_prefix(prefix) };
    found(profile, reason)
}

/// `VerificationRequest`, or `verification_requests` beside accounts without `compound_id`, where that is mapped.
fn nextauth_v3_prisma(listed: &Listed, dialect: Dialect) -> Option<Match> {
    if listed.has("verification_requests", "token")
        && listed.has("accounts", "provider_account_id")
        && !listed.has("accounts", "compound_id")
    {
        let reason = "verification_requests, and accounts.provider_account_id without compound_id";
        return found(Profile::nextauth_v3_prisma_snake_case(dialect), reason);
    }
    listed.has("VerificationRequest", "token").then_some(())?;
    found(Profile::nextauth_v3_prisma(dialect), "the table VerificationRequest")
}

/// `verification_token`: `@auth/pg-adapter` or MikroORM.
fn singular(listed: &Listed, dialect: Dialect) -> Option<Match> {
    listed.has("verification_token", "token").then_some(())?;
    if listed.has("users", "emailVerified") {
        return found(Profile::authjs(), "verification_token, and users.emailVerified");
    }
    listed.has("user", "email_verified").then_some(())?;
    found(Profile::mikro_orm(dialect), "verification_token, and user.email_verified")
}

fn drizzle(listed: &Listed, dialect: Dialect) -> Option<Match> {
    listed.has("verificationToken", "token").then_some(())?;
    if listed.has("user", "emailVerified") {
        return found(Profile::drizzle(dialect), "verificationToken, and user.emailVerified");
    }
    listed.has("users", "emailVerified").then_some(())?;
    found(Profile::drizzle_plural(dialect), "verificationToken, and users.emailVerified")
}

/// `VerificationToken`: Prisma or Kysely.
fn capitals(listed: &Listed, dialect: Dialect) -> Option<Match> {
    let expires = listed.type_of(None, "VerificationToken", "expires")?;
    let by_kysely = match dialect.family() {
        Family::Postgres => expires.ends_with("with time zone"),
        Family::MySql => {
            listed.type_of(None, "User", "id").is_some_and(|id| id == "varchar(36)" || id == "char(36)")
        }
        Family::Sqlite => expires.eq_ignore_ascii_case("text"),
        Family::Mssql => false,
    };
    let reason = format!("VerificationToken, whose column expires is {expires}");
    found(if by_kysely { Profile::kysely(dialect) } else { Profile::prisma(dialect) }, reason)
}

/// `verification_tokens`: most of the others.
fn plural(listed: &Listed, dialect: Dialect) -> Option<Match> {
    const TOKENS: &str = "verification_tokens";
    if listed.is_in("next_auth", TOKENS) {
        return found(Profile::supabase(), "the schema next_auth");
    }
    let expires = listed.type_of(None, TOKENS, "expires")?.to_ascii_lowercase();
    let reason = |and: &str| format!("{TOKENS}, whose column expires is {expires}, {and}");
    let snake = listed.has("users", "email_verified");
    if expires.contains("char") || (expires == "text" && dialect.family() != Family::Sqlite) {
        let counted = listed.type_of(None, "users", "id").is_some_and(|id| id.to_lowercase().contains("int"));
        return match (counted, snake) {
            (true, _) => found(Profile::nextauth_v3_migrated(), reason("and users.id, which counts")),
            (false, true) => found(Profile::typeorm_snake_case(), reason("and users.email_verified")),
            (false, false) => found(Profile::typeorm(), reason("and users.emailVerified")),
        };
    }
    if !snake {
        listed.has("users", "emailVerified").then_some(())?;
        return match dialect.family() {
            Family::Sqlite => found(Profile::d1(), reason("and users.emailVerified")),
            _ if listed.has("provider_type", "value") => {
                found(Profile::hasura(), reason("and provider_type"))
            }
            Family::Postgres => {
                let mut profile = Profile::supabase();
                profile.postgres_schema = None;
                found(profile, reason("and users.emailVerified"))
            }
            Family::Mssql | Family::MySql => None,
        };
    }
    let by_prisma = match dialect.family() {
        Family::Postgres => expires.ends_with("without time zone"),
        Family::MySql => expires == "datetime(3)",
        Family::Sqlite => {
            !listed.type_of(None, "users", "id").is_some_and(|id| id.eq_ignore_ascii_case("uuid"))
        }
        Family::Mssql => true,
    };
    if by_prisma {
        return found(Profile::prisma_snake_case(dialect), reason("and users.email_verified"));
    }
    found(Profile::sequelize(dialect), reason("and users.email_verified"))
}

/// A table of sessions by their columns, whatever it is called.
fn lucia(listed: &Listed, dialect: Dialect) -> Option<Match> {
    let has = |table: &str, columns: &[&str]| columns.iter().all(|column| listed.has(table, column));
    let of_v2 =
        listed.tables().find(|table| has(table, &["id", "user_id", "active_expires", "idle_expires"]));
    // Applications have other tables with these columns, so one that is called a session goes first.
    let is_v3 = |table: &&str| has(table, &["id", "user_id", "expires_at"]) && !listed.has(table, "provider");
    let of_v3 = listed.tables().filter(is_v3).find(|table| table.to_lowercase().contains("session"));
    let of_v3 = of_v3.or_else(|| listed.tables().find(is_v3));
    let (sessions, base, reason) = match (of_v2, of_v3) {
        (Some(table), _) => (table, Profile::lucia_v2(dialect), "active_expires and idle_expires"),
        (None, Some(table)) => (table, Profile::lucia(dialect), "id, user_id and expires_at"),
        (None, None) => return None,
    };
    let usual = ["auth_user", "user", "users"];
    let users = usual.into_iter().find(|table| listed.has(table, "id"))?;
    let mut profile = base.with_table(Table::Users, users).with_table(Table::Sessions, sessions);
    if of_v2.is_some() {
        let keys = listed.tables().find(|table| has(table, &["id", "user_id", "hashed_password"]));
        profile = match keys {
            Some(keys) => profile.with_table(Table::Accounts, keys),
            None => profile.without_table(Table::Accounts),
        };
    }
    for (table, name) in [(Table::Users, users), (Table::Sessions, sessions)] {
        for (column, type_name) in listed.columns(name) {
            let known = profile.has_column_named(table, column);
            if !known {
                profile =
                    profile.with_extra_column(table, ExtraColumn::new(column, kind_of(dialect, type_name)));
            }
        }
    }
    found(profile, format!("the columns {reason} of {sessions}"))
}

/// What an attribute of a type travels as.
fn kind_of(dialect: Dialect, type_name: &str) -> ExtraKind {
    let name = type_name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if name.starts_with("bool") || name == "tinyint(1)" || name == "bit" {
        ExtraKind::Bool
    } else if has(&["char", "text", "clob", "uuid", "uniqueidentifier", "enum"]) && name != "uuid" {
        ExtraKind::Text
    } else if has(&["json"]) {
        ExtraKind::Json
    } else if name.contains("int") && !name.contains("interval") && !name.contains("point") {
        ExtraKind::Int
    } else if has(&["double", "real", "float"]) {
        ExtraKind::Real
    } else if name.contains("with time zone") && name.starts_with("timestamp") {
        ExtraKind::Time
    } else if dialect.family() == Family::Postgres && name.starts_with("timestamp") {
        ExtraKind::TimeAs(crate::TimeForm::Wall(crate::Zone::UTC))
    } else if has(&["datetime", "timestamp"]) {
        ExtraKind::Time
    } else if dialect.family() == Family::Postgres {
        ExtraKind::Typed(type_name.into())
    } else {
        ExtraKind::Text
    }
}

fn better_auth(listed: &Listed, dialect: Dialect) -> Option<Match> {
    (listed.has("verification", "value") && listed.has("account", "providerId")).then_some(())?;
    found(Profile::better_auth(dialect), "verification.value, and account.providerId")
}
