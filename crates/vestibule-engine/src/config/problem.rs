//! What can be wrong with a configuration, said to the one who wrote it.

use std::fmt;

/// Everything that is wrong with a [`Config`](crate::Config), one line each.
#[derive(Debug)]
pub struct ConfigError {
    pub(crate) problems: Vec<ConfigProblem>,
}

impl ConfigError {
    /// The problems, at least one.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n- {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with a [`Config`](crate::Config).
///
/// Auth.js looks at its configuration with every request and answers 500 if something is wrong with it; here an engine is not
/// made of one. What both look at has the same name there, which [`auth_js_name`](Self::auth_js_name) tells.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// There is no secret, or an empty one.
    #[error("no secret: set AUTH_SECRET to at least 32 random characters, or pass them to Config::new")]
    SecretMissing,

    /// Neither a base URL nor trusted hosts are given.
    #[error(
        "neither a base URL nor trusted hosts: set AUTH_URL to the URL that browsers use, such as \
         https://app.example.com, or list the hosts that requests may name"
    )]
    OriginUnknown,

    /// Something needs a store, and there is none: see [`Parts::without_store`](crate::Parts::without_store).
    #[error("there is no store for {feature}: hand one in with `Parts::new`, {instead}")]
    MissingAdapter {
        /// What needs it.
        feature: String,
        /// What else can be done.
        instead: &'static str,
    },

    /// The store cannot do what something needs.
    #[error(
        "the store has no place for {missing}, which {feature} needs: use tables that have one, or leave it out"
    )]
    MissingAdapterMethods {
        /// What needs it.
        feature: String,
        /// What is missing.
        missing: &'static str,
    },

    /// Two providers would have the browser offer keys in a field.
    #[error(
        "providers `{other}` and `{id}` both have browsers offer keys in a field: turn it off for one of them, with \
         `conditional_ui = false` in its `[[provider]]` section, or `with_conditional_ui(false)` in code"
    )]
    DuplicateConditionalUi {
        /// The later provider's id.
        id: String,
        /// The earlier one's.
        other: String,
    },

    /// Keys cannot be for the domain of a provider, or not be used on an origin.
    #[error("provider `{id}`: {reason}")]
    RelyingParty {
        /// The provider's id.
        id: String,
        /// What is wrong.
        reason: String,
    },

    /// A URL cannot be used for its purpose.
    #[error("{setting} is `{value}`: {reason}")]
    Url {
        /// The name of the setting.
        setting: &'static str,
        /// What it was set to.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// A value is not acceptable.
    #[error("{setting}: {reason}")]
    Value {
        /// The name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// A provider lacks an endpoint, or what leads to it.
    #[error("provider `{id}` has no {missing}: {remedy}")]
    InvalidEndpoints {
        /// The provider's id.
        id: String,
        /// What is missing.
        missing: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },

    /// Two providers have one id.
    #[error("two providers have the id `{id}`: give one of them another with `with_id`")]
    ProviderTwice {
        /// The id.
        id: String,
    },

    /// A provider's setting is not acceptable.
    #[error("provider `{id}`: {reason}")]
    Provider {
        /// The provider's id.
        id: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// A cookie's name or attributes do not go together.
    #[error("cookie {cookie}: {reason}")]
    Cookie {
        /// Which cookie.
        cookie: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl ConfigProblem {
    /// What Auth.js calls this error, if it looks for it.
    ///
    /// What it looks for besides cannot be written down here (`MissingAuthorize`, `MissingWebAuthnAutocomplete`), works
    /// (`UnsupportedStrategy`, `ExperimentalFeatureNotEnabled`), or is in the request and answered with 400 (`InvalidCallbackUrl`).
    pub fn auth_js_name(&self) -> Option<&'static str> {
        match self {
            Self::SecretMissing => Some("MissingSecret"),
            Self::OriginUnknown => Some("UntrustedHost"),
            Self::MissingAdapter { .. } => Some("MissingAdapter"),
            Self::MissingAdapterMethods { .. } => Some("MissingAdapterMethods"),
            Self::DuplicateConditionalUi { .. } => Some("DuplicateConditionalUI"),
            Self::InvalidEndpoints { .. } => Some("InvalidEndpoints"),
            Self::RelyingParty { .. }
            | Self::Url { .. }
            | Self::Value { .. }
            | Self::ProviderTwice { .. }
            | Self::Provider { .. }
            | Self::Cookie { .. } => None,
        }
    }
}
