//! The tables themselves: what a fresh schema looks like, and whether the tables that are there fit a profile.
//!
//! Nothing here drops or changes what is there. [`Report::additions`] only ever adds.

mod catalog;
mod create;
mod definition;
mod detect;
mod lax;
mod rebuild;
mod report;
mod rules;

use vestibule_core::AdapterError;

pub use create::create;
pub use detect::Detected;
pub use report::{Finding, Report, SchemaError};

use crate::{
    Access, Dialect, Driver, DriverError, ParamType, Profile, ProfileError, Row, Statement, Table, Value,
};

/// Which constraints the tables have, so that an operation need not take a lock instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a constraint of its own")]
pub struct Guarantees {
    /// No two users have one id.
    pub unique_user_id: bool,
    /// No two users have one e-mail address.
    pub unique_email: bool,
    /// No account is linked twice.
    pub unique_account: bool,
    /// No two sessions have one token.
    pub unique_session_token: bool,
    /// No identifier has one verification token twice.
    pub unique_token: bool,
    /// No two authenticators have one credential id.
    pub unique_credential_id: bool,
    /// Accounts, sessions and authenticators refer to their user by foreign keys and are deleted with it.
    pub cascading_owners: bool,
}

impl Guarantees {
    /// What a schema made by [`create`] guarantees.
    pub const ALL: Self = Self {
        unique_user_id: true,
        unique_email: true,
        unique_account: true,
        unique_session_token: true,
        unique_token: true,
        unique_credential_id: true,
        cascading_owners: true,
    };
}

/// A key that a fresh schema has.
struct Key {
    table: Table,
    fields: &'static [&'static str],
    unique: bool,
}

const fn key(table: Table, fields: &'static [&'static str], unique: bool) -> Key {
    Key { table, fields, unique }
}

const UNIQUE: bool = true;
const PLAIN: bool = false;

/// What the published schema lacks.
const KEYS: [Key; 10] = [
    key(Table::Users, &["email"], UNIQUE),
    key(Table::Accounts, &["provider", "providerAccountId"], UNIQUE),
    key(Table::Accounts, &["userId"], PLAIN),
    key(Table::Sessions, &["sessionToken"], UNIQUE),
    key(Table::Sessions, &["userId"], PLAIN),
    key(Table::Sessions, &["expires"], PLAIN),
    key(Table::VerificationTokens, &["identifier", "token"], UNIQUE),
    key(Table::VerificationTokens, &["expires"], PLAIN),
    key(Table::Authenticators, &["credentialID"], UNIQUE),
    key(Table::Authenticators, &["userId"], PLAIN),
];

/// Looks at the tables that the profile names and compares. Changes nothing; a few round trips.
///
/// # Errors
///
/// [`SchemaError::Profile`] if the profile is wrong, [`SchemaError::Store`] if the database cannot be asked.
pub async fn inspect(driver: &impl Driver, profile: &Profile) -> Result<Report, SchemaError> {
    let dialect = driver.dialect();
    profile.check(dialect)?;
    let mut found = Vec::new();
    for table in Table::ALL {
        if profile.spec(table).is_some() {
            found.push((table, catalog::look_at(driver, profile, table).await?));
        }
    }
    let profile = profile.clone().without_absent(|_, table, column| {
        let Some((_, found)) = found.iter().find(|(there, _)| *there == table) else { return false };
        match column {
            None => !found.columns.is_empty(),
            // A table that is not there is made with all its columns.
            Some(name) => {
                let is_it = |column: &catalog::FoundColumn| dialect.fold(&column.name) == dialect.fold(name);
                found.columns.is_empty() || found.columns.iter().any(is_it)
            }
        }
    });
    found.retain(|(table, _)| profile.spec(*table).is_some());
    let mut report = report::compare(&profile, dialect, &found);
    report.profile = Some(profile);
    Ok(report)
}

/// Runs statements that [`create`] or [`Report::additions`] wrote, all in one transaction. MySQL, MariaDB and Aurora
/// DSQL have no such transactions: there they run one after the other until one fails.
///
/// # Errors
///
/// [`SchemaError::Store`]; then nothing was changed, unless the database [ends a
/// transaction](Dialect::undoes_ddl) with each statement of this kind: then those before the one that failed are done.
/// All of them can be run again.
pub async fn apply(driver: &impl Driver, statements: &[String]) -> Result<(), SchemaError> {
    let statements: Vec<_> = statements.iter().map(|text| statement(text.as_str(), Access::Write)).collect();
    if driver.dialect() == Dialect::AuroraDsql {
        // It changes one thing in a transaction.
        for statement in &statements {
            driver.run(statement, &[]).await.map_err(store_error)?;
        }
        return Ok(());
    }
    let batch: Vec<_> = statements.iter().map(|statement| (statement, &[][..])).collect();
    driver.run_all(&batch).await.map(drop).map_err(store_error)
}

/// Asks the catalogue; the parameters are names.
async fn ask(driver: &impl Driver, question: &str, names: &[&Value]) -> Result<Vec<Row>, SchemaError> {
    let params = names.iter().map(|_| ParamType::Text).collect();
    let statement = Statement { name: "schema", text: question.into(), params, access: Access::Read };
    let names: Vec<_> = names.iter().map(|&name| name.clone()).collect();
    driver.run(&statement, &names).await.map_err(store_error)
}

fn statement(text: &str, access: Access) -> Statement {
    Statement { name: "schema", text: text.into(), params: Box::default(), access }
}

fn store_error(error: DriverError) -> SchemaError {
    SchemaError::Store(match error {
        DriverError::Unavailable(source) | DriverError::Contention(source) => {
            AdapterError::Unavailable(source)
        }
        DriverError::Refused(source)
        | DriverError::ForeignKeyViolated(source)
        | DriverError::UniqueViolated { source, .. } => AdapterError::Refused { operation: "schema", source },
    })
}

impl From<ProfileError> for SchemaError {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

/// The table, quoted, with its PostgreSQL schema.
fn qualified(profile: &Profile, dialect: Dialect, table: Table) -> String {
    let name = dialect.quote(profile.table_name(table).unwrap_or_default());
    match &profile.postgres_schema {
        Some(schema) if dialect.has_schemas() => format!("{}.{name}", dialect.quote(schema)),
        _ => name,
    }
}
