//! Discovery documents and keys, and the signatures that are checked with them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;
use vestibule_core::Clock;
use vestibule_http::Bytes;
use vestibule_http::http::{Response, StatusCode};

use super::RelyingParty;
use crate::cache::Cache;
use crate::claims::{self, Nonce, Rules};
use crate::discovery::{Endpoints, Metadata, url_of};
use crate::jose::{Compact, KeySet, Verified};
use crate::provider::{Alg, Provider, Quirk};
use crate::wire::Wire;
use crate::{OAuthError, ProviderEndpoint};

const METADATA_LASTS: Duration = Duration::from_hours(1);
const KEYS_LAST: Duration = Duration::from_mins(15);
/// How old keys must be before a token that names an unknown one causes a request.
const KEYS_LAST_FOR_UNKNOWN: Duration = Duration::from_secs(30);
const MOST: usize = 64;

/// What is known of the providers.
pub(super) struct Fetched {
    metadata: Cache<Metadata>,
    keys: Cache<KeySet>,
}

impl Fetched {
    pub(super) fn new() -> Self {
        Self { metadata: Cache::new(MOST), keys: Cache::new(MOST) }
    }

    pub(super) async fn metadata(
        &self,
        wire: &Wire,
        clock: &dyn Clock,
        provider: &Provider,
    ) -> Result<Arc<Metadata>, OAuthError> {
        let url = url_of(provider)?;
        let fetch = || async {
            let document = wire.object(ProviderEndpoint::Discovery, &url).await?;
            Metadata::read(&url, &document)
        };
        self.metadata.get(url.as_str(), METADATA_LASTS, clock, fetch).await
    }

    async fn keys(
        &self,
        wire: &Wire,
        clock: &dyn Clock,
        url: &Url,
        lasts: Duration,
    ) -> Result<Arc<KeySet>, OAuthError> {
        let fetch = || async { KeySet::read(&wire.object(ProviderEndpoint::Keys, url).await?) };
        self.keys.get(url.as_str(), lasts, clock, fetch).await
    }
}

impl RelyingParty {
    /// Checks the signature of a token. `alg` is the only algorithm, if one is known.
    pub(super) async fn verify(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &str,
        alg: Option<Alg>,
    ) -> Result<Verified, OAuthError> {
        let named = endpoints.id_token_algs.as_deref();
        let token = Compact::parse(token, |candidate| match (alg, named) {
            (Some(only), _) => candidate == only,
            (None, Some(named)) => candidate != Alg::Hs256 && named.contains(&candidate),
            (None, None) => candidate == Alg::Rs256,
        })?;
        if token.alg() == Alg::Hs256 {
            let secret =
                provider.client_secret().ok_or(OAuthError::Misconfigured("there is no client secret"))?;
            return token.verify_hmac(secret.expose());
        }
        let url = endpoints.keys().ok_or(OAuthError::Misconfigured("it is not known where the keys are"))?;
        let keys = self.fetched.keys(&self.wire, &*self.clock, url, KEYS_LAST).await?;
        let error = match token.verify(&keys) {
            Err(error @ OAuthError::KeyUnknown) => error,
            // A token that names no key may be of one that is new.
            Err(error @ OAuthError::BadSignature) if !token.names_its_key() => error,
            known => return known,
        };
        let newer = self.fetched.keys(&self.wire, &*self.clock, url, KEYS_LAST_FOR_UNKNOWN).await?;
        if Arc::ptr_eq(&keys, &newer) { Err(error) } else { token.verify(&newer) }
    }

    /// Checks the claims of an ID token.
    pub(super) fn check_claims(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &Verified,
        nonce: Nonce<'_>,
        access_token: &str,
    ) -> Result<(), OAuthError> {
        let issuer = endpoints.issuer.as_ref().ok_or(OAuthError::Misconfigured("there is no issuer"))?;
        let also: Vec<_> = also_issuers(provider).collect();
        let client_id = provider.client_id();
        let now = self.clock.now();
        // A token that comes for a refresh token tells of the same sign-in as before.
        let max_age = if matches!(nonce, Nonce::Whatever) { None } else { max_age(provider) };
        claims::check(token, &Rules { issuer, also: &also, client_id, now, nonce, max_age, access_token })
    }

    /// What a userinfo endpoint that signs tells (OpenID Connect Core §5.3.2).
    pub(super) async fn signed_user(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        answer: &Response<Bytes>,
    ) -> Result<Map<String, Value>, OAuthError> {
        const FROM: ProviderEndpoint = ProviderEndpoint::UserInfo;
        if answer.status() != StatusCode::OK {
            return Err(OAuthError::Status { from: FROM, status: answer.status().as_u16() });
        }
        let token = std::str::from_utf8(answer.body()).map_err(|_| OAuthError::TokenMalformed)?;
        let alg = provider.user_info_alg().or(provider.id_token_alg());
        let verified = self.verify(provider, endpoints, token.trim(), alg).await?;
        let issuer = endpoints.issuer.as_ref().ok_or(OAuthError::Misconfigured("there is no issuer"))?;
        let also: Vec<_> = also_issuers(provider).collect();
        claims::check_user_info(&verified, issuer, &also, provider.client_id())?;
        Ok(verified.claims)
    }
}

/// The `max_age` that the provider's data asks for. One from a browser is that browser's own affair.
fn max_age(provider: &Provider) -> Option<Duration> {
    let params = &provider.authorization().params;
    let (_, seconds) = params.iter().rev().find(|(name, _)| &**name == "max_age")?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn also_issuers(provider: &Provider) -> impl Iterator<Item = &str> {
    provider.quirks().iter().filter_map(|quirk| match quirk {
        Quirk::AlsoIssuer(issuer) => Some(&**issuer),
        _ => None,
    })
}
