//! Sign-in by an account elsewhere.

use vestibule_core::ProviderId;
use vestibule_oauth::Provider;

/// Sign-in by an account elsewhere: what the provider is, and what an account there is good for here.
#[derive(Clone, Debug)]
pub struct OAuthProvider {
    pub(crate) id: ProviderId,
    pub(crate) provider: Provider,
    pub(crate) linking: Linking,
}

impl OAuthProvider {
    /// The provider, which links to nobody by e-mail address.
    pub fn new(provider: Provider) -> Self {
        Self { id: provider.id().clone(), provider, linking: Linking::default() }
    }

    /// The id, which is part of the URLs.
    pub fn id(&self) -> &ProviderId {
        &self.id
    }

    /// When an account that is not linked yet signs in the user with its e-mail address. See [`Linking`].
    #[must_use]
    pub fn with_linking(mut self, linking: Linking) -> Self {
        self.linking = linking;
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
    /// A user whose address was never verified may have been made by somebody else to lie in wait for its owner.
    SameVerifiedEmail,
    /// Always: whoever claims the address at the provider becomes the user
    /// (`allowDangerousEmailAccountLinking`). Only for a provider that lets nobody claim what is not theirs.
    #[doc(alias = "allowDangerousEmailAccountLinking")]
    DangerousSameEmail,
}
