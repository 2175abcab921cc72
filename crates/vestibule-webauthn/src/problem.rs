//! What can be wrong with an answer, one variant a defect.

use std::fmt;

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The JSON as a whole.
    Response,
    /// `id` and `rawId`.
    Id,
    /// `response.clientDataJSON`.
    ClientData,
    /// `response.attestationObject`.
    AttestationObject,
    /// `response.authenticatorData`, or that in the attestation object.
    AuthenticatorData,
    /// `response.signature`.
    Signature,
    /// `response.userHandle`.
    UserHandle,
    /// `response.transports`.
    Transports,
    /// `clientExtensionResults`.
    Extensions,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "response",
            Self::Id => "id",
            Self::ClientData => "clientDataJSON",
            Self::AttestationObject => "attestationObject",
            Self::AuthenticatorData => "authenticatorData",
            Self::Signature => "signature",
            Self::UserHandle => "userHandle",
            Self::Transports => "transports",
            Self::Extensions => "clientExtensionResults",
        })
    }
}

/// Why an answer is not believed.
///
/// Messages are for the operator. They name what was wrong, and repeat nothing of the answer but numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    // The form.
    /// A part has more bytes than any browser sends.
    #[error("the {0} is too large")]
    TooLarge(Part),
    /// A part is missing, or is not what it has to be: JSON, base64url, CBOR, text.
    #[error("the {0} is missing or malformed")]
    Malformed(Part),
    /// There is something behind the end of a part.
    #[error("the {0} goes on behind its end")]
    TrailingBytes(Part),
    /// The credential is not of the type `public-key`.
    #[error("the credential is not of the type `public-key`")]
    CredentialType,
    /// `id` and `rawId` differ.
    #[error("`id` and `rawId` differ")]
    IdMismatch,

    // What the browser says.
    /// The answer is one to another question: a registration where a sign-in was asked for, or the other way round.
    #[error("the answer is one to another question")]
    WrongType,
    /// The answer is one to another challenge.
    #[error("the answer is one to another challenge")]
    WrongChallenge,
    /// The page that asked is not one of the relying party's.
    #[error("the answer was given to a page of another origin")]
    WrongOrigin,
    /// The page that asked was in a frame of a page of another origin.
    #[error("the answer was given inside a page of another origin")]
    CrossOrigin,

    // What the authenticator says.
    /// The credential is for another relying party.
    #[error("the authenticator answered for another relying party")]
    WrongRelyingParty,
    /// Nobody touched the authenticator.
    #[error("the authenticator saw no user")]
    UserNotPresent,
    /// The authenticator did not verify who touched it, which is demanded.
    #[error("the authenticator did not verify its user")]
    UserNotVerified,
    /// The credential is backed up although it cannot be.
    #[error("the credential is backed up although it is not eligible")]
    BackupState,

    // A new credential.
    /// The registration has no credential.
    #[error("the registration has no credential")]
    NoCredential,
    /// The id of the credential has no bytes, or more than 1023.
    #[error("the id of the credential has {0} bytes")]
    CredentialIdLength(usize),
    /// The authenticator made another credential than the one that `id` names.
    #[error("the authenticator made another credential than the answer names")]
    CredentialIdMismatch,
    /// The format `none` has a statement.
    #[error("there is an attestation statement where there is no attestation")]
    AttestationStatement,
    /// The key is not a COSE key, or its type, its curve and its algorithm do not fit.
    #[error("the public key is malformed")]
    KeyMalformed,
    /// The key is for an algorithm that was not offered.
    #[error("the public key is for an algorithm that was not offered: {0}")]
    AlgorithmRefused(i64),
    /// The key has the right form and is none: a point that is not on the curve, an RSA key that is too short, too
    /// long or even.
    #[error("the public key is invalid")]
    KeyInvalid,

    // A stored credential.
    /// The authenticator to verify with is not the one that answered.
    #[error("the answer is one of another credential")]
    WrongCredential,
    /// The stored key cannot be read.
    #[error("the stored public key cannot be read")]
    StoredKey,
    /// The signature is not one of the stored key over this answer.
    #[error("the signature is wrong")]
    WrongSignature,
    /// The counter is above 2³¹ − 1, for which the columns of Auth.js' tables have no room.
    #[error("the counter is beyond what can be stored: {0}")]
    CounterTooLarge(u32),
    /// The counter did not grow: there may be a copy of the authenticator. The signature is right.
    #[error("the counter went from {stored} to {shown}: there may be a copy of the authenticator")]
    CounterRegressed {
        /// What it showed before.
        stored: u32,
        /// What it shows now.
        shown: u32,
    },
    /// The credential may leave its device and might not at registration, or the other way round. The signature is
    /// right.
    #[error("the backup eligibility of the credential has changed")]
    BackupEligibilityChanged,
}
