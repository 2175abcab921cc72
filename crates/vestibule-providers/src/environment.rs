//! Providers from variables of the environment.

use std::fmt;

use vestibule_oauth::Provider;

use crate::settings::{Settings, SettingsError};
use crate::{Entry, all};

/// Sets up each provider of the catalogue that the environment names.
///
/// `lookup` is given the names of variables, `AUTH_GITHUB_ID` for instance, and answers with their values; an empty value
/// is none. A provider is named by any of `AUTH_<ID>_ID`, `_SECRET`, `_ISSUER`, `_SCOPE` and its options, so half of a
/// configuration is an error and never a provider that silently is not there. The order is that of the catalogue.
///
/// ```
/// let variables = [("AUTH_GITHUB_ID", "Iv1.8a61f9b3a7aba766"), ("AUTH_GITHUB_SECRET", "…")];
/// let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
///
/// let providers = vestibule_providers::from_env(lookup)?;
///
/// assert_eq!(providers[0].id().as_str(), "github");
/// # Ok::<(), vestibule_providers::EnvironmentError>(())
/// ```
///
/// # Errors
///
/// [`EnvironmentError`], with everything that is missing or malformed.
pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Vec<Provider>, EnvironmentError> {
    let mut providers = Vec::new();
    let mut errors = Vec::new();
    for entry in all() {
        let Some(settings) = entry.settings_from_env(&lookup) else { continue };
        match entry.set_up(&settings) {
            Ok(provider) => providers.push(provider),
            Err(these) => errors.extend(these),
        }
    }
    if errors.is_empty() { Ok(providers) } else { Err(EnvironmentError(errors)) }
}

impl Entry {
    /// The settings of this provider in the environment, or `None` if it is not named there.
    ///
    /// They may lack something, which [`provider`](Self::provider) then tells.
    pub fn settings_from_env(&self, lookup: impl Fn(&str) -> Option<String>) -> Option<Settings> {
        let value = |suffix: &str| lookup(&self.variable(suffix)).filter(|value| !value.is_empty());
        let (id, secret, scope) = (value("id"), value("secret"), value("scope"));
        let issuer = self.issuer().and_then(|_| value("issuer"));
        let options: Vec<_> =
            self.options.iter().filter_map(|spec| Some((spec.name(), value(spec.name())?))).collect();
        if [&id, &secret, &scope, &issuer].into_iter().all(Option::is_none) && options.is_empty() {
            return None;
        }
        let mut settings = Settings::new(id.unwrap_or_default());
        if let Some(secret) = secret {
            settings = settings.with_client_secret(secret);
        }
        if let Some(issuer) = issuer {
            settings = settings.with_issuer(issuer);
        }
        if let Some(scope) = scope {
            settings = settings.with_scope(scope);
        }
        Some(options.into_iter().fold(settings, |settings, (name, value)| settings.with_option(name, value)))
    }
}

/// All that is wrong with the providers in the environment; at least one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentError(Vec<SettingsError>);

impl EnvironmentError {
    /// What is wrong, in the order of the catalogue.
    pub fn errors(&self) -> &[SettingsError] {
        &self.0
    }
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for EnvironmentError {}
