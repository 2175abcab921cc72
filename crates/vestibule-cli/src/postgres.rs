//! Opens PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::SecretToken;
use vestibule_tokio_postgres::{Settings, SettingsError, TokioPostgres};

use crate::config::{Database, PostgresParts, StoreSettings};
use crate::connect::{AnyDriver, Work, unusable};
use crate::failure::Failure;

/// How long an index on a table of any size may take to build.
pub(crate) const SCHEMA_TIMEOUT: Duration = Duration::from_hours(6);

/// Makes a pool; connects when it is first used.
///
/// Must be called inside the runtime.
///
/// # Errors
///
/// If the settings make no sense.
pub(crate) fn connect(settings: &StoreSettings, work: Work) -> Result<AnyDriver, Failure> {
    pool(settings, work)
        .and_then(|settings| TokioPostgres::connect(&settings))
        .map(|driver| Arc::new(driver) as AnyDriver)
        .map_err(|error| unusable(settings, &error))
}

/// What the URL says comes before what the file says.
fn pool(settings: &StoreSettings, work: Work) -> Result<Settings, SettingsError> {
    let (mut pool, says) = match &settings.database {
        Database::Url(_, url) => (Settings::from_url(url.expose())?, parameters(url.expose())),
        Database::PostgresParts(parts) => (of_parts(parts), Vec::new()),
        Database::Default | Database::Memory | Database::Sqlite(_) | Database::None => {
            return Err(SettingsError::EnvironmentEmpty);
        }
    };
    let open = |name: &str| !says.contains(&name);
    if let Some(max) = settings.max_connections.filter(|_| open("max")) {
        pool.max = usize::try_from(max).unwrap_or(usize::MAX);
    }
    if let Some(timeout) = settings.idle_timeout.filter(|_| open("idle_timeout")) {
        pool.idle_timeout = timeout;
    }
    if let Some(timeout) = settings.connection_timeout.filter(|_| open("connection_timeout")) {
        pool.connection_timeout = timeout;
    }
    if work != Work::Operations {
        pool.answer_timeout = SCHEMA_TIMEOUT;
    }
    Ok(pool)
}

fn of_parts(parts: &PostgresParts) -> Settings {
    Settings::new(
        &parts.host,
        parts.port.unwrap_or(5432),
        parts.user.as_deref().unwrap_or("postgres"),
        parts.password.as_ref().map(SecretToken::expose),
        parts.name.as_deref().unwrap_or("postgres"),
    )
}

/// The names of the parameters in a URL's query.
pub(crate) fn parameters(url: &str) -> Vec<&str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split('=').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Kind;

    fn settings(database: Database) -> StoreSettings {
        StoreSettings {
            database,
            max_connections: Some(3),
            idle_timeout: None,
            connection_timeout: Some(Duration::from_secs(7)),
            sweep_batch: 1,
            schema: crate::config::SchemaSettings::default(),
        }
    }

    #[test]
    fn the_url_comes_before_the_file() {
        let url = "postgres://db/app?max=9";

        let pool = pool(&settings(Database::Url(Kind::Postgres, url.into())), Work::Operations).unwrap();

        assert_eq!(pool.max, 9);
        assert_eq!(pool.connection_timeout, Duration::from_secs(7));
        assert_eq!(pool.idle_timeout, Duration::from_secs(30));
    }

    #[test]
    fn parts_take_the_files_settings() {
        let parts = PostgresParts {
            host: "db".into(),
            port: None,
            user: None,
            password: Some("hunter2".into()),
            name: None,
        };

        let pool = pool(&settings(Database::PostgresParts(parts)), Work::Operations).unwrap();

        assert_eq!(pool.max, 3);
        assert!(!format!("{pool:?}").contains("hunter2"));
    }

    /// An index on a large table takes longer than anybody waits for an answer.
    #[test]
    fn only_the_schema_may_take_long() {
        let settings =
            settings(Database::Url(Kind::Postgres, "postgres://localhost/app?answer_timeout=1000".into()));

        assert_eq!(pool(&settings, Work::Operations).unwrap().answer_timeout, Duration::from_secs(1));
        assert_eq!(pool(&settings, Work::Schema).unwrap().answer_timeout, SCHEMA_TIMEOUT);
    }
}
