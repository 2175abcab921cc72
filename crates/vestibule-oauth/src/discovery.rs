//! The discovery document (OpenID Connect Discovery 1.0, RFC 8414), and what becomes of it and the provider's data.

use serde_json::{Map, Value};
use url::Url;

use crate::issuer::Issuer;
use crate::provider::{Alg, Provider, Quirk, expand};
use crate::text::printable;
use crate::wire::{foreign_url, own_url};
use crate::{OAuthError, ProviderEndpoint};

const FROM: ProviderEndpoint = ProviderEndpoint::Discovery;

/// What a discovery document says, as far as it is of use. URLs are checked where they are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// Where it was found.
    url: Url,
    issuer: Box<str>,
    authorization_endpoint: Option<Box<str>>,
    token_endpoint: Option<Box<str>>,
    userinfo_endpoint: Option<Box<str>>,
    jwks_uri: Option<Box<str>>,
    id_token_algs: Option<Vec<Alg>>,
    sends_issuer: bool,
}

impl Metadata {
    /// Reads a document. That it is the right issuer's is not checked yet.
    pub(crate) fn read(url: &Url, document: &Map<String, Value>) -> Result<Self, OAuthError> {
        let text = |name: &'static str| match document.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(Box::from(&**text))),
            Some(_) => Err(OAuthError::Member { from: FROM, name }),
        };
        let algs = document.get("id_token_signing_alg_values_supported").and_then(Value::as_array);
        Ok(Self {
            url: url.clone(),
            issuer: text("issuer")?.ok_or(OAuthError::Member { from: FROM, name: "issuer" })?,
            authorization_endpoint: text("authorization_endpoint")?,
            token_endpoint: text("token_endpoint")?,
            userinfo_endpoint: text("userinfo_endpoint")?,
            jwks_uri: text("jwks_uri")?,
            id_token_algs: algs
                .map(|algs| algs.iter().filter_map(Value::as_str).filter_map(Alg::from_name).collect()),
            sends_issuer: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}

/// Where the discovery document of a provider is.
pub(crate) fn url_of(provider: &Provider) -> Result<Url, OAuthError> {
    if let Some(url) = provider.discovery_url() {
        return own_url(provider, FROM, url);
    }
    let issuer = provider.issuer().ok_or(OAuthError::Misconfigured("there is no issuer"))?;
    let mut url = own_url(provider, FROM, issuer)?;
    let path = format!("{}/.well-known/openid-configuration", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// A provider's endpoints, from its data and, where that says nothing, from the discovery document.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) issuer: Option<Issuer>,
    /// Whether the callback must have `iss`.
    pub(crate) sends_issuer: bool,
    authorization: Option<Url>,
    token: Option<Url>,
    user_info: Option<Url>,
    keys: Option<Url>,
    /// Those that the document names.
    pub(crate) id_token_algs: Option<Vec<Alg>>,
}

impl Endpoints {
    /// Puts them together.
    pub(crate) fn new(provider: &Provider, metadata: Option<&Metadata>) -> Result<Self, OAuthError> {
        let issuer = match (metadata, provider.issuer()) {
            (Some(metadata), configured) => Some(issuer(provider, configured, &metadata.issuer)?),
            (None, Some(configured)) => Some(Issuer::exact(configured)),
            (None, None) => None,
        };
        let found = |endpoint, own: Option<&str>, document: fn(&Metadata) -> Option<&str>| {
            if let Some(own) = own.filter(|own| !own.is_empty()) {
                let own = expand(own, |name| (name == "client_id").then(|| provider.client_id().to_owned()));
                return own_url(provider, endpoint, &own).map(Some);
            }
            let Some(metadata) = metadata else { return Ok(None) };
            document(metadata).map(|url| foreign_url(provider, endpoint, url, &metadata.url)).transpose()
        };
        Ok(Self {
            issuer,
            sends_issuer: metadata.is_some_and(|metadata| metadata.sends_issuer),
            authorization: found(
                ProviderEndpoint::Authorization,
                Some(&provider.authorization().url),
                |m| m.authorization_endpoint.as_deref(),
            )?,
            token: found(ProviderEndpoint::Token, provider.token().map(|own| &*own.url), |m| {
                m.token_endpoint.as_deref()
            })?,
            // The URL may have braces, which are filled when the token is there.
            user_info: match provider.user_info() {
                Some(_) => None,
                None => found(ProviderEndpoint::UserInfo, None, |m| m.userinfo_endpoint.as_deref())?,
            },
            keys: found(ProviderEndpoint::Keys, provider.jwks_uri(), |m| m.jwks_uri.as_deref())?,
            id_token_algs: metadata.and_then(|metadata| metadata.id_token_algs.clone()),
        })
    }

    pub(crate) fn authorization(&self) -> Result<&Url, OAuthError> {
        self.authorization.as_ref().ok_or(OAuthError::Misconfigured("there is no authorization endpoint"))
    }

    pub(crate) fn token(&self) -> Result<&Url, OAuthError> {
        self.token.as_ref().ok_or(OAuthError::Misconfigured("there is no token endpoint"))
    }

    /// The userinfo endpoint that the document names.
    pub(crate) fn user_info(&self) -> Result<&Url, OAuthError> {
        self.user_info.as_ref().ok_or(OAuthError::Misconfigured("there is no userinfo endpoint"))
    }

    pub(crate) fn keys(&self) -> Option<&Url> {
        self.keys.as_ref()
    }
}

/// The issuer of a document, if it is the one that was asked for.
fn issuer(provider: &Provider, configured: Option<&str>, got: &str) -> Result<Issuer, OAuthError> {
    let configured = configured.ok_or(OAuthError::Misconfigured("there is no issuer"))?;
    let found = if provider.quirks().contains(&Quirk::TenantIssuer) {
        Issuer::of_tenant(configured, got)
    } else {
        Issuer::same(configured, got)
    };
    found.ok_or_else(|| OAuthError::DiscoveryIssuerMismatch {
        expected: printable(configured),
        got: printable(got),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Kind, any_json};

    fn url(provider: &Provider) -> String {
        url_of(provider).unwrap().into()
    }

    #[test]
    fn the_document_is_below_the_issuer_unless_it_is_elsewhere() {
        let at = |issuer: &str| url(&Provider::new("p", "P", Kind::Oidc).with_issuer(issuer));

        assert_eq!(at("https://a.example"), "https://a.example/.well-known/openid-configuration");
        assert_eq!(at("https://a.example/"), "https://a.example/.well-known/openid-configuration");
        assert_eq!(at("https://a.example/x/y//"), "https://a.example/x/y/.well-known/openid-configuration");
        let elsewhere = Provider::new("p", "P", Kind::Oidc)
            .with_issuer("https://a.example")
            .with_discovery_url("https://b.example/c");
        assert_eq!(url(&elsewhere), "https://b.example/c");
        assert!(url_of(&Provider::new("p", "P", Kind::Oidc)).is_err());
    }

    #[test]
    fn a_document_from_elsewhere_cannot_send_us_to_this_machine() {
        let provider = Provider::new("p", "P", Kind::Oidc).with_issuer("https://a.example");
        for member in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
            let document = json!({"issuer": "https://a.example", member: "http://127.0.0.1:8080/x"});
            let metadata =
                Metadata::read(&url_of(&provider).unwrap(), document.as_object().unwrap()).unwrap();

            let refused = Endpoints::new(&provider, Some(&metadata));

            assert!(matches!(refused, Err(OAuthError::InsecureUrl(_))), "{member}");
        }
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(
            document in any_json::object(&[
                "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
                "id_token_signing_alg_values_supported", "authorization_response_iss_parameter_supported",
            ]),
            tenants in any::<bool>(),
        ) {
            let mut provider = Provider::new("p", "P", Kind::Oidc).with_issuer("https://a.example/b");
            if tenants {
                provider = provider.with_quirk(Quirk::TenantIssuer);
            }
            if let Ok(metadata) = Metadata::read(&url_of(&provider).unwrap(), &document) {
                drop(Endpoints::new(&provider, Some(&metadata)));
            }
        }
    }
}
