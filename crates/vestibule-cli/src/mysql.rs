//! Opens MySQL and MariaDB.

use std::sync::Arc;

use vestibule_core::SecretToken;
use vestibule_mysql_async::{MysqlAsync, Settings, SettingsError};

use crate::config::StoreSettings;
use crate::connect::{AnyDriver, Work};
use crate::failure::Failure;

/// Makes a pool. Asks which of the two it is, unless the URL says so; then connects when it is first used.
///
/// # Errors
///
/// If the settings make no sense, or the server does not answer.
pub(crate) async fn connect(
    settings: &StoreSettings,
    url: &SecretToken,
    work: Work,
) -> Result<AnyDriver, Failure> {
    use crate::connect::{did_not, unusable};

    let pool = pool(settings, url.expose(), work).map_err(|error| unusable(settings, &error))?;
    match MysqlAsync::connect(&pool).await {
        Ok(driver) => Ok(Arc::new(driver)),
        Err(SettingsError::Server(error)) => Err(did_not(settings, &error)),
        Err(error) => Err(unusable(settings, &error)),
    }
}

/// What the URL says comes before what the file says.
fn pool(settings: &StoreSettings, url: &str, work: Work) -> Result<Settings, SettingsError> {
    let mut pool = Settings::from_url(url)?;
    let says = crate::postgres::parameters(url);
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
        pool.answer_timeout = crate::postgres::SCHEMA_TIMEOUT;
    }
    Ok(pool)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Database;

    #[test]
    fn the_url_comes_before_the_file_and_only_the_schema_may_take_long() {
        let settings = StoreSettings {
            database: Database::Default,
            max_connections: Some(3),
            idle_timeout: None,
            connection_timeout: Some(Duration::from_secs(7)),
            sweep_batch: 1,
            schema: crate::config::SchemaSettings::default(),
        };

        let operations = pool(&settings, "mariadb://db/app?max=9", Work::Operations).unwrap();
        let schema = pool(&settings, "mysql://db/app", Work::Schema).unwrap();

        assert_eq!((operations.max, schema.max), (9, 3));
        assert_eq!(operations.connection_timeout, Duration::from_secs(7));
        assert_eq!(operations.answer_timeout, Duration::from_secs(5));
        assert_eq!(schema.answer_timeout, crate::postgres::SCHEMA_TIMEOUT);
    }
}
