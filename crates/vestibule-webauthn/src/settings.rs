//! How is asked: what the providers `passkey` and `webauthn` of Auth.js differ in.

use std::time::Duration;

use crate::Algorithm;

/// Whether the authenticator shall find out who holds it, by a PIN or a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// It must.
    Required,
    /// It shall if it can.
    Preferred,
    /// It need not.
    Discouraged,
}

impl UserVerification {
    /// The word in the options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// Whether the credential shall be found without its id: a passkey, with which nobody types an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidentKey {
    /// It must.
    Required,
    /// It shall if the authenticator can.
    Preferred,
    /// It need not.
    Discouraged,
}

impl ResidentKey {
    /// The word in the options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// What is demanded of an answer, whatever was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// An answer of an authenticator that did not verify its user is refused.
    Demanded,
    /// Presence is enough; whether the user was verified is told.
    Optional,
}

/// How a browser is asked, and what is demanded of its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub(crate) timeout: Duration,
    pub(crate) resident_key: ResidentKey,
    pub(crate) user_verification: UserVerification,
    pub(crate) verification: Verification,
    pub(crate) algorithms: Vec<Algorithm>,
}

impl Settings {
    /// The settings of Auth.js' provider `passkey`: a credential that is found by itself, and a verified user.
    pub fn passkey() -> Self {
        Self {
            timeout: Duration::from_mins(5),
            resident_key: ResidentKey::Required,
            user_verification: UserVerification::Required,
            verification: Verification::Demanded,
            algorithms: vec![Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256],
        }
    }

    /// The settings of Auth.js' provider `webauthn`: both are preferred.
    ///
    /// What Auth.js asks for as preferred, it demands in the answer all the same, and so do these settings; see
    /// [`with_verification`](Self::with_verification).
    pub fn webauthn() -> Self {
        Self {
            resident_key: ResidentKey::Preferred,
            user_verification: UserVerification::Preferred,
            ..Self::passkey()
        }
    }

    /// How long the browser waits for its user, in whole milliseconds.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether new credentials are to be found without their ids.
    #[must_use]
    pub fn with_resident_key(mut self, resident_key: ResidentKey) -> Self {
        self.resident_key = resident_key;
        self
    }

    /// Whether authenticators are asked to verify their user. What is demanded of answers stays.
    #[must_use]
    pub fn with_user_verification(mut self, user_verification: UserVerification) -> Self {
        self.user_verification = user_verification;
        self
    }

    /// Whether an answer without a verified user is refused.
    #[must_use]
    pub fn with_verification(mut self, verification: Verification) -> Self {
        self.verification = verification;
        self
    }

    /// The algorithms of new credentials, the preferred first. Those of stored ones stay as they are.
    #[must_use]
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }
}

impl Default for Settings {
    /// Those of `passkey`.
    fn default() -> Self {
        Self::passkey()
    }
}
