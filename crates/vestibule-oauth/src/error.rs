//! What can go wrong, one variant a reason.

use std::fmt;
use std::sync::Arc;

use vestibule_http::HttpError;

use crate::identity::Check;
use crate::user_info::ProfileError;

/// Why nobody was signed in.
///
/// Messages are for the operator. They name issuers, statuses and parameters; never a code, a token, a secret or what
/// they are made of. Text that came from outside is cut, and has no control characters.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    // What the browser brought back.
    /// The provider sent the browser back with an error, `access_denied` for instance: the user did not want to.
    #[error("the provider refused: {error}{}", described(description.as_deref()))]
    ProviderRefused {
        /// `error`.
        error: Box<str>,
        /// `error_description`.
        description: Option<Box<str>>,
    },
    /// The callback has a parameter twice (RFC 6749 §3.1).
    #[error("the callback has the parameter `{0}` twice")]
    DuplicateParameter(&'static str),
    /// The callback has a parameter of a kind of response that was not asked for.
    #[error("the callback has the parameter `{0}`, which was not asked for")]
    UnexpectedParameter(&'static str),
    /// The callback has more bytes than any provider sends.
    #[error("the callback is too large")]
    CallbackTooLarge,
    /// The `iss` of the callback names another issuer (RFC 9207).
    #[error("the callback comes from the issuer `{got}` instead of `{expected}`")]
    CallbackIssuerMismatch {
        /// The provider's issuer.
        expected: Box<str>,
        /// What the callback has.
        got: Box<str>,
    },
    /// The callback has no `iss`, although the provider says that it sends one (RFC 9207).
    #[error("the callback has no `iss`, although the provider says that it sends one")]
    CallbackIssuerMissing,
    /// The callback has another `state` than was sent, or none.
    #[error("the `state` of the callback is not the one that was sent")]
    StateMismatch,
    /// The callback has neither `code` nor `error`.
    #[error("the callback has no `code`")]
    CodeMissing,

    // What the application handed in.
    /// The provider's data asks for a check, and the caller gave nothing to check with.
    #[error("the provider asks for `{0}`, and there is none")]
    CheckMissing(Check),
    /// The `code_verifier` is not one (RFC 7636 §4.1).
    #[error("the `code_verifier` is not 43 to 128 unreserved characters")]
    CodeVerifierInvalid,
    /// The provider's data does not suffice.
    #[error("the provider is not set up: {0}")]
    Misconfigured(&'static str),

    // Answers of the provider.
    /// No answer came in time, or none at all. Trying again may help; a code that left may have been used up.
    #[error("{from} did not answer")]
    Unreachable {
        /// Who was asked.
        from: ProviderEndpoint,
        /// What the client says.
        #[source]
        source: Arc<HttpError>,
    },
    /// The answer is larger than any that is needed.
    #[error("{from} answered with more than {limit} bytes")]
    TooLarge {
        /// Who was asked.
        from: ProviderEndpoint,
        /// The limit.
        limit: usize,
    },
    /// The answer has another status than 200. Redirects are not followed.
    #[error("{from} answered with status {status}")]
    Status {
        /// Who was asked.
        from: ProviderEndpoint,
        /// The status.
        status: u16,
    },
    /// The answer is not a JSON object.
    #[error("{from} answered with something else than a JSON object")]
    NotJson {
        /// Who was asked.
        from: ProviderEndpoint,
    },
    /// The answer lacks a member, or has it in the wrong kind.
    #[error("{from} answered without a proper `{name}`")]
    Member {
        /// Who was asked.
        from: ProviderEndpoint,
        /// The member.
        name: &'static str,
    },
    /// An endpoint's URL is not one, or is `http` without being on this machine.
    #[error("the URL of {0} is not one of https")]
    InsecureUrl(ProviderEndpoint),
    /// A document of the provider names an endpoint by an address, or on this machine, and is itself elsewhere.
    #[error("the URL of {0} leads to an address that is not the provider's own")]
    ForeignAddress(ProviderEndpoint),
    /// The discovery document is of another issuer than was asked for.
    #[error("the discovery document is of the issuer `{got}` instead of `{expected}`")]
    DiscoveryIssuerMismatch {
        /// The provider's issuer.
        expected: Box<str>,
        /// What the document has.
        got: Box<str>,
    },
    /// The token endpoint answered with an error, `invalid_grant` for instance.
    #[error("the token endpoint refused: {error}{}", described(description.as_deref()))]
    TokenRefused {
        /// `error`.
        error: Box<str>,
        /// `error_description`.
        description: Option<Box<str>>,
    },
    /// The token endpoint gave tokens of a kind that is not understood.
    #[error("the token endpoint gave a token of the type `{0}`")]
    TokenTypeRefused(Box<str>),

    // The ID token, and other signed answers.
    /// The token endpoint gave no ID token, although this is OpenID Connect.
    #[error("the token endpoint gave no ID token")]
    IdTokenMissing,
    /// The ID token, or the answer of the userinfo endpoint, is not three parts of base64url with JSON inside.
    #[error("the token is malformed")]
    TokenMalformed,
    /// The ID token, or the answer of the userinfo endpoint, is encrypted. Tell the provider not to.
    #[error("the token is encrypted")]
    TokenEncrypted,
    /// The token is signed with an algorithm that is not allowed, `none` for instance.
    #[error("the algorithm `{0}` is not allowed")]
    AlgorithmRefused(Box<str>),
    /// The token's header has `crit`, and nothing of it is understood.
    #[error("the token's header has critical members that are not understood")]
    CriticalHeader,
    /// No key of the provider is the one that the token names, or of the kind that its algorithm needs.
    #[error("the provider has no key for the token")]
    KeyUnknown,
    /// The provider publishes more keys than are looked at.
    #[error("the provider publishes more than {limit} keys")]
    TooManyKeys {
        /// The limit.
        limit: usize,
    },
    /// The signature is not the provider's.
    #[error("the signature is wrong")]
    BadSignature,
    /// The token lacks a claim, or has it in the wrong kind.
    #[error("the token lacks a proper `{0}`")]
    ClaimMissing(&'static str),
    /// The token is of another issuer.
    #[error("the token is of the issuer `{got}` instead of `{expected}`")]
    IssuerMismatch {
        /// The provider's issuer.
        expected: Box<str>,
        /// What the token has.
        got: Box<str>,
    },
    /// The token is for somebody else.
    #[error("the token is not for this client")]
    AudienceMismatch,
    /// The token is for several, and `azp` does not name this client.
    #[error("the token was issued to another client")]
    AuthorizedPartyMismatch,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is not valid yet, or was issued later than now.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token has another `nonce` than was sent, none, or one although none was sent.
    #[error("the `nonce` of the token is not the one that was sent")]
    NonceMismatch,
    /// The user signed in at the provider longer ago than the `max_age` of the provider's data allows.
    #[error("the user signed in at the provider too long ago")]
    AuthenticationTooOld,
    /// The `at_hash` of the ID token belongs to another access token.
    #[error("the ID token belongs to another access token")]
    AccessTokenMismatch,

    // The user.
    /// The userinfo endpoint tells of another user than the ID token.
    #[error("the userinfo endpoint tells of another user than the ID token")]
    SubjectMismatch,
    /// The ID token that came for a refresh token tells of another user than the account's.
    #[error("the ID token of the new tokens tells of another user than the account's")]
    RefreshedSubjectMismatch,
    /// The userinfo endpoint answered without the signature that the provider's data asks for.
    #[error("the userinfo endpoint answered without a signature")]
    UserInfoUnsigned,
    /// What the provider told about the user is of no use.
    #[error("the user is not told")]
    Profile(#[from] ProfileError),
}

fn described(description: Option<&str>) -> String {
    description.map(|text| format!(" ({text})")).unwrap_or_default()
}

impl OAuthError {
    /// What this means for whoever is to be answered.
    pub fn kind(&self) -> OAuthFailure {
        match self {
            Self::ProviderRefused { .. } => OAuthFailure::Refused,
            Self::Unreachable { .. } | Self::Status { status: 429 | 500..=599, .. } => {
                OAuthFailure::Unreachable
            }
            _ => OAuthFailure::Invalid,
        }
    }
}

/// What an [`OAuthError`] means for whoever is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthFailure {
    /// The provider, or the user there, said no. The originals call it `OAuthCallbackError`.
    Refused,
    /// Something is not as it must be: an attack, or a mistake in the configuration. The originals call it
    /// `Configuration`.
    Invalid,
    /// The provider could not be reached, or is out of order. Trying again later may help.
    Unreachable,
}

/// What of a provider was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderEndpoint {
    /// The discovery document.
    Discovery,
    /// The authorization endpoint. Only the browser goes there.
    Authorization,
    /// The token endpoint.
    Token,
    /// The JWK set.
    Keys,
    /// The userinfo endpoint.
    UserInfo,
    /// GitHub's list of e-mail addresses.
    Emails,
}

impl fmt::Display for ProviderEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "the discovery endpoint",
            Self::Authorization => "the authorization endpoint",
            Self::Token => "the token endpoint",
            Self::Keys => "the endpoint of the provider's keys",
            Self::UserInfo => "the userinfo endpoint",
            Self::Emails => "the endpoint of the user's e-mail addresses",
        })
    }
}
