//! Opens databases that are reached over HTTP: Neon, libSQL and Turso.

use vestibule_core::SecretToken;

use crate::config::StoreSettings;
use crate::connect::AnyDriver;
use crate::failure::Failure;

/// Opens PostgreSQL at Neon, over HTTP.
///
/// The parameter `endpoint` names another URL than Neon's own; every other one travels along.
///
/// # Errors
///
/// If the URL makes no sense.
pub(crate) fn neon(settings: &StoreSettings, url: &SecretToken) -> Result<AnyDriver, Failure> {
    use std::sync::Arc;

    use vestibule_http::HyperClient;
    use vestibule_neon::Neon;

    let found = neon_settings(url.expose()).map_err(|error| crate::connect::unusable(settings, &error))?;
    Ok(Arc::new(Neon::new(Arc::new(HyperClient::new()), found)))
}

fn neon_settings(url: &str) -> Result<vestibule_neon::Settings, vestibule_neon::SettingsError> {
    use vestibule_neon::{Settings, SettingsError};

    let postgres = url.replacen("neon:", "postgresql:", 1);
    let mut url = url::Url::parse(&postgres).map_err(|_| SettingsError::NotAUrl)?;
    let (ours, theirs): (Vec<_>, Vec<_>) =
        url.query_pairs().into_owned().partition(|(name, _)| name == "endpoint");
    url.set_query(None);
    if !theirs.is_empty() {
        url.query_pairs_mut().extend_pairs(theirs);
    }
    let mut settings = Settings::from_url(url.as_str())?;
    if let Some((_, endpoint)) = ours.first() {
        settings = settings.with_endpoint(endpoint)?;
    }
    settings.endpoint()?;
    Ok(settings)
}

/// Opens libSQL or Turso. The parameter `authToken` is the token.
///
/// # Errors
///
/// If the URL makes no sense.
pub(crate) fn libsql(settings: &StoreSettings, url: &SecretToken) -> Result<AnyDriver, Failure> {
    use std::sync::Arc;

    use vestibule_hrana::{Hrana, HranaSettings};
    use vestibule_http::HyperClient;

    let found =
        HranaSettings::from_url(url.expose()).map_err(|error| crate::connect::unusable(settings, &error))?;
    Ok(Arc::new(Hrana::new(Arc::new(HyperClient::new()), found)))
}

#[cfg(test)]
mod tests {
    use vestibule_neon::SettingsError;

    use super::*;

    #[test]
    fn a_url_of_neon_leads_to_its_endpoint_or_to_the_one_that_it_names() {
        let endpoint = |url: &str| neon_settings(url).unwrap().endpoint().unwrap().to_string();

        let own = endpoint("neon://ada:secret@ep-x.eu-central-1.aws.neon.tech/app?sslmode=require");
        let other = endpoint("neon://ada:secret@db/app?endpoint=http%3A%2F%2F127.0.0.1%3A4444%2Fsql");

        assert_eq!(own, "https://api.eu-central-1.aws.neon.tech/sql");
        assert_eq!(other, "http://127.0.0.1:4444/sql");
        assert_eq!(neon_settings("neon://ada:secret@db/app").unwrap_err(), SettingsError::HostWithoutDomain);
    }
}
