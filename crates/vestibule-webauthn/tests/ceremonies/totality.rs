//! Whatever is sent, there is an answer, and none that opens.

use proptest::prelude::*;
use serde_json::{Value, json};
use vestibule_core::{Authenticator, OsRandom};
use vestibule_testkit::webauthn::KeyKind;
use vestibule_webauthn::{
    AuthenticationOptions, AuthenticationResponse, Challenge, RegistrationOptions, RegistrationResponse,
};

use crate::support::{ORIGIN, Site, USER};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[A-Za-z0-9_=-]{0,64}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                prop_oneof![
                    Just("id"),
                    Just("rawId"),
                    Just("type"),
                    Just("response"),
                    Just("clientDataJSON"),
                    Just("transports"),
                ]
                .prop_map(str::to_owned),
                inner,
                0..6
            )
            .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

struct Asked {
    site: Site,
    challenge: Challenge,
    stored: Authenticator,
    registration: Value,
    authentication: Value,
}

fn asked(kind: KeyKind) -> Asked {
    let mut site = Site::new(kind);
    let challenge = Challenge::new(&OsRandom);
    let options = RegistrationOptions::new(&site.settings, &site.party, &challenge, USER).to_json();
    let registration = site.browser.register(ORIGIN, &options);
    let parsed = RegistrationResponse::parse(&registration.to_string()).expect("an answer");
    let stored =
        parsed.verify(&site.expected(&challenge)).expect("a credential").into_authenticator("ada".into());
    let options = AuthenticationOptions::new(&site.settings, &site.party, &challenge).to_json();
    let authentication = site.browser.authenticate(ORIGIN, &options);
    Asked { site, challenge, stored, registration, authentication }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        prop_assert!(RegistrationResponse::parse(&text).is_err());
        prop_assert!(AuthenticationResponse::parse(&text).is_err());
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json()) {
        let _whatever = RegistrationResponse::parse(&json.to_string());
        let _whatever = AuthenticationResponse::parse(&json.to_string());
    }

    #[test]
    fn a_part_of_any_kind_is_refused_or_without_weight(
        kind in prop::sample::select(KeyKind::ALL.to_vec()),
        part in prop::sample::select(vec!["clientDataJSON", "attestationObject", "authenticatorData", "signature"]),
        value in any_json(),
    ) {
        let Asked { site, challenge, stored, mut registration, mut authentication } = asked(kind);
        registration["response"][part] = value.clone();
        authentication["response"][part] = value;

        let registered = RegistrationResponse::parse(&registration.to_string())
            .and_then(|response| response.verify(&site.expected(&challenge)));
        let authenticated = AuthenticationResponse::parse(&authentication.to_string())
            .and_then(|response| response.verify(&site.expected(&challenge), &stored));

        // The other ceremony does not look at it.
        prop_assert_eq!(registered.is_ok(), matches!(part, "authenticatorData" | "signature"));
        prop_assert_eq!(authenticated.is_ok(), part == "attestationObject");
    }

    #[test]
    fn a_changed_byte_of_what_was_signed_or_of_the_signature_is_refused(
        kind in prop::sample::select(KeyKind::ALL.to_vec()),
        part in prop::sample::select(vec!["clientDataJSON", "authenticatorData", "signature"]),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let Asked { site, challenge, stored, mut authentication, .. } = asked(kind);
        let mut bytes = decode(&authentication["response"][part]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        authentication["response"][part] = encode(&bytes);

        let authenticated = AuthenticationResponse::parse(&authentication.to_string())
            .and_then(|response| response.verify(&site.expected(&challenge), &stored));

        prop_assert!(authenticated.is_err());
    }
}

fn decode(text: &Value) -> Vec<u8> {
    data_encoding::BASE64URL_NOPAD.decode(text.as_str().expect("text").as_bytes()).expect("base64url")
}

fn encode(bytes: &[u8]) -> Value {
    json!(data_encoding::BASE64URL_NOPAD.encode(bytes))
}

#[test]
fn padding_is_read_and_the_other_alphabet_is_not() {
    let Asked { site, challenge, mut registration, .. } = asked(KeyKind::Es256);
    let mut padded = || {
        for part in ["clientDataJSON", "attestationObject"] {
            let bytes = decode(&registration["response"][part]);
            let text = data_encoding::BASE64URL.encode(&bytes);
            registration["response"][part] = json!(text);
        }
        RegistrationResponse::parse(&registration.to_string())
            .and_then(|response| response.verify(&site.expected(&challenge)))
    };

    assert!(padded().is_ok());
    registration["id"] = json!("+/+/");
    registration["rawId"] = json!("+/+/");
    assert!(RegistrationResponse::parse(&registration.to_string()).is_err());
}
