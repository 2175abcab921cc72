//! Sign-in by an account elsewhere.

use std::time::Duration;

use vestibule_core::ProviderId;
use vestibule_oauth::Provider;

/// Sign-in by an account elsewhere: what the provider is, and what an account there is good for here.
#[derive(Clone, Debug)]
pub struct OAuthProvider {
    pub(crate) provider: Provider,
    pub(crate) linking: Linking,
    pub(crate) kept_tokens: KeptTokens,
    pub(crate) refresh_margin: Duration,
}

impl OAuthProvider {
    /// The provider, which links to nobody by e-mail address.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            linking: Linking::default(),
            kept_tokens: KeptTokens::default(),
            refresh_margin: Duration::from_mins(1),
        }
    }

    /// The id, which is part of the URLs.
    pub fn id(&self) -> &ProviderId {
        self.provider.id()
    }

    /// When an account that is not linked yet signs in the user with its e-mail address. See [`Linking`].
    #[must_use]
    pub fn with_linking(mut self, linking: Linking) -> Self {
        self.linking = linking;
        self
    }

    /// Which of the provider's tokens are kept with the account. See [`KeptTokens`].
    #[must_use]
    pub fn with_kept_tokens(mut self, kept: KeptTokens) -> Self {
        self.kept_tokens = kept;
        self
    }

    /// How long before it expires an access token is refreshed, 60 s unless configured; see
    /// [`Engine::access_token`](crate::Engine::access_token). Where tokens turn out to live shorter than four times that, it
    /// is a quarter of their life.
    #[must_use]
    pub fn with_refresh_margin(mut self, margin: Duration) -> Self {
        self.refresh_margin = margin;
        self
    }
}

impl From<Provider> for OAuthProvider {
    fn from(provider: Provider) -> Self {
        Self::new(provider)
    }
}

/// When an account that is not linked to anybody yet signs in the user with the same e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Linking {
    /// Never: one signs in as before, and links the account then. Auth.js' default.
    #[default]
    WhenSignedIn,
    /// If the provider says that it has verified the address, and the user here has a verified address too.
    ///
    /// A user whose address was never verified may have been made by somebody else to lie in wait for its owner. For
    /// the same reason a new user gets no address of which the provider says that it is not verified.
    SameVerifiedEmail,
    /// Always: whoever claims the address at the provider becomes the user
    /// (`allowDangerousEmailAccountLinking`). Only for a provider that lets nobody claim what is not theirs.
    #[doc(alias = "allowDangerousEmailAccountLinking")]
    DangerousSameEmail,
}

/// Which of a provider's tokens are kept with an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptTokens {
    /// Those of the newest sign-in, so that signing in again helps where
    /// [`Engine::access_token`](crate::Engine::access_token) says that it is needed. Tokens that can do less do not take
    /// the place of those that can do more: without a refresh token, or without a scope, that is there already. Costs two
    /// round trips; that one fails does not keep anybody from signing in.
    #[default]
    Newest,
    /// Those with which the account was linked, as in Auth.js, until they are refreshed.
    Linking,
}
