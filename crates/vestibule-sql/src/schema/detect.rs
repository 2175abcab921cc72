//! Which published schema a database has, told from its tables and columns alone.
//!
//! Names of constraints are of no use: those of TypeORM are hashes.

use vestibule_core::IdKind;

use super::catalog::{self, Listed};
use super::rules::{self, Match};
use super::{SchemaError, ask};
use crate::dialect::Family;
use crate::{Dialect, Driver, Profile, Table};

/// A profile that was found by looking.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Detected {
    /// The profile, its id kinds and names as they were found.
    pub profile: Profile,
    /// What gave it away, in a sentence.
    pub reason: String,
}

impl Profile {
    /// Finds out which published schema a database has. A few round trips; changes nothing.
    ///
    /// It looks at the PostgreSQL schema that comes first in the search path, at `next_auth`, or at the database
    /// that the connection is in. Columns of the application's own are not declared, save for Lucia's attributes.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Undetected`] if no published schema fits, or several do; [`SchemaError::Store`] if the database
    /// cannot be asked.
    pub async fn detect(driver: &impl Driver) -> Result<Detected, SchemaError> {
        let dialect = driver.dialect();
        let listed = catalog::list(driver).await?;
        let mut found = rules::all(&listed, dialect);
        let (Some(best), true) = (found.pop(), found.is_empty()) else {
            return Err(SchemaError::Undetected { found: told(&listed, dialect) });
        };
        let Match { mut profile, mut reason } = best;
        if dialect.family() == Family::Sqlite {
            profile = by_cells(driver, profile, &mut reason).await?;
        }
        Ok(Detected { profile: with_ids(profile, &listed), reason })
    }
}

/// What to tell somebody whose tables are not known: which schemas fit, or which tables there are.
fn told(listed: &Listed, dialect: Dialect) -> String {
    let found = rules::all(listed, dialect);
    if found.is_empty() {
        let tables = listed.tables().collect::<Vec<_>>();
        return match &*tables {
            [] if dialect.family() == Family::Sqlite => "there are no tables".to_owned(),
            [] => "there are no tables, or none that may be seen here".to_owned(),
            tables => format!("no published schema has the tables {}", tables.join(", ")),
        };
    }
    let each = found.iter().map(|found| format!("{} ({})", found.profile.name(), found.reason));
    format!("several schemas are there at once: {}", each.collect::<Vec<_>>().join("; "))
}

/// The kinds of ids, by the types of their columns.
fn with_ids(mut profile: Profile, listed: &Listed) -> Profile {
    let kind = |profile: &Profile, table: Table, field: &str, usual: IdKind| {
        let column = profile.column_name(table, field)?;
        let type_name =
            listed.type_of(profile.postgres_schema.as_deref(), profile.table_name(table)?, &column)?;
        Some(match type_name.to_ascii_lowercase() {
            name if name.contains("int") || name.contains("serial") => IdKind::Serial,
            name if name == "uuid" || name == "uniqueidentifier" => IdKind::Uuid,
            _ if usual == IdKind::Serial => IdKind::Text,
            _ => usual,
        })
    };
    let users = kind(&profile, Table::Users, "id", profile.id_kind()).unwrap_or(profile.id_kind());
    let rows = [Table::Accounts, Table::Sessions, Table::VerificationTokens];
    let rows = rows.into_iter().find_map(|table| kind(&profile, table, "id", profile.row_id_kind()));
    let tokens = kind(&profile, Table::Sessions, "sessionToken", IdKind::Text);
    profile = profile.with_id_kind(users);
    if tokens == Some(IdKind::Uuid) {
        profile = profile.with_uuid_session_tokens();
    }
    match rows {
        Some(rows) if rows != users => profile.with_row_id_kind(rows),
        _ => profile,
    }
}

/// SQLite keeps whatever it is given: two schemas with the same columns are told apart by what stands in them.
async fn by_cells(
    driver: &impl Driver,
    profile: Profile,
    reason: &mut String,
) -> Result<Profile, SchemaError> {
    let other = match profile.name() {
        "nextauth-v3" => Profile::nextauth_v3_prisma_legacy(Dialect::Sqlite),
        "prisma" => Profile::prisma_iso8601(),
        _ => return Ok(profile),
    };
    let (is_text, holds) = match profile.name() {
        "prisma" => (true, "its dates are text"),
        _ => (false, "its dates are integers"),
    };
    for (table, field) in [
        (Table::Sessions, "expires"),
        (Table::VerificationTokens, "expires"),
        (Table::Users, "emailVerified"),
    ] {
        let rows = ask(driver, &catalog::class_of_newest(&profile, table, field), &[]).await?;
        let Some(class) = rows.first().map(|row| catalog::text(row, 0)) else { continue };
        if (class == "text") == is_text {
            reason.push_str("; ");
            reason.push_str(holds);
            return Ok(other);
        }
        break;
    }
    Ok(profile)
}
