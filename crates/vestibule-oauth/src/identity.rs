//! What goes into the relying party, and what comes out.

use std::fmt;

use serde_json::Value;
use vestibule_core::{AccountTokens, AccountType};

use crate::UserInfo;

/// What the authorization request says, apart from what the provider's data says.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationRequest<'a> {
    /// Where the provider sends the browser back to. The same text goes into the token request.
    pub redirect_uri: &'a str,
    /// The `state`, as [`Expected`] will have it.
    pub state: Option<&'a str>,
    /// The `nonce`, as [`Expected`] will have it.
    pub nonce: Option<&'a str>,
    /// The [`challenge`](crate::pkce::challenge) of the `code_verifier` that [`Expected`] will have.
    pub code_challenge: Option<&'a str>,
    /// Parameters from the browser. Those that the provider does not allow are left out.
    pub params: &'a [(String, String)],
}

/// What was kept when the browser was sent away, to be met by what it brings back.
///
/// A value for a check that the provider's data switches off is not looked at.
#[derive(Clone, Copy, Default)]
pub struct Expected<'a> {
    /// The `state` that was sent.
    pub state: Option<&'a str>,
    /// The `nonce` that was sent.
    pub nonce: Option<&'a str>,
    /// The `code_verifier` whose challenge was sent.
    pub code_verifier: Option<&'a str>,
    /// The `redirect_uri` that was sent.
    pub redirect_uri: &'a str,
}

impl fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

/// A check that ties an answer of the provider to the browser that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Proof Key for Code Exchange (RFC 7636).
    Pkce,
    /// `state` (RFC 6749 §10.12).
    State,
    /// `nonce` (OpenID Connect Core §3.1.2.1).
    Nonce,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkce => "code_verifier",
            Self::State => "state",
            Self::Nonce => "nonce",
        })
    }
}

/// Who signed in at the provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Identity {
    /// What the provider tells about the user, as the provider's mapping reads it. `user.id` is never empty.
    pub user: UserInfo,
    /// What the mapping read: the claims of the ID token, or the answer of the userinfo endpoint.
    pub profile: Value,
    /// What the token endpoint answered, as far as it is kept.
    pub tokens: AccountTokens,
    /// The `type` of the account.
    pub account_type: AccountType,
}
