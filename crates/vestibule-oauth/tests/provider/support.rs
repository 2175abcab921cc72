//! A provider, a relying party, and a browser between them.

use std::sync::Arc;

use vestibule_core::{AccountTokens, OsRandom};
use vestibule_http::HyperClient;
use vestibule_oauth::{
    AuthorizationRequest, CallbackParams, Expected, Identity, Kind, OAuthError, Provider, RelyingParty, pkce,
};
use vestibule_testkit::{FakeProvider, Returned, TestClock};

pub(crate) const REDIRECT_URI: &str = "https://app.example/auth/callback/fake";
const STATE: &str = "the state of this browser";
const NONCE: &str = "the nonce of this browser";

pub(crate) struct World {
    pub(crate) fake: FakeProvider,
    pub(crate) clock: TestClock,
    pub(crate) party: RelyingParty,
    verifier: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = TestClock::default();
        let fake = FakeProvider::start(&clock).await;
        let party = RelyingParty::new(Arc::new(HyperClient::new()), Arc::new(clock.clone()));
        Self { fake, clock, party, verifier: pkce::verifier(&OsRandom) }
    }

    /// The provider's data, as an application would have it.
    pub(crate) fn oidc(&self) -> Provider {
        Provider::new("fake", "Fake", Kind::Oidc)
            .with_issuer(self.fake.issuer())
            .with_client_id(FakeProvider::CLIENT_ID)
            .with_client_secret(FakeProvider::CLIENT_SECRET)
    }

    /// The same without OpenID Connect.
    pub(crate) fn oauth(&self) -> Provider {
        Provider::new("fake", "Fake", Kind::OAuth)
            .with_authorization(self.fake.url("/authorize"))
            .with_token(self.fake.url("/token"))
            .with_user_info(self.fake.url("/userinfo"))
            .with_scope("profile")
            .with_client_id(FakeProvider::CLIENT_ID)
            .with_client_secret(FakeProvider::CLIENT_SECRET)
    }

    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            state: Some(STATE),
            nonce: Some(NONCE),
            code_verifier: Some(&self.verifier),
            redirect_uri: REDIRECT_URI,
        }
    }

    /// Sends the browser away.
    pub(crate) async fn leave(&self, provider: &Provider) -> Result<Returned, OAuthError> {
        let challenge = pkce::challenge(&self.verifier);
        let request = AuthorizationRequest {
            redirect_uri: REDIRECT_URI,
            state: Some(STATE),
            nonce: Some(NONCE),
            code_challenge: Some(&challenge),
            params: &[],
        };
        let url = self.party.authorization_url(provider, &request).await?;
        Ok(self.fake.visit(&url))
    }

    /// Sends the browser away and takes what it brings back.
    pub(crate) async fn sign_in(&self, provider: &Provider) -> Result<Identity, OAuthError> {
        let returned = self.leave(provider).await?;
        self.come_back(provider, &returned.params).await
    }

    pub(crate) async fn come_back(&self, provider: &Provider, params: &str) -> Result<Identity, OAuthError> {
        let callback = CallbackParams::from_query(params)?;
        self.party.identify(provider, &callback, &self.expected()).await
    }

    /// Why nobody is signed in, once it is certain that nothing secret is in it.
    pub(crate) async fn refusal(&self, provider: &Provider) -> OAuthError {
        self.checked(self.sign_in(provider).await)
    }

    pub(crate) fn checked<T: std::fmt::Debug>(&self, result: Result<T, OAuthError>) -> OAuthError {
        let error = result.expect_err("nobody is signed in");
        let first: &dyn std::error::Error = &error;
        let text: Vec<_> = std::iter::successors(Some(first), |error| error.source())
            .map(|error| format!("{error:?} {error} {error:#}"))
            .collect();
        let text = text.join("\n");
        let secrets = [
            FakeProvider::CLIENT_SECRET,
            &self.verifier,
            STATE,
            NONCE,
            "access-token-",
            "refresh-token-",
            "code-",
        ];
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
        error
    }
}

pub(crate) fn exposed(tokens: &AccountTokens) -> (Option<&str>, Option<&str>) {
    let expose = vestibule_core::SecretToken::expose;
    (tokens.access_token.as_ref().map(expose), tokens.refresh_token.as_ref().map(expose))
}

/// That a result is a certain refusal.
macro_rules! assert_refused {
    ($result:expr, $pattern:pat $(if $guard:expr)?) => {
        let refused = $result;
        assert!(matches!(refused, $pattern $(if $guard)?), "{refused}");
    };
}
pub(crate) use assert_refused;
