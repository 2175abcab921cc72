//! What an entry of the catalogue says.

use vestibule_oauth::{Alg, Checks, ClientAuth, Kind, ProfileSource, Provider, ResponseMode};

use crate::mapping::Fields;
use crate::options::OptionSpec;
use crate::settings::SettingsError;
use crate::values::Values;

/// One provider of the catalogue.
///
/// In endpoints, parameters, issuers and defaults, `{name}` stands for an operator's option, `{issuer}` for the issuer,
/// `{server}` for the issuer without slashes at its end. What the relying party replaces itself (`{client_id}`,
/// `{access_token}`, …) is left to it. A parameter whose option is not set is not sent.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) issuer: Issuer,
    pub(crate) discovery: &'static str,
    pub(crate) authorization: &'static str,
    pub(crate) token: &'static str,
    pub(crate) user_info: &'static str,
    pub(crate) params: &'static [(&'static str, &'static str)],
    pub(crate) token_params: &'static [(&'static str, &'static str)],
    pub(crate) scope: &'static str,
    pub(crate) checks: Checks,
    pub(crate) secret_in_body: bool,
    pub(crate) bearer_implied: bool,
    pub(crate) response_mode: ResponseMode,
    pub(crate) id_token_alg: Option<Alg>,
    pub(crate) user_info_alg: Option<Alg>,
    pub(crate) profile_source: ProfileSource,
    pub(crate) options: &'static [OptionSpec],
    pub(crate) fields: Fields,
    pub(crate) also: Option<Also>,
    pub(crate) key_instead: Option<KeyInstead>,
    pub(crate) style: Style,
    pub(crate) notes: &'static str,
}

/// Something that an entry needs and no field of it says. It is given the finished provider.
pub(crate) type Also = fn(Provider, &Values) -> Provider;

/// How the client shows who it is without a secret, where the options say so.
pub(crate) type KeyInstead = fn(&Entry, &Values) -> Result<Option<ClientAuth>, SettingsError>;

/// Who issues the ID tokens of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// Nobody: plain OAuth at fixed endpoints.
    None,
    /// The operator says it.
    Required,
    /// This one, unless the operator says another.
    Default(&'static str),
}

/// The colors of a provider's button, as CSS writes them. The originals have them for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// Behind the name.
    pub background: Option<&'static str>,
    /// The name itself.
    pub text: Option<&'static str>,
}

impl Entry {
    /// The id, which stands in URLs and in the accounts: that of the originals.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The name for display.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The protocol.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The colors of its button.
    pub fn style(&self) -> Style {
        self.style
    }

    /// What an operator should know: where this differs from the originals, and what the provider wants.
    pub fn notes(&self) -> &'static str {
        self.notes
    }

    /// The operator's options besides the client's id and secret, the issuer and the scope.
    pub fn options(&self) -> &'static [OptionSpec] {
        self.options
    }

    /// Whether an operator may, or must, name an issuer.
    pub fn issuer(&self) -> Option<IssuerNeed> {
        match self.issuer {
            Issuer::None => None,
            Issuer::Required => Some(IssuerNeed::Required),
            Issuer::Default(issuer) => Some(IssuerNeed::Default(issuer)),
        }
    }

    /// The variable `AUTH_<ID>_<SUFFIX>`.
    ///
    /// The id is in upper case and has `_` instead of `-`, as the originals have it.
    pub fn variable(&self, suffix: &str) -> String {
        let name = |text: &str| text.to_ascii_uppercase().replace('-', "_");
        format!("AUTH_{}_{}", name(self.id), name(suffix))
    }
}

/// What an operator has to do with the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerNeed {
    /// Name it.
    Required,
    /// Nothing, unless it is another. May hold options between braces.
    Default(&'static str),
}
