//! Points in time, secrets and sizes at their edges.

use proptest::prelude::*;
use vestibule_token::{Claims, MAX_TOKEN, SessionKeys, TOLERANCE, TokenError};

use crate::support::{COOKIE, NOW, SECRET, cbc_token_of, claims, header_with, keys, kid};

fn open(payload: &str, now: i64) -> Result<(), TokenError> {
    keys().open(&cbc_token_of(&header_with(&kid()), payload.as_bytes()), now).map(drop)
}

#[test]
fn a_token_is_valid_until_just_before_fifteen_seconds_after_it_expired() {
    let token = keys().seal(&Claims::new(), NOW, 60, &[1; 32]);
    for (late, expected) in [
        (-60, Ok(())),
        (0, Ok(())),
        (14, Ok(())),
        (15, Err(TokenError::Expired)),
        (16, Err(TokenError::Expired)),
    ] {
        assert_eq!(keys().open(&token, NOW + 60 + late).map(drop), expected, "{late}");
    }
    assert_eq!(TOLERANCE, 15);
}

#[test]
fn a_token_is_valid_from_fifteen_seconds_before_it_says() {
    for (early, expected) in
        [(-1, Ok(())), (0, Ok(())), (14, Ok(())), (15, Ok(())), (16, Err(TokenError::NotYetValid))]
    {
        assert_eq!(open(&format!(r#"{{"nbf":{NOW}}}"#), NOW - early), expected, "{early}");
    }
}

#[test]
fn a_fraction_of_a_second_counts() {
    assert_eq!(open(r#"{"exp":1000.5}"#, 1015), Ok(()));
    assert_eq!(open(r#"{"exp":1000.5}"#, 1016), Err(TokenError::Expired));
    assert_eq!(open(r#"{"nbf":1000.5}"#, 985), Err(TokenError::NotYetValid));
    assert_eq!(open(r#"{"nbf":1000.5}"#, 986), Ok(()));
}

#[test]
fn a_point_in_time_that_is_no_number_is_refused() {
    for name in ["iat", "exp", "nbf"] {
        for value in ["null", "\"1800000000\"", "true", "[]", "{}"] {
            assert_eq!(
                open(&format!(r#"{{"{name}":{value}}}"#), NOW),
                Err(TokenError::Malformed),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn a_token_that_says_no_point_in_time_is_valid_as_in_the_original() {
    assert_eq!(open("{}", NOW), Ok(()));
    assert_eq!(open(r#"{"iat":99999999999,"exp":1e300}"#, NOW), Ok(()));
    assert_eq!(open(r#"{"exp":-1e300}"#, NOW), Err(TokenError::Expired));
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for now in [i64::MIN, i64::MAX] {
        let _ = open(r#"{"exp":1,"nbf":1}"#, now);
        let token = keys().seal(&Claims::new(), now, u64::MAX, &[1; 32]);
        assert!(keys().open(&token, 0).is_ok());
    }
}

#[test]
fn a_payload_that_is_no_object_is_refused() {
    for payload in ["", "null", "[]", "1", "\"x\"", "{", "{}x", "{\"a\":1,}", "\u{feff}{}"] {
        assert_eq!(open(payload, NOW), Err(TokenError::Malformed), "{payload}");
    }
    let no_utf8 = cbc_token_of(&header_with(&kid()), b"{\"a\":\"\xff\"}");
    assert_eq!(keys().open(&no_utf8, NOW), Err(TokenError::Malformed));
}

#[test]
fn an_object_may_be_127_levels_deep() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));

    assert_eq!(open(&nested(127), NOW), Ok(()));
    assert_eq!(open(&nested(128), NOW), Err(TokenError::Malformed));
    assert_eq!(open(&nested(5000), NOW), Err(TokenError::Malformed));
}

#[test]
fn without_a_secret_nothing_is_sealed_or_opened() {
    let token = keys().seal(&Claims::new(), NOW, 60, &[1; 32]);
    for none in [&[][..], &[""], &["", ""]] {
        for keys in [SessionKeys::new(none, COOKIE), SessionKeys::nextauth_v4(none, "")] {
            assert_eq!(keys.seal(&Claims::new(), NOW, 60, &[1; 32]), "");
            assert!(keys.open(&token, NOW).is_err());
            assert_eq!(keys.open("", NOW), Err(TokenError::Malformed));
        }
        assert_eq!(SessionKeys::new(none, COOKIE).open(&token, NOW), Err(TokenError::UnknownKey));
    }
}

#[test]
fn an_empty_secret_is_passed_over() {
    let keys_with = |secrets: &[&str]| SessionKeys::new(secrets, COOKIE);

    let token = keys_with(&["", SECRET]).seal(&Claims::new(), NOW, 60, &[1; 32]);

    assert_eq!(token, keys().seal(&Claims::new(), NOW, 60, &[1; 32]));
}

#[test]
fn a_token_has_a_greatest_length() {
    let keys = keys();
    let sealed = |length: usize| {
        let token = keys.seal(&Claims::from([("a", "x".repeat(length))]), NOW, 60, &[1; 32]);
        (token.len(), keys.open(&token, NOW).map(drop))
    };
    // A block of the cipher is 21 or 22 characters.
    let lengths: Vec<_> = (48_600..49_400).step_by(8).map(sealed).collect();
    for (length, outcome) in &lengths {
        let expected = if *length <= MAX_TOKEN { Ok(()) } else { Err(TokenError::Malformed) };
        assert_eq!(*outcome, expected, "{length}");
    }
    for near in [MAX_TOKEN - 21..=MAX_TOKEN, MAX_TOKEN + 1..=MAX_TOKEN + 22] {
        assert!(lengths.iter().any(|(length, _)| near.contains(length)), "{near:?}");
    }
    assert_eq!(keys.open(&"a".repeat(50_000_000), NOW), Err(TokenError::Malformed));
    assert_eq!(keys.open(&".".repeat(50_000_000), NOW), Err(TokenError::Malformed));
}

#[test]
fn claims_in_the_way_are_overwritten_in_their_places() {
    let given = claims(r#"{"exp":"x","a":1,"jti":null,"iat":{"b":2},"z":3}"#);

    let opened = keys().open(&keys().seal(&given, NOW, 60, &[0; 32]), NOW).unwrap();

    let uuid = "00000000-0000-4000-8000-000000000000";
    let expected = format!(r#"{{"exp":{},"a":1,"jti":"{uuid}","iat":{NOW},"z":3}}"#, NOW + 60);
    assert_eq!(opened.to_json(), expected);
}

#[test]
fn the_end_of_a_session_is_told() {
    for (json, expires) in [
        ("{}", None),
        (r#"{"exp":null}"#, None),
        (r#"{"exp":1700000000}"#, Some(NOW)),
        (r#"{"exp":1700000000.9}"#, Some(NOW)),
        (r#"{"exp":1e300}"#, Some(i64::MAX)),
    ] {
        assert_eq!(claims(json).expires(), expires, "{json}");
    }
}

#[test]
fn keys_and_errors_print_no_secret() {
    assert_eq!(format!("{:?}", keys()), "SessionKeys(…)");
    let token = keys().seal(&Claims::new(), NOW, 60, &[1; 32]);
    let error = keys().open(&token[1..], NOW).unwrap_err();
    assert_eq!(error.to_string(), "the token is malformed");
}

proptest! {
    #[test]
    fn the_window_is_where_it_says(exp in -100_i64..100, nbf in -100_i64..100) {
        let outcome = open(&format!(r#"{{"exp":{},"nbf":{}}}"#, NOW + exp, NOW + nbf), NOW);

        let expected = if nbf > 15 {
            Err(TokenError::NotYetValid)
        } else if exp <= -15 {
            Err(TokenError::Expired)
        } else {
            Ok(())
        };
        prop_assert_eq!(outcome, expected);
    }
}
