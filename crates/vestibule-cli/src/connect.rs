//! Opens the database that the configuration names.

use std::path::Path;
use std::sync::Arc;

use vestibule_core::Adapter;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::schema::{self, SchemaError};
use vestibule_sql::{Driver, SqlAdapter};

use crate::config::{DEFAULT_FILE, Database, Kind, StoreSettings};
use crate::failure::{Exit, Failure, chain};
use crate::{mysql, over_http, postgres, tables};

/// What to do about a SQLite file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make it, empty.
    Create,
    /// Make it only if the configuration names no database at all.
    CreateDefault,
    /// Say so.
    Refuse,
}

/// What the database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Operations that somebody waits for.
    Operations,
    /// Statements that make tables and keys, which may take long.
    Schema,
    /// Looking only: nothing is made or changed. A file that is not there and would be made is empty.
    Look,
}

/// A driver for the database.
pub(crate) type AnyDriver = Arc<dyn Driver>;

/// Opens the database without looking at its tables.
///
/// # Errors
///
/// If it cannot be reached or opened.
pub(crate) async fn driver(
    settings: &StoreSettings,
    missing: Missing,
    work: Work,
) -> Result<AnyDriver, Failure> {
    match &settings.database {
        Database::Default => sqlite_file(Path::new(DEFAULT_FILE), missing != Missing::Refuse, work),
        Database::None => Err(Failure::new(
            Exit::Usage,
            "the configuration says that there is no database (none), so there are no tables to work on; name the \
             database with --database-url.",
        )),
        Database::Memory => Rusqlite::in_memory()
            .map(|driver| Arc::new(driver) as AnyDriver)
            .map_err(|error| cannot_open(settings, &error)),
        Database::Sqlite(path) => sqlite_file(path, missing == Missing::Create, work),
        Database::Url(Kind::Postgres, _) | Database::PostgresParts(_) => postgres::connect(settings, work),
        Database::Url(Kind::Mysql, url) => mysql::connect(settings, url, work).await,
        Database::Url(Kind::Neon, url) => over_http::neon(settings, url),
        Database::Url(Kind::Libsql, url) => over_http::libsql(settings, url),
    }
}

/// Opens the database for serving: makes the tables if the configuration names no database, and otherwise only
/// looks whether they are as needed.
///
/// # Errors
///
/// If the database cannot be opened, or lacks something; then with the SQL that mends it.
pub(crate) async fn store(settings: &StoreSettings, missing: Missing) -> Result<Arc<dyn Adapter>, Failure> {
    let driver = driver(settings, missing, Work::Operations).await?;
    let (profile, reason) = tables::profile(&driver, settings).await?;
    if let Some(reason) = reason {
        tracing::info!(profile = profile.name(), reason, "took the profile that the tables show");
    }
    if matches!(settings.database, Database::Default | Database::Memory) {
        let statements =
            schema::create(&profile, driver.dialect()).map_err(|error| profile_failure(&error))?;
        schema::apply(&driver, &statements).await.map_err(|error| schema_failure(settings, &error))?;
    }
    let report = tables::inspect(&driver, settings, &profile).await?;
    let guarantees = match report.fits() {
        Ok(guarantees) => guarantees,
        Err(error) => {
            let hint = tables::hint(&driver, settings, &profile).await;
            return Err(schema_failure(settings, &error).and(&hint));
        }
    };
    if !report.advice.is_empty() {
        tracing::warn!(
            findings = report.advice.len(),
            "the tables can be used, but lack keys that make them safer and faster; see `vestibule schema check`"
        );
    }
    // Without the columns that its generation may lack, and that do.
    let profile = report.profile.unwrap_or(profile);
    let adapter = SqlAdapter::with_guarantees(driver, profile.clone(), guarantees)
        .map_err(|error| profile_failure(&error))?;
    tables::try_rights(&adapter, &profile).await.map_err(|error| did_not(settings, &error))?;
    Ok(Arc::new(adapter))
}

fn sqlite_file(path: &Path, create: bool, work: Work) -> Result<AnyDriver, Failure> {
    if !create && !path.exists() {
        return Err(Failure::new(
            Exit::Schema,
            format!(
                "there is no file {0}. If the name is right, make it with: \
                 vestibule schema apply --database-url sqlite:{0}",
                path.display()
            ),
        ));
    }
    let opened = match work {
        Work::Look if path.exists() => Rusqlite::open_read_only(path),
        Work::Look => Rusqlite::in_memory(),
        Work::Operations | Work::Schema => Rusqlite::open(path),
    };
    opened.map(|driver| Arc::new(driver) as AnyDriver).map_err(|error| {
        Failure::new(
            Exit::Store,
            format!(
                "cannot open {}: {}. Is it a SQLite file, and may it and its folder be written?",
                path.display(),
                chain(&error)
            ),
        )
    })
}

fn cannot_open(settings: &StoreSettings, error: &dyn std::error::Error) -> Failure {
    Failure::new(Exit::Store, format!("cannot open {}: {}.", settings.database, chain(error)))
}

/// What the configuration says of the database makes no sense to the driver.
pub(crate) fn unusable(settings: &StoreSettings, error: &dyn std::error::Error) -> Failure {
    let message = format!("the settings for {} cannot be used: {}.", settings.database, chain(error));
    Failure::new(Exit::Usage, message)
}

/// What went wrong with the tables, and what to do.
pub(crate) fn schema_failure(settings: &StoreSettings, error: &SchemaError) -> Failure {
    match error {
        SchemaError::Store(source) => did_not(settings, source),
        SchemaError::Unfit(findings) => {
            let mut message = format!("the database {} lacks something:", settings.database);
            for finding in findings {
                message.push_str("\n- ");
                message.push_str(&finding.to_string());
            }
            message.push_str(if findings.iter().all(|finding| finding.additive) {
                "\nRun this SQL, or `vestibule schema apply` on the same database."
            } else {
                "\nRun this SQL; `vestibule schema apply` runs only what adds something."
            });
            Failure::new(Exit::Schema, message)
        }
        other => Failure::new(Exit::Usage, format!("{}.", chain(other))),
    }
}

pub(crate) fn did_not(settings: &StoreSettings, error: &dyn std::error::Error) -> Failure {
    Failure::new(
        Exit::Store,
        format!(
            "the database {} did not do as asked: {}. Check that it runs, that user and password are right, and \
             that the user may read and write the tables.",
            settings.database,
            chain(error)
        ),
    )
}

fn profile_failure(error: &dyn std::error::Error) -> Failure {
    Failure::new(Exit::Usage, format!("the schema profile cannot be used: {}.", chain(error)))
}
