//! Providers as data.

mod alg;
mod builder;
mod client_auth;
mod client_key;
mod quirk;
mod settings;
mod template;
mod user_info_request;

use std::fmt;

use vestibule_core::{AccountType, ProviderId, SecretToken};

pub use self::alg::Alg;
pub use self::client_auth::ClientAuth;
pub use self::client_key::{ClientKey, ClientKeyError};
pub use self::quirk::Quirk;
pub use self::settings::{Checks, Endpoint, Kind, ProfileSource, ResponseMode};
pub(crate) use self::template::expand;
pub use self::user_info_request::{UserInfoMethod, UserInfoRequest};
use crate::UserInfoMapping;

/// A provider of identities: where its endpoints are, who we are to it, and what it does differently.
///
/// Made by [`new`](Self::new) and the methods `with_…`. A fresh provider has all checks that its kind allows,
/// [`ClientAuth::Basic`], the [standard mapping](crate::UserInfo::from_claims) and no endpoints.
///
/// In the URLs and the values of endpoints, headers and quirks, `{client_id}` stands for the client's id. What else can
/// stand for something is said where it can.
#[derive(Clone)]
pub struct Provider {
    id: ProviderId,
    name: Box<str>,
    kind: Kind,
    issuer: Option<Box<str>>,
    discovery: bool,
    discovery_url: Option<Box<str>>,
    authorization: Endpoint,
    token: Option<Endpoint>,
    user_info: Option<Endpoint>,
    jwks_uri: Option<Box<str>>,
    scope: Option<Box<str>>,
    checks: Checks,
    client_id: Box<str>,
    client_secret: Option<SecretToken>,
    client_auth: ClientAuth,
    id_token_alg: Option<Alg>,
    user_info_alg: Option<Alg>,
    response_mode: ResponseMode,
    profile_source: ProfileSource,
    user_info_request: UserInfoRequest,
    mapping: UserInfoMapping,
    quirks: Vec<Quirk>,
    allowed_params: Vec<Box<str>>,
    plain_http: bool,
}

impl Provider {
    /// The id, which stands in URLs and in the accounts.
    pub fn id(&self) -> &ProviderId {
        &self.id
    }

    /// The name for display.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The protocol.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The `type` of its accounts.
    pub fn account_type(&self) -> AccountType {
        match self.kind {
            Kind::OAuth => AccountType::OAuth,
            Kind::Oidc => AccountType::Oidc,
        }
    }

    /// The issuer.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether the discovery document is asked for.
    pub fn discovers(&self) -> bool {
        self.discovery
    }

    /// Where the discovery document is, if not where the issuer says.
    pub fn discovery_url(&self) -> Option<&str> {
        self.discovery_url.as_deref()
    }

    /// The authorization endpoint. Its URL is empty if the discovery document has it.
    pub fn authorization(&self) -> &Endpoint {
        &self.authorization
    }

    /// The token endpoint, if not the discovery document has it.
    pub fn token(&self) -> Option<&Endpoint> {
        self.token.as_ref()
    }

    /// The userinfo endpoint, if not the discovery document has it.
    pub fn user_info(&self) -> Option<&Endpoint> {
        self.user_info.as_ref()
    }

    /// Where the keys are, if not the discovery document has it.
    pub fn jwks_uri(&self) -> Option<&str> {
        self.jwks_uri.as_deref()
    }

    /// The scope, if one was given. An empty one means that none is sent.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The checks.
    pub fn checks(&self) -> Checks {
        self.checks
    }

    /// The client's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client's secret.
    pub fn client_secret(&self) -> Option<&SecretToken> {
        self.client_secret.as_ref()
    }

    /// How the client shows who it is.
    pub fn client_auth(&self) -> &ClientAuth {
        &self.client_auth
    }

    /// The one algorithm of its ID tokens.
    pub fn id_token_alg(&self) -> Option<Alg> {
        self.id_token_alg
    }

    /// The algorithm of its userinfo endpoint, which then must sign.
    pub fn user_info_alg(&self) -> Option<Alg> {
        self.user_info_alg
    }

    /// How the browser brings the answer back.
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// Where the user info comes from.
    pub fn profile_source(&self) -> ProfileSource {
        self.profile_source
    }

    /// What the request to the userinfo endpoint looks like.
    pub fn user_info_request(&self) -> &UserInfoRequest {
        &self.user_info_request
    }

    /// How the user info is read.
    pub fn mapping(&self) -> &UserInfoMapping {
        &self.mapping
    }

    /// What it does differently.
    pub fn quirks(&self) -> &[Quirk] {
        &self.quirks
    }

    /// The parameters that a browser may add to the authorization request.
    pub fn allowed_params(&self) -> impl Iterator<Item = &str> {
        self.allowed_params.iter().map(|name| &**name)
    }

    /// Whether its endpoints may be `http` elsewhere than on this machine.
    pub fn allows_plain_http(&self) -> bool {
        self.plain_http
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id.as_str())
            .field("kind", &self.kind)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
