use vestibule_core::DeviceType;
use vestibule_testkit::webauthn::{Defect, KeyKind, VirtualAuthenticator};
use vestibule_webauthn::{Algorithm, Part, Problem, Settings, Verification};

use crate::support::Site;

#[test]
fn a_credential_of_every_kind_is_registered() {
    for (kind, algorithm) in [
        (KeyKind::EdDsa, Algorithm::EdDsa),
        (KeyKind::Es256, Algorithm::Es256),
        (KeyKind::Rs256, Algorithm::Rs256),
    ] {
        let registered = Site::new(kind).register().unwrap();

        assert_eq!(registered.algorithm, algorithm);
        assert_eq!((registered.counter, registered.user_verified, registered.backed_up), (1, true, false));
        assert_eq!(registered.device_type, DeviceType::SingleDevice);
        assert_eq!(registered.transports.as_deref(), Some("internal,hybrid"));
        assert_eq!(registered.discoverable, Some(true));
    }
}

#[test]
fn what_is_stored_is_what_auth_js_stores() {
    let registered = Site::with(VirtualAuthenticator::new(KeyKind::Es256).synced()).register().unwrap();
    let stored = registered.clone().into_authenticator("ada".into());

    assert_eq!(stored.credential_id, registered.credential_id);
    // 32 bytes, in base64 with padding.
    assert_eq!(stored.provider_account_id.as_str().len(), 44);
    assert_eq!((stored.device_type, stored.backed_up), (DeviceType::MultiDevice, true));
    assert_eq!(stored.credential_public_key, registered.public_key);
}

#[test]
fn a_user_who_was_not_verified_is_refused_unless_that_is_optional() {
    let mut site = Site::with(VirtualAuthenticator::new(KeyKind::EdDsa).without_verification());

    assert_eq!(site.register(), Err(Problem::UserNotVerified));
    site.settings = Settings::webauthn();
    assert_eq!(site.register(), Err(Problem::UserNotVerified));
    site.settings = Settings::webauthn().with_verification(Verification::Optional);
    assert!(!site.register().unwrap().user_verified);
}

#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let mut site = Site::new(KeyKind::Rs256);
    site.settings = Settings::passkey().with_algorithms([Algorithm::EdDsa, Algorithm::Es256]);

    assert_eq!(site.register(), Err(Problem::AlgorithmRefused(-257)));
}

/// The problem of every defect, `None` for those that a registration cannot have.
fn problem(defect: Defect, kind: KeyKind) -> Option<Problem> {
    Some(match defect {
        Defect::Huge => Problem::TooLarge(Part::Response),
        Defect::RawIdDiffers => Problem::IdMismatch,
        Defect::OtherId => Problem::CredentialIdMismatch,
        Defect::OtherCredentialType => Problem::CredentialType,
        Defect::ClientDataNotEncoded | Defect::ClientDataNotJson | Defect::CrossOriginText => {
            Problem::Malformed(Part::ClientData)
        }
        Defect::WrongOrigin | Defect::OriginWithSlash => Problem::WrongOrigin,
        Defect::WrongChallenge => Problem::WrongChallenge,
        Defect::WrongType => Problem::WrongType,
        Defect::CrossOrigin | Defect::TopOrigin => Problem::CrossOrigin,
        Defect::WrongRelyingParty => Problem::WrongRelyingParty,
        Defect::UserNotPresent => Problem::UserNotPresent,
        Defect::UserNotVerified => Problem::UserNotVerified,
        Defect::BackedUpAlone => Problem::BackupState,
        // What is short is the key, which comes last.
        Defect::DataShort | Defect::OtherKeyType | Defect::ParameterTwice => Problem::KeyMalformed,
        Defect::DataTrailing => Problem::TrailingBytes(Part::AuthenticatorData),
        Defect::ExtensionsMissing | Defect::ExtensionsWithoutLength => {
            Problem::Malformed(Part::AuthenticatorData)
        }
        Defect::AttestationTrailing => Problem::TrailingBytes(Part::AttestationObject),
        Defect::AttestationWithoutLength
        | Defect::AttestationTwice
        | Defect::StatementDeep
        | Defect::StatementLies => Problem::Malformed(Part::AttestationObject),
        Defect::StatementOfNone => Problem::AttestationStatement,
        Defect::NoCredential => Problem::NoCredential,
        Defect::LongId => Problem::TooLarge(Part::Id),
        Defect::OffCurve if kind != KeyKind::Es256 => return None,
        Defect::OtherAlgorithm => Problem::AlgorithmRefused(-35),
        Defect::OffCurve
        | Defect::ShortModulus
        | Defect::LongModulus
        | Defect::EvenModulus
        | Defect::ExponentOne => Problem::KeyInvalid,
        Defect::OtherKey
        | Defect::SignatureFlipped
        | Defect::ClientDataChanged
        | Defect::DataChanged
        | Defect::CounterBack
        | Defect::CounterStays
        | Defect::EligibilityChanged => return None,
    })
}

#[test]
fn every_defect_is_refused_with_its_problem() {
    for kind in KeyKind::ALL {
        for defect in Defect::ALL {
            let result = Site::new(kind).misregister(defect);

            assert_eq!(result.err(), problem(defect, kind), "{defect:?} of {kind:?}");
        }
    }
}
