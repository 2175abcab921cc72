//! The small parts of a provider's data.

/// The protocol that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// OAuth 2.0 (RFC 6749): who the user is, a request to the provider's API tells.
    OAuth,
    /// OpenID Connect: a signed ID token tells who the user is.
    Oidc,
}

/// A URL, and parameters that are added to its query.
///
/// A parameter that the query of the URL has already is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL, which may have a query. Empty if the discovery document has it.
    pub url: Box<str>,
    /// The parameters. In a value, `{client_id}` and, for the token endpoint, `{client_secret}` stand for what they say.
    pub params: Vec<(Box<str>, Box<str>)>,
}

impl Endpoint {
    /// An endpoint at a URL.
    pub fn new(url: impl Into<Box<str>>) -> Self {
        Self { url: url.into(), params: Vec::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with_param(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

impl From<&str> for Endpoint {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for Endpoint {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

/// The checks that tie an answer to the browser that asked.
///
/// All are on, save that only OpenID Connect has a `nonce`. Switching one off is for providers that break on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Proof Key for Code Exchange.
    pub pkce: bool,
    /// `state`.
    pub state: bool,
    /// `nonce`, of OpenID Connect alone.
    pub nonce: bool,
}

impl Checks {
    /// Every check that there is for this protocol.
    pub fn all(kind: Kind) -> Self {
        Self { pkce: true, state: true, nonce: kind == Kind::Oidc }
    }

    /// The same without PKCE.
    #[must_use]
    pub fn without_pkce(mut self) -> Self {
        self.pkce = false;
        self
    }

    /// The same without `state`.
    #[must_use]
    pub fn without_state(mut self) -> Self {
        self.state = false;
        self
    }

    /// The same without `nonce`.
    #[must_use]
    pub fn without_nonce(mut self) -> Self {
        self.nonce = false;
        self
    }
}

/// How the browser brings the answer of the provider back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of a `GET`. Nothing is said about it, since it is the default of the code flow.
    #[default]
    Query,
    /// In the form of a `POST` from the provider's site, to which the browser adds only cookies with `SameSite=None`.
    FormPost,
}

/// Where the user info of OpenID Connect comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfileSource {
    /// The claims of the ID token.
    #[default]
    IdToken,
    /// The userinfo endpoint, whose `sub` must be that of the ID token. OAuth has no other.
    UserInfo,
}
