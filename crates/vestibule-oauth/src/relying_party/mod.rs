//! The relying party.

mod answer;
mod emails;
mod fetched;
mod refresh;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use vestibule_core::{Clock, OsRandom, Random};
use vestibule_http::{HttpClient, Repeat};

use self::answer::code_of;
use self::fetched::Fetched;
use crate::authorize::{authorization_url, wanted};
use crate::claims::{Nonce, subject};
use crate::discovery::Endpoints;
use crate::identity::Check;
use crate::issuer::Issuer;
use crate::pkce::is_verifier;
use crate::provider::{Kind, ProfileSource, Quirk};
use crate::token::{Grant, To, TokenResponse, token_request};
use crate::wire::{Wire, object};
use crate::{
    AuthorizationRequest, CallbackParams, Expected, Identity, OAuthError, Provider, ProviderEndpoint,
    user_info_endpoint,
};

/// How long a provider may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Signs people in at providers, over an HTTP client that was handed in.
///
/// Cheap to clone. All clones share what they know of the providers: the discovery document of an issuer for an hour,
/// its keys for a quarter of one, at most 64 of each. Many who need the same at once cause one request. A failure is
/// shared by those who wait and forgotten after two seconds.
#[derive(Clone)]
pub struct RelyingParty {
    wire: Wire,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    fetched: Arc<Fetched>,
}

impl RelyingParty {
    /// A relying party. It asks nothing yet.
    ///
    /// Which addresses may be connected to is up to the client: what a provider's discovery document names is asked,
    /// so a client that serves issuers which strangers choose has to refuse private addresses. `HyperClient` can.
    pub fn new(http: Arc<dyn HttpClient>, clock: Arc<dyn Clock>) -> Self {
        let wire = Wire { http, timeout: TIMEOUT };
        Self { wire, clock, random: Arc::new(OsRandom), fetched: Arc::new(Fetched::new()) }
    }

    /// Sets how long a provider may take for one answer, connecting included, instead of 10 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.wire.timeout = timeout;
        self
    }

    /// Sets where the ids of client assertions come from, instead of the operating system.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// The URL to send the browser to.
    ///
    /// The parameters stand in the order of the originals: what the endpoint has already, `response_type`,
    /// `client_id`, `redirect_uri`, those of the provider's data, those of the browser that are allowed, `state`,
    /// `code_challenge`, `nonce`. The provider is asked for its discovery document if its data has no authorization
    /// endpoint, and the document is not known yet.
    ///
    /// # Errors
    ///
    /// [`OAuthError::CheckMissing`] if a check of the provider has no value, [`OAuthError::Misconfigured`] and
    /// [`OAuthError::InsecureUrl`]; what [`identify`](Self::identify) says of the discovery document.
    pub async fn authorization_url(
        &self,
        provider: &Provider,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, OAuthError> {
        let endpoints = if provider.authorization().url.is_empty() {
            self.endpoints(provider).await?
        } else {
            Endpoints::new(provider, None)?
        };
        authorization_url(provider, endpoints.authorization()?, request)
    }

    /// Turns what the browser brought back into who signed in.
    ///
    /// In this order: the callback is met with what is expected; the code is exchanged; the ID token's signature and
    /// claims are checked, with 30 s between the clocks; the profile is read, from the userinfo endpoint where it comes
    /// from there. What is `expected` has to be used up by the caller before, whatever comes out: nothing here
    /// remembers a `state`.
    ///
    /// OAuth, too, has an ID token at times. It is checked if the provider's keys are known, and else thrown away.
    ///
    /// Costs one request; another one for the userinfo endpoint; and for the discovery document and the keys one each
    /// if they are not known yet, or the ID token names a new key. Keys are asked for again at most every 30 s.
    ///
    /// # Errors
    ///
    /// [`OAuthError`], one variant a reason. Nobody is signed in, and the code is used up if it was sent.
    pub async fn identify(
        &self,
        provider: &Provider,
        callback: &CallbackParams,
        expected: &Expected<'_>,
    ) -> Result<Identity, OAuthError> {
        let checks = provider.checks();
        let verifier = wanted(checks.pkce, Check::Pkce, expected.code_verifier)?;
        let nonce = wanted(checks.nonce, Check::Nonce, expected.nonce)?;
        if verifier.is_some_and(|verifier| !is_verifier(verifier)) {
            return Err(OAuthError::CodeVerifierInvalid);
        }
        let endpoints = self.endpoints(provider).await?;
        let code = code_of(provider, &endpoints, callback, expected)?;
        let redirect_uri = expected.redirect_uri;
        let grant = Grant::Code { code, redirect_uri, code_verifier: verifier };
        let mut token = self.ask_for_tokens(provider, &endpoints, &grant).await?;

        let nonce = nonce.map_or(Nonce::Absent, Nonce::Is);
        let claims = self.check_id_token(provider, &endpoints, &mut token, nonce).await?;
        if let (Some(Issuer::AnyTenant { .. }), Some(claims), Some(named)) =
            (&endpoints.issuer, &claims, &callback.iss)
            && claims.get("iss").and_then(Value::as_str) != Some(named)
        {
            return Err(answer::other_issuer(&endpoints, named));
        }
        let mut profile = match (claims, provider.kind(), provider.profile_source()) {
            (None, Kind::Oidc, _) => return Err(OAuthError::IdTokenMissing),
            (Some(claims), Kind::Oidc, ProfileSource::IdToken) => claims,
            (claims, ..) => self.ask_for_user(provider, &endpoints, &token, claims.as_ref()).await?,
        };
        self.complete(provider, &endpoints, callback, &token, &mut profile).await?;
        let profile = Value::Object(profile);
        let user = provider.mapping().read(&profile)?;
        Ok(Identity { user, profile, tokens: token.tokens, account_type: provider.account_type() })
    }

    async fn endpoints(&self, provider: &Provider) -> Result<Endpoints, OAuthError> {
        if !provider.discovers() {
            return Endpoints::new(provider, None);
        }
        let metadata = self.fetched.metadata(&self.wire, &*self.clock, provider).await?;
        Endpoints::new(provider, Some(&metadata))
    }

    async fn ask_for_tokens(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        grant: &Grant<'_>,
    ) -> Result<TokenResponse, OAuthError> {
        let to = To {
            issuer: endpoints.issuer.as_ref(),
            token_endpoint: endpoints.token()?,
            now: self.clock.now(),
            random: &*self.random,
        };
        let request = token_request(provider, grant, to)?;
        let answer = self.wire.send(ProviderEndpoint::Token, request, Repeat::IfNotSent).await?;
        TokenResponse::read(provider, &answer, self.clock.now())
    }

    /// The claims of the ID token. One that cannot be checked is taken out of the tokens.
    async fn check_id_token(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &mut TokenResponse,
        nonce: Nonce<'_>,
    ) -> Result<Option<Map<String, Value>>, OAuthError> {
        let Some(id_token) = token.tokens.id_token.clone() else { return Ok(None) };
        let can_be_checked =
            endpoints.issuer.is_some() && (endpoints.keys().is_some() || provider.id_token_alg().is_some());
        if provider.kind() == Kind::OAuth && !can_be_checked {
            token.tokens.id_token = None;
            return Ok(None);
        }
        let access_token = token.access_token.expose();
        let verified = self.verify(provider, endpoints, id_token.expose(), provider.id_token_alg()).await?;
        self.check_claims(provider, endpoints, &verified, nonce, access_token)?;
        Ok(Some(verified.claims))
    }

    async fn ask_for_user(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &TokenResponse,
        id_token: Option<&Map<String, Value>>,
    ) -> Result<Map<String, Value>, OAuthError> {
        let url = match provider.user_info() {
            Some(own) => user_info_endpoint::own_endpoint(provider, own, token)?,
            None => endpoints.user_info()?.clone(),
        };
        let request = user_info_endpoint::request(provider, &url, token)?;
        // It changes nothing there, whatever the method.
        let answer = self.wire.send(ProviderEndpoint::UserInfo, request, Repeat::IfUnanswered).await?;
        let profile = if user_info_endpoint::is_jwt(&answer) {
            self.signed_user(provider, endpoints, &answer).await?
        } else if provider.user_info_alg().is_some() {
            return Err(OAuthError::UserInfoUnsigned);
        } else {
            user_info_endpoint::profile(provider, object(ProviderEndpoint::UserInfo, &answer)?)?
        };
        if let Some(claims) = id_token {
            let named = profile.get("sub").and_then(Value::as_str);
            // OAuth's own APIs need not know the word.
            let may_be_silent = provider.kind() == Kind::OAuth && !profile.contains_key("sub");
            if named != Some(subject(claims)?) && !may_be_silent {
                return Err(OAuthError::SubjectMismatch);
            }
        }
        Ok(profile)
    }

    /// Adds to the profile what comes from elsewhere.
    async fn complete(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        callback: &CallbackParams,
        token: &TokenResponse,
        profile: &mut Map<String, Value>,
    ) -> Result<(), OAuthError> {
        for quirk in provider.quirks() {
            match quirk {
                Quirk::GitHubEmails => self.add_emails(provider, endpoints, token, profile).await?,
                Quirk::UserInCallback => {
                    let told =
                        callback.user.as_deref().and_then(|user| serde_json::from_str::<Value>(user).ok());
                    if let Some(user @ Value::Object(_)) = told {
                        profile.insert("user".into(), user);
                    }
                }
                Quirk::ProfileFromToken(name) => {
                    if let Some(value) = token.members.get(&**name).filter(|_| is_absent(profile, name)) {
                        let value = value.clone();
                        profile.insert(name.to_string(), value);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_absent(profile: &Map<String, Value>, name: &str) -> bool {
    profile.get(name).is_none_or(Value::is_null)
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").finish_non_exhaustive()
    }
}
