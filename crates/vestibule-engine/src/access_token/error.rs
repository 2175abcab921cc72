//! Why there is no access token.

use std::sync::Arc;

use vestibule_core::AdapterError;
use vestibule_oauth::OAuthError;

/// Why there is no access token. Messages hold no tokens.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The user has no account at this provider, or not this one.
    #[error("the user has no such account")]
    NotLinked,
    /// The user has several accounts at this provider: ask for
    /// [that of one of them](crate::Engine::access_token_of_account).
    #[error("the user has several accounts at this provider")]
    SeveralAccounts,
    /// No provider of OAuth 2 or OpenID Connect with this id is configured.
    #[error("no such provider is configured")]
    UnknownProvider,
    /// The token has expired and cannot be refreshed: there is no refresh token, or the provider does not take it any
    /// more. When the user has signed in there again, there will be another.
    #[error("the user has to sign in at the provider again")]
    SignInAgain,
    /// Somebody else is refreshing the token and is not done yet. Trying again will help.
    #[error("the token is being refreshed by another process")]
    Busy,
    /// The provider could not be reached, or is out of order. Trying again may help; a refresh token that was under way
    /// may have been used up.
    #[error("the provider did not give a new token")]
    Unreachable(#[source] OAuthError),
    /// The provider refused, or what it answered does not hold: a mistake in the configuration, mostly.
    #[error("the provider's answer was refused")]
    Refused(#[source] OAuthError),
    /// The store refused, failed, or could not be reached. New tokens that could not be stored are kept in this process,
    /// and stored by the next call.
    #[error("the store failed")]
    Store(#[source] Arc<AdapterError>),
}

impl AccessTokenError {
    /// Whether the tokens that there were are still those of the account.
    pub(super) fn leaves_tokens(&self) -> bool {
        !matches!(self, Self::NotLinked)
    }
}

impl From<AdapterError> for AccessTokenError {
    fn from(error: AdapterError) -> Self {
        Self::Store(Arc::new(error))
    }
}
