//! The environment: which variables are read. An empty one counts as not set.

use std::collections::BTreeMap;
use std::fmt;

use crate::failure::{Exit, Failure};

/// Every variable that the program reads. `RUST_LOG` is read by the logs.
pub(crate) const NAMES: &[&str] = &[
    "AUTH_EMAIL_FROM",
    "AUTH_EMAIL_SERVER",
    "AUTH_ENV",
    "AUTH_REDIRECT_PROXY_URL",
    "AUTH_SECRET",
    "AUTH_SECRET_1",
    "AUTH_SECRET_2",
    "AUTH_SECRET_3",
    "AUTH_TRUST_HOST",
    "AUTH_URL",
    "DATABASE_HOST",
    "DATABASE_NAME",
    "DATABASE_PASSWORD",
    "DATABASE_PORT",
    "DATABASE_URL",
    "DATABASE_USER",
    "EMAIL_FROM",
    "EMAIL_SERVER",
    "RUST_LOG",
    "VESTIBULE_CONFIG",
    "VESTIBULE_PROFILE",
    "VESTIBULE_TRUSTED_PROXIES",
];

/// With this begin the variables of sign-in providers, of which there are many; see the catalogue.
const PROVIDERS: &str = "AUTH_";

/// The variables that are set. Its `Debug` shows their names only.
#[derive(Clone, Default)]
pub(crate) struct Env(BTreeMap<String, String>);

impl Env {
    /// Reads the process's environment.
    ///
    /// # Errors
    ///
    /// If one of [`NAMES`], or one that begins with `AUTH_`, is not UTF-8.
    pub(crate) fn of_process() -> Result<Self, Failure> {
        let mut found = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| NAMES.contains(name) || name.starts_with(PROVIDERS))
            else {
                continue;
            };
            let value = value.into_string().map_err(|_| {
                Failure::new(
                    Exit::Usage,
                    format!("the environment variable {name} is not UTF-8; set it anew."),
                )
            })?;
            found.insert(name.to_owned(), value);
        }
        Ok(Self(found))
    }

    /// The value of a variable that is set to something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// An environment for tests.
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Self {
        for (name, _) in pairs {
            let is_ours = NAMES.contains(name) || name.starts_with(PROVIDERS);
            assert!(is_ours, "{name} is not a variable of the program");
        }
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
