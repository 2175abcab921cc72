//! New tokens for a refresh token (RFC 6749 §6, OpenID Connect Core §12).

use serde_json::{Map, Value};
use vestibule_core::{AccountTokens, ProviderAccountId, SecretToken};

use super::RelyingParty;
use crate::claims::{Nonce, subject};
use crate::discovery::Endpoints;
use crate::provider::{Kind, ProfileSource};
use crate::token::{Grant, TokenResponse};
use crate::{OAuthError, Provider};

impl RelyingParty {
    /// Exchanges the refresh token of an account for new tokens (RFC 6749 §6).
    ///
    /// A provider that gives no new refresh token means the old one to stay, and it is given back. An ID token that
    /// comes along is checked like any other, save for the `nonce`, and with OpenID Connect it must be of the account's
    /// user: its `sub` is the account's id, or its claims are read as that id. Of several calls at once with one
    /// refresh token, providers that rotate them let one succeed, or none: it is up to the caller that there are none.
    ///
    /// Costs one request, and those for the discovery document and the keys if they are not known. A provider whose
    /// accounts are not named by `sub`, and whose users come from the userinfo endpoint, is asked there too.
    ///
    /// # Errors
    ///
    /// [`OAuthError::TokenRefused`] with `invalid_grant` if the refresh token is not good any more;
    /// [`OAuthError::RefreshedSubjectMismatch`] if the new tokens are somebody else's. After
    /// [`OAuthError::Unreachable`] the old one may have been used up or not.
    pub async fn refresh(
        &self,
        provider: &Provider,
        refresh_token: &SecretToken,
        account_id: &ProviderAccountId,
    ) -> Result<AccountTokens, OAuthError> {
        let endpoints = self.endpoints(provider).await?;
        let grant = Grant::Refresh(refresh_token.expose());
        let mut token = self.ask_for_tokens(provider, &endpoints, &grant).await?;
        let claims = self.check_id_token(provider, &endpoints, &mut token, Nonce::Whatever).await?;
        if let (Some(claims), Kind::Oidc) = (claims, provider.kind()) {
            self.check_subject(provider, &endpoints, &token, claims, account_id.as_str()).await?;
        }
        let mut tokens = token.tokens;
        tokens.refresh_token.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    /// Checks that an ID token is of the user whose account it is (OpenID Connect Core §12.2).
    async fn check_subject(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &TokenResponse,
        claims: Map<String, Value>,
        account_id: &str,
    ) -> Result<(), OAuthError> {
        if subject(&claims)? == account_id {
            return Ok(());
        }
        let profile = match provider.profile_source() {
            ProfileSource::IdToken => claims,
            ProfileSource::UserInfo => self.ask_for_user(provider, endpoints, token, Some(&claims)).await?,
        };
        let user = provider.mapping().read(&Value::Object(profile))?;
        if *user.id == *account_id { Ok(()) } else { Err(OAuthError::RefreshedSubjectMismatch) }
    }
}
