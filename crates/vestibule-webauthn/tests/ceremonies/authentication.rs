use vestibule_core::{CredentialId, DeviceType};
use vestibule_testkit::webauthn::{Defect, KeyKind, VirtualAuthenticator};
use vestibule_webauthn::{Part, Problem, Settings, Verification};

use crate::support::{Site, USER};

#[test]
fn a_credential_of_every_kind_signs_in_again_and_again() {
    for kind in KeyKind::ALL {
        let mut site = Site::new(kind);
        let mut stored = site.registered();

        for counter in 2..5 {
            let authenticated = site.authenticate(&stored).unwrap();

            assert_eq!(authenticated.credential_id, stored.credential_id);
            assert_eq!((authenticated.counter, authenticated.user_verified), (counter, true));
            assert_eq!(authenticated.device_type, DeviceType::SingleDevice);
            assert_eq!(authenticated.user_handle.as_deref(), Some(USER.handle));
            stored.counter = authenticated.counter;
        }
    }
}

#[test]
fn an_authenticator_that_does_not_count_shows_zero_for_ever() {
    let mut site = Site::with(VirtualAuthenticator::new(KeyKind::EdDsa).without_counter().synced());
    let mut stored = site.registered();

    for _ in 0..2 {
        let authenticated = site.authenticate(&stored).unwrap();
        assert_eq!((authenticated.counter, authenticated.backed_up), (0, true));
    }
    stored.counter = 1;
    assert_eq!(site.authenticate(&stored), Err(Problem::CounterRegressed { stored: 1, shown: 0 }));
}

#[test]
fn a_user_who_was_not_verified_is_refused_unless_that_is_optional() {
    let mut site = Site::with(VirtualAuthenticator::new(KeyKind::EdDsa).without_verification());
    let optional = Settings::webauthn().with_verification(Verification::Optional);
    site.settings = optional;
    let stored = site.registered();

    assert!(!site.authenticate(&stored).unwrap().user_verified);
    site.settings = Settings::webauthn();
    assert_eq!(site.authenticate(&stored), Err(Problem::UserNotVerified));
}

#[test]
fn an_answer_is_not_believed_of_another_credential() {
    let mut site = Site::new(KeyKind::Es256);
    let mut stored = site.registered();
    stored.credential_id = CredentialId::new(*b"another");

    assert_eq!(site.authenticate(&stored), Err(Problem::WrongCredential));
}

#[test]
fn a_stored_key_that_cannot_be_read_is_refused() {
    let mut site = Site::new(KeyKind::Es256);
    let stored = site.registered();
    let key = &stored.credential_public_key;

    for broken in [&[][..], &key[1..], &key[..key.len() - 1], &[&**key, &[0]].concat(), &[0xa0]] {
        let mut stored = stored.clone();
        stored.credential_public_key = broken.into();
        assert_eq!(site.authenticate(&stored), Err(Problem::StoredKey));
    }
}

#[test]
fn a_stored_key_that_is_none_verifies_nothing() {
    for defect in [Defect::ShortModulus, Defect::LongModulus, Defect::EvenModulus, Defect::ExponentOne] {
        let mut site = Site::new(KeyKind::Rs256);
        let mut stored = site.registered();
        let wrong = VirtualAuthenticator::public_key(KeyKind::Rs256, defect);
        stored.credential_public_key = wrong.into();

        assert_eq!(site.authenticate(&stored), Err(Problem::WrongSignature), "{defect:?}");
    }
}

/// The problem of every defect, `None` for those that a sign-in cannot have.
fn problem(defect: Defect) -> Option<Problem> {
    Some(match defect {
        Defect::Huge => Problem::TooLarge(Part::Response),
        Defect::RawIdDiffers => Problem::IdMismatch,
        Defect::OtherId => Problem::WrongCredential,
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
        Defect::DataShort | Defect::ExtensionsMissing | Defect::ExtensionsWithoutLength => {
            Problem::Malformed(Part::AuthenticatorData)
        }
        Defect::DataTrailing => Problem::TrailingBytes(Part::AuthenticatorData),
        Defect::OtherKey | Defect::SignatureFlipped | Defect::ClientDataChanged | Defect::DataChanged => {
            Problem::WrongSignature
        }
        Defect::CounterBack => Problem::CounterRegressed { stored: 2, shown: 1 },
        Defect::CounterStays => Problem::CounterRegressed { stored: 2, shown: 2 },
        Defect::EligibilityChanged => Problem::BackupEligibilityChanged,
        Defect::AttestationTrailing
        | Defect::AttestationWithoutLength
        | Defect::AttestationTwice
        | Defect::StatementOfNone
        | Defect::StatementDeep
        | Defect::StatementLies
        | Defect::NoCredential
        | Defect::LongId
        | Defect::OffCurve
        | Defect::OtherAlgorithm
        | Defect::OtherKeyType
        | Defect::ParameterTwice
        | Defect::ShortModulus
        | Defect::LongModulus
        | Defect::EvenModulus
        | Defect::ExponentOne => return None,
    })
}

#[test]
fn every_defect_is_refused_with_its_problem() {
    for kind in KeyKind::ALL {
        for defect in Defect::ALL {
            let result = Site::new(kind).misauthenticate(defect);

            assert_eq!(result.err(), problem(defect), "{defect:?} of {kind:?}");
        }
    }
}
