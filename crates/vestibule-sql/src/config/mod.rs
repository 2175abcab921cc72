//! A profile in a configuration file: the section `[schema]`.
//!
//! [`ProfileConfig`] is what the section says, in any format that serde reads. It names a published profile, or
//! asks for the tables to be looked at, and says what differs from it:
//!
//! ```
//! use vestibule_sql::config::ProfileConfig;
//! use vestibule_sql::{Dialect, Profile, Table};
//!
//! let section: ProfileConfig = toml::from_str(
//!     r#"
//!     profile = "prisma"
//!     users = { name = "members", columns = { email = "mail" } }
//!     "#,
//! )?;
//!
//! let profile = section.build(Profile::prisma(Dialect::Postgres), Dialect::Postgres)?;
//!
//! assert_eq!(profile.table_name(Table::Users), Some("members"));
//! assert_eq!(profile.column_name(Table::Users, "email").as_deref(), Some("mail"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the format itself can see (unknown keys, a word that is none of those allowed) it reports, with the line.
//! The rest is reported by [`build`](ProfileConfig::build), each with the key that it comes from.

mod build;
mod describe;
mod section;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Table;
use words::{FillWord, FormWord, IdMakerWord, IdWord, KindWord};

/// What a configuration says about the tables; every key may be left out. Its `Debug` and its `Serialize` show all.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileConfig {
    /// The name of a published profile, or `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// The schema that holds the tables; empty is the search path's.
    #[serde(skip_serializing_if = "Option::is_none")]
    postgres_schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snake_case: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_kind: Option<IdWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row_id_kind: Option<IdWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid_session_tokens: Option<bool>,
    /// The zone of dates without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// For how many seconds sessions of Lucia v2 are active.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_period: Option<u64>,
    /// The extra column of the users that says since when they are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    soft_delete: Option<String>,
    /// The tables to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<TableWord>,
    // Tables last: in TOML what comes after one belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_maker: Option<IdMakerWord>,
    /// The form of every point in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<FormWord>,
    #[serde(skip_serializing_if = "TableConfig::is_empty")]
    users: TableConfig,
    #[serde(skip_serializing_if = "TableConfig::is_empty")]
    accounts: TableConfig,
    #[serde(skip_serializing_if = "TableConfig::is_empty")]
    sessions: TableConfig,
    #[serde(skip_serializing_if = "TableConfig::is_empty")]
    verification_tokens: TableConfig,
    #[serde(skip_serializing_if = "TableConfig::is_empty")]
    authenticators: TableConfig,
}

/// What a configuration says about one table: a section, or a text that is the name alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct TableConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The names of columns, by their names in Auth.js v5.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<String, String>,
    /// The forms of points in time, by column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    times: BTreeMap<String, FormWord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra: Vec<ExtraConfig>,
}

/// A column of the application's own.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
struct ExtraConfig {
    /// The key in `extra`.
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(default)]
    kind: KindWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Json>,
    #[serde(default, skip_serializing_if = "is_false")]
    refreshed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    if_there: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    hidden: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    required: bool,
    /// The form of a point in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<FormWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fill: Option<FillWord>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A table by its name in the configuration.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum TableWord {
    Accounts,
    Sessions,
    VerificationTokens,
    Authenticators,
}

impl TableWord {
    fn table(self) -> Table {
        match self {
            Self::Accounts => Table::Accounts,
            Self::Sessions => Table::Sessions,
            Self::VerificationTokens => Table::VerificationTokens,
            Self::Authenticators => Table::Authenticators,
        }
    }

    fn of(table: Table) -> Option<Self> {
        [Self::Accounts, Self::Sessions, Self::VerificationTokens, Self::Authenticators]
            .into_iter()
            .find(|word| word.table() == table)
    }
}

/// What is wrong with a configured profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema profile cannot be used: {}", listed(.0))]
pub struct ConfigError(pub Vec<ConfigProblem>);

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The key below the section, such as `users.columns.email` or `sessions.extra.0`.
    pub key: String,
    /// A sentence.
    pub message: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.key, self.message)
    }
}

fn listed(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl TableConfig {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ProfileConfig {
    /// The name of the published profile that it begins with, or `auto`; `None` if it does not say.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// What it says of each table, and how the section for it is called.
    fn tables(&self) -> [(Table, &'static str, &TableConfig); 5] {
        [
            (Table::Users, "users", &self.users),
            (Table::Accounts, "accounts", &self.accounts),
            (Table::Sessions, "sessions", &self.sessions),
            (Table::VerificationTokens, "verification_tokens", &self.verification_tokens),
            (Table::Authenticators, "authenticators", &self.authenticators),
        ]
    }

    fn table_mut(&mut self, table: Table) -> &mut TableConfig {
        match table {
            Table::Users => &mut self.users,
            Table::Accounts => &mut self.accounts,
            Table::Sessions => &mut self.sessions,
            Table::VerificationTokens => &mut self.verification_tokens,
            Table::Authenticators => &mut self.authenticators,
        }
    }
}
