//! The ways to sign in.

use vestibule_core::ProviderId;

use crate::config::{CredentialsProvider, EmailProvider, OAuthProvider, WebAuthnProvider};

/// A way to sign in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provider {
    /// By a name and a password, or whatever else the application checks itself.
    Credentials(CredentialsProvider),
    /// By a link that is sent to the user's e-mail address.
    Email(EmailProvider),
    /// By an account elsewhere: OAuth 2 or OpenID Connect.
    OAuth(Box<OAuthProvider>),
    /// By a passkey or a security key.
    WebAuthn(Box<WebAuthnProvider>),
}

impl From<CredentialsProvider> for Provider {
    fn from(provider: CredentialsProvider) -> Self {
        Self::Credentials(provider)
    }
}

impl From<EmailProvider> for Provider {
    fn from(provider: EmailProvider) -> Self {
        Self::Email(provider)
    }
}

impl From<OAuthProvider> for Provider {
    fn from(provider: OAuthProvider) -> Self {
        Self::OAuth(Box::new(provider))
    }
}

impl From<vestibule_oauth::Provider> for Provider {
    fn from(provider: vestibule_oauth::Provider) -> Self {
        OAuthProvider::new(provider).into()
    }
}

impl From<WebAuthnProvider> for Provider {
    fn from(provider: WebAuthnProvider) -> Self {
        Self::WebAuthn(Box::new(provider))
    }
}

impl Provider {
    /// The id, which is part of the URLs.
    pub fn id(&self) -> &ProviderId {
        match self {
            Self::Credentials(provider) => &provider.id,
            Self::Email(provider) => &provider.id,
            Self::OAuth(provider) => provider.id(),
            Self::WebAuthn(provider) => provider.id(),
        }
    }

    /// The name that people read.
    pub fn name(&self) -> &str {
        match self {
            Self::Credentials(provider) => &provider.name,
            Self::Email(provider) => &provider.name,
            Self::OAuth(provider) => provider.provider.name(),
            Self::WebAuthn(provider) => &provider.name,
        }
    }

    /// The word that Auth.js has for this kind: `credentials`, `email`, `oauth`, `oidc` or `webauthn`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Credentials(_) => "credentials",
            Self::Email(_) => "email",
            Self::OAuth(provider) => match provider.provider.kind() {
                vestibule_oauth::Kind::OAuth => "oauth",
                vestibule_oauth::Kind::Oidc => "oidc",
            },
            Self::WebAuthn(_) => "webauthn",
        }
    }
}
