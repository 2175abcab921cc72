//! What an operator says about a provider.

use std::collections::BTreeMap;
use std::fmt;

use vestibule_core::SecretToken;
use vestibule_oauth::ClientAuth;

/// What an operator says about a provider: the client's id and secret, and what the [entry](crate::Entry) asks for.
#[derive(Clone)]
pub struct Settings {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretToken>,
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) issuer: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) plain_http: bool,
}

impl Settings {
    /// Begins with the client's id.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
            client_auth: None,
            issuer: None,
            scope: None,
            options: BTreeMap::new(),
            plain_http: false,
        }
    }

    /// Sets the client's secret.
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<SecretToken>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Sets how the client shows who it is, in the place of what the entry says. With this no secret is asked for.
    #[must_use]
    pub fn with_client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = Some(client_auth);
        self
    }

    /// Sets the issuer.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the scope, in the place of the entry's.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets one of the entry's [options](crate::Entry::options). One that the entry does not have is left alone.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Lets the provider be reached without TLS; see [`Provider::with_plain_http`].
    ///
    /// [`Provider::with_plain_http`]: vestibule_oauth::Provider::with_plain_http
    #[must_use]
    pub fn with_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .field("options", &self.options.keys())
            .finish_non_exhaustive()
    }
}

/// What is wrong with the settings of a provider. Nothing was set up.
///
/// Messages name the variable that sets it in the environment, and no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Something that the provider needs is not there, or empty.
    #[error("{variable} is missing: {provider} needs {what}")]
    Missing {
        /// The provider's name.
        provider: &'static str,
        /// Its variable in the environment.
        variable: String,
        /// What it is.
        what: &'static str,
    },

    /// A value is not what it must be.
    #[error("{variable} is not {expected}")]
    Malformed {
        /// Its variable in the environment.
        variable: String,
        /// What it must be.
        expected: String,
    },
}
