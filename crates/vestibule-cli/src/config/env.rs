//! The environment: which variables are read. An empty one counts as not set.

use std::collections::BTreeMap;
use std::fmt;

use crate::failure::{Exit, Failure};

/// Every variable that the program reads. `RUST_LOG` is read by the logs.
pub(crate) const NAMES: &[&str] = &[
    "AUTH_EMAIL_FROM",
    "AUTH_EMAIL_SERVER",
    "AUTH_ENV",
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
];

/// The variables that are set. Its `Debug` shows their names only.
#[derive(Clone, Default)]
pub(crate) struct Env(BTreeMap<&'static str, String>);

impl Env {
    /// Reads the process's environment.
    ///
    /// # Errors
    ///
    /// If one of [`NAMES`] is not UTF-8.
    pub(crate) fn of_process() -> Result<Self, Failure> {
        let mut found = BTreeMap::new();
        for name in NAMES {
            let Some(value) = std::env::var_os(name) else {
                continue;
            };
            let value = value.into_string().map_err(|_| {
                Failure::new(
                    Exit::Usage,
                    format!("the environment variable {name} is not UTF-8; set it anew."),
                )
            })?;
            found.insert(*name, value);
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
            assert!(NAMES.contains(name), "{name} is not a variable of the program");
        }
        Self(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
