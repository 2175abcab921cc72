//! Somebody wants to sign in.

use serde_json::Value;
use vestibule_core::{NewAccount, NewUser, ProviderId, User, UserId};

use crate::Credentials;

/// Somebody who wants to sign in, and by what.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignInAttempt<'a> {
    /// Who it is.
    pub who: Who<'a>,
    /// The provider.
    pub provider: &'a ProviderId,
    /// What has been shown so far.
    pub method: SignInMethod<'a>,
}

/// A user that there is, or one that there would be.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A user of the store.
    Known(&'a User),
    /// Nobody that the store knows; signing in creates this user, or links to one.
    New(&'a NewUser),
}

impl<'a> Who<'a> {
    /// The id; for somebody new the one that is proposed, which a store may replace.
    pub fn id(&self) -> Option<&'a UserId> {
        match *self {
            Self::Known(user) => Some(&user.id),
            Self::New(user) => user.id.as_ref(),
        }
    }

    /// The e-mail address.
    pub fn email(&self) -> Option<&'a str> {
        match *self {
            Self::Known(user) => user.email.as_deref(),
            Self::New(user) => user.email.as_deref(),
        }
    }

    /// The display name.
    pub fn name(&self) -> Option<&'a str> {
        match *self {
            Self::Known(user) => user.name.as_deref(),
            Self::New(user) => user.name.as_deref(),
        }
    }
}

/// By what somebody wants to sign in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SignInMethod<'a> {
    /// A link is asked for: that the address is theirs is not shown yet (`email.verificationRequest`).
    EmailRequest,
    /// A link, or a code, was redeemed.
    Email,
    /// An account at a provider.
    OAuth {
        /// The account as it is linked, or would be.
        account: &'a NewAccount,
        /// What the provider told about the user, unchanged.
        profile: &'a Value,
    },
    /// A passkey or a security key, which has answered a challenge.
    WebAuthn {
        /// The account as it is linked, or would be.
        account: &'a NewAccount,
    },
    /// Credentials that the application took.
    Credentials(Credentials<'a>),
}

/// Whether somebody may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInDecision {
    /// They may.
    Allow,
    /// They may not: the error page, with the code `AccessDenied`.
    Deny,
    /// They may not, and are led elsewhere: a path, or a URL on an origin that is allowed.
    Redirect(String),
}

impl From<bool> for SignInDecision {
    fn from(may: bool) -> Self {
        if may { Self::Allow } else { Self::Deny }
    }
}
