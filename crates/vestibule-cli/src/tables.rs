//! Whose tables a database has: as configured, or as the tables show.

use vestibule_core::{
    Adapter, AdapterError, Clock as _, CredentialId, ProviderAccountId, ProviderId, SecretToken, SystemClock,
    TokenHash, TouchPolicy,
};
use vestibule_sql::schema::{self, Report, SchemaError};
use vestibule_sql::{Dialect, Driver, Profile, Table};

use crate::config::{Choice, Database, StoreSettings};
use crate::connect::{AnyDriver, schema_failure};
use crate::failure::{Exit, Failure};

/// The profile of the tables, and, where it was found by looking, what gave it away.
///
/// In a database that the program makes itself there is nothing to look at: it has the tables of Auth.js, with one for
/// passkeys, unless another profile is named.
///
/// # Errors
///
/// If the configured profile is not one, or the tables show none.
pub(crate) async fn profile(
    driver: &AnyDriver,
    settings: &StoreSettings,
) -> Result<(Profile, Option<String>), Failure> {
    let dialect = driver.dialect();
    let is_ours = matches!(settings.database, Database::Default | Database::Memory);
    match settings.schema.choice() {
        Choice::Auto | Choice::Nothing if is_ours => {
            let ours = Profile::authjs().with_passkeys();
            settings.schema.with_section(ours, dialect).map(|profile| (profile, None))
        }
        Choice::Auto => {
            let detected =
                Profile::detect(driver).await.map_err(|error| undetected(settings, dialect, &error))?;
            let profile = settings.schema.with_section(detected.profile, dialect)?;
            Ok((profile, Some(detected.reason)))
        }
        Choice::Nothing | Choice::Named(_) => settings.schema.named(dialect).map(|profile| (profile, None)),
    }
}

/// Compares the tables with the profile; changes nothing.
///
/// # Errors
///
/// If the database cannot be asked.
pub(crate) async fn inspect(
    driver: &AnyDriver,
    settings: &StoreSettings,
    profile: &Profile,
) -> Result<Report, Failure> {
    schema::inspect(driver, profile).await.map_err(|error| schema_failure(settings, &error))
}

/// Whose tables they seem to be, if nobody said so and they are not those of the profile that was taken.
pub(crate) async fn hint(driver: &AnyDriver, settings: &StoreSettings, profile: &Profile) -> String {
    if settings.schema.choice() != Choice::Nothing {
        return String::new();
    }
    match Profile::detect(driver).await {
        Ok(detected) if detected.profile.name() != profile.name() => format!(
            "\nThe tables look like those of {0} ({1}). If so, add `--profile auto` or `--profile {0}`, or see \
             `vestibule schema detect`.",
            detected.profile.name(),
            detected.reason
        ),
        _ => String::new(),
    }
}

/// What to say of tables that show no profile.
pub(crate) fn undetected(settings: &StoreSettings, dialect: Dialect, error: &SchemaError) -> Failure {
    let SchemaError::Undetected { found } = error else {
        return schema_failure(settings, error);
    };
    let names = Profile::names(dialect).collect::<Vec<_>>().join(", ");
    Failure::new(
        Exit::Schema,
        format!(
            "cannot tell whose tables the database {} has: {found}. Nothing was changed. Name the profile, with \
             `--profile NAME` or `profile` in the section [schema]; there are {names}.",
            settings.database
        ),
    )
}

/// A key that no row has.
const NOBODY: &str = "vestibule-looks-whether-it-may";

/// Looks whether the tables may be read and written, by operations on rows that are not there.
///
/// # Errors
///
/// What the database refuses, which names the table.
pub(crate) async fn try_rights(store: &dyn Adapter, profile: &Profile) -> Result<(), AdapterError> {
    store.user_by_email(NOBODY).await?;
    if profile.table_name(Table::Sessions).is_some() {
        let policy = TouchPolicy::default();
        store.touch_session(&SecretToken::from(NOBODY), SystemClock.now(), &policy).await?;
    }
    if profile.table_name(Table::VerificationTokens).is_some() {
        store.consume_verification_token(NOBODY, &TokenHash::from(NOBODY)).await?;
    }
    if profile.table_name(Table::Accounts).is_some() {
        store.unlink_account(&ProviderId::from(NOBODY), &ProviderAccountId::from(NOBODY)).await?;
    }
    if profile.table_name(Table::Authenticators).is_some() {
        store.delete_authenticator(&CredentialId::new(NOBODY.as_bytes())).await?;
    }
    Ok(())
}
