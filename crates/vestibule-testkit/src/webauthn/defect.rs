//! In which ways an answer can be wrong.

/// What is wrong with the next answer. What cannot be wrong with it, such as the attestation at a sign-in, stays right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    // The form.
    /// An answer of many thousand bytes.
    Huge,
    /// `rawId` is another than `id`.
    RawIdDiffers,
    /// `id` and `rawId` are those of another credential.
    OtherId,
    /// The type is `password`.
    OtherCredentialType,
    /// The client data are not base64url.
    ClientDataNotEncoded,
    /// The client data are not JSON.
    ClientDataNotJson,

    // What the browser says.
    /// A page of another origin.
    WrongOrigin,
    /// The origin with a slash behind it.
    OriginWithSlash,
    /// Another challenge.
    WrongChallenge,
    /// The type of the other question.
    WrongType,
    /// `crossOrigin` is true.
    CrossOrigin,
    /// `crossOrigin` is a text.
    CrossOriginText,
    /// There is a `topOrigin`.
    TopOrigin,

    // What the authenticator says.
    /// Another relying party.
    WrongRelyingParty,
    /// Nobody was there.
    UserNotPresent,
    /// The user was not verified.
    UserNotVerified,
    /// Backed up, and not eligible.
    BackedUpAlone,
    /// The authenticator data lack their last byte.
    DataShort,
    /// There is a byte behind the authenticator data.
    DataTrailing,
    /// Extensions are announced, and there are none.
    ExtensionsMissing,
    /// The extensions are a map without a length.
    ExtensionsWithoutLength,

    // A new credential.
    /// There is a byte behind the attestation object.
    AttestationTrailing,
    /// The attestation object is a map without a length.
    AttestationWithoutLength,
    /// The attestation object has `fmt` twice.
    AttestationTwice,
    /// The format is `none`, and there is a statement.
    StatementOfNone,
    /// The statement is a hundred arrays deep.
    StatementDeep,
    /// The statement has more entries by its own account than there are bytes.
    StatementLies,
    /// There is no credential.
    NoCredential,
    /// The id of the credential has 1024 bytes.
    LongId,
    /// The key is a point that is not on the curve; of Ed25519 and RSA the key is right.
    OffCurve,
    /// The key is for ECDSA with SHA-384.
    OtherAlgorithm,
    /// The key is of the type of another algorithm.
    OtherKeyType,
    /// The key has a parameter twice.
    ParameterTwice,
    /// The key is one of RSA with 1024 bits.
    ShortModulus,
    /// The key is one of RSA with 16384 bits.
    LongModulus,
    /// The key is one of RSA whose modulus is even.
    EvenModulus,
    /// The key is one of RSA whose exponent is 1.
    ExponentOne,

    // A sign-in.
    /// Signed by another key.
    OtherKey,
    /// One bit of the signature is another.
    SignatureFlipped,
    /// The client data were changed after they were signed.
    ClientDataChanged,
    /// The authenticator data were changed after they were signed.
    DataChanged,
    /// The counter goes back to 1.
    CounterBack,
    /// The counter stays where it was.
    CounterStays,
    /// A credential that could not leave its device can now, or the other way round.
    EligibilityChanged,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 44] = [
        Self::Huge,
        Self::RawIdDiffers,
        Self::OtherId,
        Self::OtherCredentialType,
        Self::ClientDataNotEncoded,
        Self::ClientDataNotJson,
        Self::WrongOrigin,
        Self::OriginWithSlash,
        Self::WrongChallenge,
        Self::WrongType,
        Self::CrossOrigin,
        Self::CrossOriginText,
        Self::TopOrigin,
        Self::WrongRelyingParty,
        Self::UserNotPresent,
        Self::UserNotVerified,
        Self::BackedUpAlone,
        Self::DataShort,
        Self::DataTrailing,
        Self::ExtensionsMissing,
        Self::ExtensionsWithoutLength,
        Self::AttestationTrailing,
        Self::AttestationWithoutLength,
        Self::AttestationTwice,
        Self::StatementOfNone,
        Self::StatementDeep,
        Self::StatementLies,
        Self::NoCredential,
        Self::LongId,
        Self::OffCurve,
        Self::OtherAlgorithm,
        Self::OtherKeyType,
        Self::ParameterTwice,
        Self::ShortModulus,
        Self::LongModulus,
        Self::EvenModulus,
        Self::ExponentOne,
        Self::OtherKey,
        Self::SignatureFlipped,
        Self::ClientDataChanged,
        Self::DataChanged,
        Self::CounterBack,
        Self::CounterStays,
        Self::EligibilityChanged,
    ];
}
