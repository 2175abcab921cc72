//! Whatever comes in.

use proptest::prelude::*;
use vestibule_token::{Claim, Claims, SessionKeys, Verifier, cookie};

use crate::support::{COOKIE, NOW, SECRET, cbc_token_of, encode, gcm_token_of, header_with, keys, kid};

fn any_claim() -> impl Strategy<Value = Claim> {
    let leaf = prop_oneof![
        Just(Claim::Null),
        any::<bool>().prop_map(Claim::from),
        any::<i64>().prop_map(Claim::from),
        any::<u64>().prop_map(Claim::from),
        any::<f64>().prop_map(Claim::from),
        any::<String>().prop_map(Claim::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Claim::Array),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Claim::Object(members.into_iter().collect())),
        ]
    })
}

fn any_claims() -> impl Strategy<Value = Claims> {
    prop::collection::vec((any::<String>(), any_claim()), 0..10)
        .prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened(
        given in any_claims(),
        now in -4_000_000_000_i64..4_000_000_000,
        max_age in 0_u64..4_000_000_000,
        entropy in any::<[u8; 32]>(),
    ) {
        for keys in [keys(), SessionKeys::nextauth_v4(&[SECRET], "")] {
            let mut opened = keys.open(&keys.seal(&given, now, max_age, &entropy), now).unwrap();

            prop_assert_eq!(opened.get("iat").and_then(Claim::as_i64), Some(now));
            prop_assert_eq!(opened.expires(), now.checked_add_unsigned(max_age));
            prop_assert_eq!(opened.text("jti").map(str::len), Some(36));
            let mut given = given.clone();
            for name in ["iat", "exp", "jti"] {
                opened.remove(name);
                given.remove(name);
            }
            prop_assert_eq!(opened.to_json(), given.to_json());
            prop_assert_eq!(opened, given);
        }
    }

    #[test]
    fn claims_are_read_as_they_were_written(given in any_claims()) {
        let json = given.to_json();

        prop_assert_eq!(&Claims::from_json(&json).unwrap(), &given);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&value, &serde_json::to_value(&given).unwrap());
        prop_assert_eq!(value, serde_json::Value::from(given));
    }

    #[test]
    fn no_text_is_too_much(text in any::<String>(), more in "[A-Za-z0-9_.{}\"\\\\:,-]*") {
        for text in [&text, &more] {
            let _ = (keys().open(text, NOW), SessionKeys::nextauth_v4(&[SECRET], "").open(text, NOW));
            let _ = (Claims::from_json(text), cookie::bearer(text));
            let _ = Verifier::new(&[SECRET]).verify([text.as_str()], Some(text), NOW);
            prop_assert!(cookie::chunks(COOKIE, text).map(|(_, chunk)| chunk).collect::<String>() == *text);
        }
    }

    #[test]
    fn no_segments_are_too_much(segments in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..7)) {
        let text: Vec<String> = segments.iter().map(encode).collect();

        prop_assert!(keys().open(&text.join("."), NOW).is_err());
    }

    #[test]
    fn no_header_is_too_much(header in "\\{(\"(alg|enc|kid|crit|x)\":(\"(dir|A256GCM|A256CBC-HS512)\"|null|\\[1\\]),?){0,5}\\}?") {
        let _ = keys().open(&cbc_token_of(&header, b"{}"), NOW);
        let _ = keys().open(&gcm_token_of(&header, b"{}"), NOW);
    }

    #[test]
    fn no_payload_is_too_much(payload in prop::collection::vec(any::<u8>(), 0..300), json in any_claims(), cut in any::<u16>()) {
        let json = json.to_json();
        let cut = &json.as_bytes()[..usize::from(cut).min(json.len())];
        for payload in [&payload, cut] {
            let by_cbc = keys().open(&cbc_token_of(&header_with(&kid()), payload), NOW);
            let by_gcm = keys().open(&gcm_token_of(r#"{"alg":"dir","enc":"A256GCM"}"#, payload), NOW);
            prop_assert_eq!(by_cbc, by_gcm);
        }
    }
}
