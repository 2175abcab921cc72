//! Sign-in by a passkey or a security key.

use vestibule_core::ProviderId;
use vestibule_webauthn::{RelyingParty, RelyingPartyError, Settings};

use crate::http::Origin;

/// Sign-in by a passkey or a security key (WebAuthn), Auth.js' provider type `webauthn`.
///
/// The engine asks for a key that belongs to this site, and nobody else can answer for it: no secret is shared, and none can be
/// given away on another page. A store with a place for authenticators is needed; see
/// [`Capabilities::authenticators`](vestibule_core::Capabilities).
///
/// ```
/// use vestibule_engine::{Config, WebAuthnProvider};
///
/// let config = Config::new("a secret of at least 32 characters")
///     .with_base_url("https://app.example.com")
///     .with_provider(WebAuthnProvider::passkey());
/// ```
#[derive(Clone, Debug)]
pub struct WebAuthnProvider {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) relying_party_id: Option<String>,
    pub(crate) relying_party_name: Option<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) registration: PasskeyRegistration,
    pub(crate) conditional_ui: bool,
}

/// What somebody who is not signed in may do with an e-mail address.
///
/// Whoever is signed in can always register a passkey, which is linked to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasskeyRegistration {
    /// Nothing: an address that comes with a request is not looked at. Passkeys are registered by who is signed in already, and
    /// found by the browser when they sign in the next time. Nobody learns who has an account, and nobody can register an address
    /// here that is not theirs. At an Auth.js application on the same tables anybody still can, and who did so earlier keeps the
    /// key: so a link in a mail signs in no user who has a passkey and an address that is not verified, here too.
    #[default]
    WhenSignedIn,
    /// What Auth.js lets them: an address that no user has is registered, with a new user that has it, unverified; of an address
    /// that a user has the ids of its passkeys are told. So anybody can find out which addresses have a user. How often one may
    /// ask is limited ([`Limits`](crate::Limits)).
    ///
    /// A link in a mail does not sign in the user of an address that was registered so before its owner has shown that it is
    /// theirs, unless the browser is signed in as that user: somebody else may have registered it.
    ByAddress,
}

impl WebAuthnProvider {
    /// Passkeys, with the id `passkey` and the name `Passkey`: keys that the browser finds by itself, and that make sure that
    /// it is their owner who uses them.
    pub fn passkey() -> Self {
        Self::new("passkey", "Passkey", Settings::passkey())
    }

    /// Any key, with the id `webauthn` and the name `WebAuthn`. One that the browser does not find without a name can sign in
    /// only with [`PasskeyRegistration::ByAddress`].
    pub fn webauthn() -> Self {
        Self::new("webauthn", "WebAuthn", Settings::webauthn())
    }

    fn new(id: &str, name: &str, settings: Settings) -> Self {
        Self {
            id: ProviderId::from(id),
            name: name.into(),
            settings,
            relying_party_id: None,
            relying_party_name: None,
            origins: Vec::new(),
            registration: PasskeyRegistration::default(),
            conditional_ui: true,
        }
    }

    /// The id, which is part of the URLs.
    pub fn id(&self) -> &ProviderId {
        &self.id
    }

    /// Another id; it is part of the URLs, and of the accounts.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<ProviderId>) -> Self {
        self.id = id.into();
        self
    }

    /// Another name, which people read.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The domain that keys belong to, in place of the host of the request: the host's own, or one above it, such as
    /// `example.com`. Keys are of no use under another one, so that it is not to be changed later.
    #[must_use]
    pub fn with_relying_party_id(mut self, domain: impl Into<String>) -> Self {
        self.relying_party_id = Some(domain.into());
        self
    }

    /// What a browser calls the site when it asks for a key, in place of its host.
    #[must_use]
    pub fn with_relying_party_name(mut self, name: impl Into<String>) -> Self {
        self.relying_party_name = Some(name.into());
        self
    }

    /// An origin on which keys may be used, such as `https://app.example.com`; with the first one that is given, the origin of
    /// the request counts no longer by itself; that of the base URL has to be among them.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// What somebody who is not signed in may do with an address. See [`PasskeyRegistration`].
    #[must_use]
    pub fn with_registration(mut self, registration: PasskeyRegistration) -> Self {
        self.registration = registration;
        self
    }

    /// Whether browsers offer keys where an address is typed on the built-in page, before a button is pressed
    /// (`enableConditionalUI`); they do unless this is `false`. One provider at most may have it.
    #[must_use]
    pub fn with_conditional_ui(mut self, offers: bool) -> Self {
        self.conditional_ui = offers;
        self
    }

    /// Another way to ask browsers, and to judge what they answer.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Who asks for keys on this origin.
    pub(crate) fn relying_party(&self, origin: &Origin) -> Result<RelyingParty, RelyingPartyError> {
        let itself = [origin.as_str()];
        let configured: Vec<&str> = self.origins.iter().map(String::as_str).collect();
        let origins = if configured.is_empty() { &itself[..] } else { &configured[..] };
        let name = self.relying_party_name.as_deref().unwrap_or_else(|| origin.host());
        match &self.relying_party_id {
            Some(id) => RelyingParty::new(id, name, origins.iter().copied()),
            None => RelyingParty::new(
                RelyingParty::of_origin(origin.as_str())?.id(),
                name,
                origins.iter().copied(),
            ),
        }
    }
}
