//! Accounts: links between a user and a provider.

use crate::{Change, Extra, ProviderAccountId, ProviderId, RowId, SecretToken, Timestamp, UserId};

/// What kind of provider an account belongs to, as the `type` column spells it.
///
/// One table may hold several kinds for one provider (NextAuth v4 wrote `oauth` for OpenID Connect too), so
/// nothing may filter by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountType {
    /// `oauth`: OAuth 2.0 without an ID token.
    OAuth,
    /// `oidc`: OpenID Connect.
    Oidc,
    /// `email`: an e-mail address.
    Email,
    /// `webauthn`: a passkey or security key.
    WebAuthn,
    /// `credentials`: a password or the like.
    Credentials,
    /// Anything else that a table holds.
    Other(Box<str>),
}

impl AccountType {
    /// The text in the `type` column.
    pub fn as_str(&self) -> &str {
        match self {
            Self::OAuth => "oauth",
            Self::Oidc => "oidc",
            Self::Email => "email",
            Self::WebAuthn => "webauthn",
            Self::Credentials => "credentials",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for AccountType {
    fn from(text: &str) -> Self {
        match text {
            "oauth" => Self::OAuth,
            "oidc" => Self::Oidc,
            "email" => Self::Email,
            "webauthn" => Self::WebAuthn,
            "credentials" => Self::Credentials,
            other => Self::Other(other.into()),
        }
    }
}

/// What a token endpoint answered, as far as it is kept (RFC 6749 §5.1, OIDC Core §3.1.3.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountTokens {
    /// `access_token`.
    pub access_token: Option<SecretToken>,
    /// `refresh_token`.
    pub refresh_token: Option<SecretToken>,
    /// `id_token`, the compact serialization.
    pub id_token: Option<SecretToken>,
    /// When the access token expires. The originals' column holds whole seconds; milliseconds are cut.
    pub expires_at: Option<Timestamp>,
    /// `token_type`, in lower case.
    pub token_type: Option<String>,
    /// `scope`, space-separated.
    pub scope: Option<String>,
    /// `session_state` (OIDC Session Management).
    pub session_state: Option<String>,
}

/// An account as the store holds it. `(provider, provider_account_id)` names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The row's own id, where the schema has one.
    pub id: Option<RowId>,
    /// Whose account it is.
    pub user_id: UserId,
    /// The kind of provider.
    pub account_type: AccountType,
    /// The provider.
    pub provider: ProviderId,
    /// The user's id at the provider.
    pub provider_account_id: ProviderAccountId,
    /// The provider's tokens.
    pub tokens: AccountTokens,
    /// The application's own columns, every declared one present.
    pub extra: Extra,
}

/// An account to be linked, or to be created together with its user.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccount {
    /// The kind of provider.
    pub account_type: AccountType,
    /// The provider.
    pub provider: ProviderId,
    /// The user's id at the provider.
    pub provider_account_id: ProviderAccountId,
    /// The provider's tokens.
    pub tokens: AccountTokens,
    /// The application's own columns; one that is not given gets the database's default.
    pub extra: Extra,
}

impl NewAccount {
    /// An account without tokens.
    pub fn new(
        account_type: AccountType,
        provider: impl Into<ProviderId>,
        provider_account_id: impl Into<ProviderAccountId>,
    ) -> Self {
        Self {
            account_type,
            provider: provider.into(),
            provider_account_id: provider_account_id.into(),
            tokens: AccountTokens::default(),
            extra: Extra::new(),
        }
    }
}

/// Changes to an account: only what is set is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountChanges {
    /// All seven token columns at once; an absent one becomes `NULL`.
    pub tokens: Change<AccountTokens>,
    /// The application's own columns; one that is not given stays as it is.
    pub extra: Extra,
}
