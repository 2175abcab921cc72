//! Putting a provider together.

use vestibule_core::{ProviderId, SecretToken};

use super::{
    Alg, Checks, ClientAuth, Endpoint, Kind, ProfileSource, Provider, Quirk, ResponseMode, UserInfoRequest,
};
use crate::UserInfoMapping;

/// What a browser may add to the authorization request, unless the provider's data says otherwise.
const ALLOWED_PARAMS: [&str; 18] = [
    "access_type",
    "acr_values",
    "approval_prompt",
    "audience",
    "claims_locales",
    "display",
    "domain_hint",
    "hd",
    "id_token_hint",
    "include_granted_scopes",
    "login_hint",
    "max_age",
    "organization",
    "prompt",
    "resource",
    "scope",
    "screen_hint",
    "ui_locales",
];

impl Provider {
    /// A provider with an id for URLs and accounts, a name for display and a protocol.
    pub fn new(id: impl Into<ProviderId>, name: impl Into<Box<str>>, kind: Kind) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            kind,
            issuer: None,
            discovery: kind == Kind::Oidc,
            discovery_url: None,
            authorization: Endpoint::default(),
            token: None,
            user_info: None,
            jwks_uri: None,
            scope: None,
            checks: Checks::all(kind),
            client_id: "".into(),
            client_secret: None,
            client_auth: ClientAuth::default(),
            id_token_alg: None,
            user_info_alg: None,
            response_mode: ResponseMode::default(),
            profile_source: ProfileSource::default(),
            user_info_request: UserInfoRequest::default(),
            mapping: UserInfoMapping::default(),
            quirks: Vec::new(),
            allowed_params: ALLOWED_PARAMS.map(Into::into).to_vec(),
            plain_http: false,
        }
    }

    /// Sets the id, for a second client at the same provider.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<ProviderId>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the name for display.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the client's id.
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<Box<str>>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Sets the client's secret.
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<SecretToken>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Sets how the client shows who it is.
    #[must_use]
    pub fn with_client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = client_auth;
        self
    }

    /// Sets the issuer, a URL.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<Box<str>>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Whether the discovery document is asked for. It is for OpenID Connect, and not for OAuth, unless this is said.
    ///
    /// Endpoints that are set here win over those of the document. Without discovery, OpenID Connect needs an
    /// [issuer](Self::with_issuer), a [token endpoint](Self::with_token) and [keys](Self::with_jwks_uri).
    #[must_use]
    pub fn with_discovery(mut self, discovery: bool) -> Self {
        self.discovery = discovery;
        self
    }

    /// Sets where the discovery document is, for an issuer that keeps it elsewhere than at
    /// `/.well-known/openid-configuration` below itself. It must name the issuer all the same.
    #[must_use]
    pub fn with_discovery_url(mut self, url: impl Into<Box<str>>) -> Self {
        self.discovery_url = Some(url.into());
        self
    }

    /// Sets the authorization endpoint.
    #[must_use]
    pub fn with_authorization(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.authorization = endpoint.into();
        self
    }

    /// Adds a parameter to the authorization request. The discovery document may still say where it goes.
    ///
    /// With `max_age`, in seconds, ID tokens must have an `auth_time` that is not longer ago, and browsers cannot set
    /// another.
    #[must_use]
    pub fn with_authorization_param(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.authorization = self.authorization.with_param(name, value);
        self
    }

    /// Sets the token endpoint.
    #[must_use]
    pub fn with_token(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.token = Some(endpoint.into());
        self
    }

    /// Sets the userinfo endpoint.
    #[must_use]
    pub fn with_user_info(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.user_info = Some(endpoint.into());
        self
    }

    /// Sets what the request to the userinfo endpoint looks like.
    #[must_use]
    pub fn with_user_info_request(mut self, request: UserInfoRequest) -> Self {
        self.user_info_request = request;
        self
    }

    /// Sets where the provider's keys are.
    #[must_use]
    pub fn with_jwks_uri(mut self, url: impl Into<Box<str>>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Sets the scope. Without one, `openid profile email` is asked for; with an empty one, nothing.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<Box<str>>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets the checks, for a provider that breaks on one of them.
    ///
    /// A `nonce` is for OpenID Connect alone; OAuth stays without.
    #[must_use]
    pub fn with_checks(mut self, checks: Checks) -> Self {
        self.checks = Checks { nonce: checks.nonce && self.kind == Kind::Oidc, ..checks };
        self
    }

    /// Sets the one algorithm of the ID tokens.
    ///
    /// Without one, those count that the discovery document names, else RS256; HMAC never does unless it is named here.
    #[must_use]
    pub fn with_id_token_alg(mut self, alg: Alg) -> Self {
        self.id_token_alg = Some(alg);
        self
    }

    /// Sets the algorithm with which the userinfo endpoint must sign.
    #[must_use]
    pub fn with_user_info_alg(mut self, alg: Alg) -> Self {
        self.user_info_alg = Some(alg);
        self
    }

    /// Sets how the browser brings the answer back.
    #[must_use]
    pub fn with_response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = mode;
        self
    }

    /// Sets where the user info of OpenID Connect comes from.
    #[must_use]
    pub fn with_profile_source(mut self, source: ProfileSource) -> Self {
        self.profile_source = source;
        self
    }

    /// Sets how the user info is read.
    #[must_use]
    pub fn with_mapping(mut self, mapping: UserInfoMapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Adds something that this provider does differently.
    #[must_use]
    pub fn with_quirk(mut self, quirk: Quirk) -> Self {
        self.quirks.push(quirk);
        self
    }

    /// Lets browsers add a parameter to the authorization request.
    ///
    /// The parameters of the protocol itself, `redirect_uri` and `client_id` among them, no browser may set.
    #[must_use]
    pub fn with_allowed_param(mut self, name: impl Into<Box<str>>) -> Self {
        self.allowed_params.push(name.into());
        self
    }

    /// Replaces the parameters that a browser may add to the authorization request.
    #[must_use]
    pub fn with_allowed_params<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.allowed_params = names.into_iter().map(Into::into).collect();
        self
    }

    /// Lets the provider be reached without TLS. Only for tests and closed networks: whoever is in between can sign in
    /// as anybody. On this machine, `http://127.0.0.1`, it is allowed anyway.
    #[must_use]
    pub fn with_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_that_the_protocol_has_is_on() {
        let checks = |kind| Provider::new("p", "P", kind).checks();

        assert_eq!(checks(Kind::Oidc), Checks { pkce: true, state: true, nonce: true });
        assert_eq!(checks(Kind::OAuth), Checks { pkce: true, state: true, nonce: false });
    }

    #[test]
    fn oauth_never_has_a_nonce() {
        let all = Checks { pkce: true, state: true, nonce: true };

        assert!(!Provider::new("p", "P", Kind::OAuth).with_checks(all).checks().nonce);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let provider = Provider::new("p", "P", Kind::Oidc)
            .with_client_id("me")
            .with_client_secret("hunter2")
            .with_token(Endpoint::new("https://p.example").with_param("secret", "hunter2"));

        assert!(!format!("{provider:?} {provider:#?}").contains("hunter2"));
    }
}
