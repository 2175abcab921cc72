//! Headers that Auth.js does not write. All of them are protected by a valid tag: what is refused is what they say.

use vestibule_token::{SessionKeys, TokenError};

use crate::support::{COOKIE, NOW, SECRET, cbc_token_of, gcm_token_of, header_with, keys, kid};

fn open(header: &str) -> Result<(), TokenError> {
    keys().open(&cbc_token_of(header, b"{}"), NOW).map(drop)
}

#[test]
fn a_header_may_be_written_otherwise() {
    let kid = kid();
    for header in [
        header_with(&kid),
        format!(r#"{{"kid":"{kid}","enc":"A256CBC-HS512","alg":"dir"}}"#),
        format!(r#"{{ "alg" : "dir", "enc":"A256CBC-HS512", "kid":"{kid}","typ":"JWT","x":[{{}}] }}"#),
        format!(r#"{{"al\u0067":"d\u0069r","enc":"A256CBC-HS512","kid":"{kid}"}}"#),
        r#"{"alg":"dir","enc":"A256CBC-HS512"}"#.to_owned(),
    ] {
        assert_eq!(open(&header), Ok(()), "{header}");
    }
}

#[test]
fn only_a_shared_key_and_two_encryptions_are_accepted() {
    for (alg, enc) in [
        ("none", "A256CBC-HS512"),
        ("", "A256CBC-HS512"),
        ("DIR", "A256CBC-HS512"),
        ("A256KW", "A256CBC-HS512"),
        ("A256GCMKW", "A256GCM"),
        ("RSA-OAEP", "A256GCM"),
        ("PBES2-HS256+A128KW", "A256CBC-HS512"),
        ("HS256", "A256CBC-HS512"),
        ("dir", "none"),
        ("dir", ""),
        ("dir", "A128GCM"),
        ("dir", "A192GCM"),
        ("dir", "a256gcm"),
        ("dir", "A128CBC-HS256"),
        ("dir", "A192CBC-HS384"),
        ("dir", "A256CBC-HS256"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"{}"}}"#, kid());
        assert_eq!(open(&header), Err(TokenError::Unsupported), "{header}");
    }
    for header in [r#"{"enc":"A256CBC-HS512"}"#, r#"{"alg":"dir"}"#, "{}", r#"{"alg":"none"}"#] {
        assert_eq!(open(header), Err(TokenError::Unsupported), "{header}");
    }
}

#[test]
fn an_unsecured_token_is_no_token() {
    let header = "eyJhbGciOiJub25lIn0";
    for token in [format!("{header}.e30."), format!("{header}.."), format!("{header}....")] {
        assert!(keys().open(&token, NOW).is_err(), "{token}");
    }
}

#[test]
fn extensions_are_refused() {
    for extension in [
        r#""crit":["x"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""zip":"DEF""#,
        r#""zip":null"#,
        r#""iss":"x""#,
        r#""sub":"x""#,
        r#""aud":"x""#,
    ] {
        let header = format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{}",{extension}}}"#, kid());
        assert_eq!(open(&header), Err(TokenError::Unsupported), "{header}");
    }
}

#[test]
fn a_header_that_can_be_read_in_two_ways_is_refused() {
    let kid = kid();
    for header in [
        r#"{"alg":"dir","alg":"dir","enc":"A256CBC-HS512"}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256GCM","enc":"A256CBC-HS512"}"#.to_owned(),
        format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"x","kid":"{kid}"}}"#),
        r#"{"alg":"dir","enc":"A256CBC-HS512"}{}"#.to_owned(),
    ] {
        assert_eq!(open(&header), Err(TokenError::Malformed), "{header}");
    }
}

#[test]
fn members_of_another_type_are_refused() {
    for header in [
        r#"{"alg":"dir","enc":"A256CBC-HS512","kid":null}"#,
        r#"{"alg":"dir","enc":"A256CBC-HS512","kid":1}"#,
        r#"{"alg":["dir"],"enc":"A256CBC-HS512"}"#,
        r#"{"alg":null,"enc":"A256CBC-HS512"}"#,
        "[]",
        "null",
        "",
    ] {
        assert_eq!(open(header), Err(TokenError::Malformed), "{header}");
    }
}

#[test]
fn a_long_header_is_refused() {
    let padded =
        |length: usize| format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","x":"{}"}}"#, "x".repeat(length));

    assert_eq!(open(&padded(600)), Ok(()));
    assert_eq!(open(&padded(800)), Err(TokenError::Malformed));
}

#[test]
fn a_name_that_no_key_has_is_told() {
    assert_eq!(open(&header_with("other")), Err(TokenError::UnknownKey));
    assert_eq!(open(&header_with("")), Err(TokenError::UnknownKey));
}

#[test]
fn without_a_name_only_the_first_secret_is_tried() {
    let token = cbc_token_of(r#"{"alg":"dir","enc":"A256CBC-HS512"}"#, b"{}");

    assert!(SessionKeys::new(&[SECRET, "other"], COOKIE).open(&token, NOW).is_ok());
    let second = SessionKeys::new(&["other", SECRET], COOKIE).open(&token, NOW);
    assert_eq!(second, Err(TokenError::Forged));
}

#[test]
fn a256gcm_has_names_of_its_own() {
    // The thumbprint of half a key is another one, by SHA-256.
    let half = "DJci49Z9E0Ipv5ueb9beCh8DeGPZXZTItcK0_cdjYh0";
    let named = |kid: &str| gcm_token_of(&format!(r#"{{"alg":"dir","enc":"A256GCM","kid":"{kid}"}}"#), b"{}");
    let both = SessionKeys::new(&["other", SECRET], COOKIE);

    assert!(both.open(&named(half), NOW).is_ok());
    assert_eq!(both.open(&named(&kid()), NOW), Err(TokenError::UnknownKey));
    assert_eq!(open(&header_with(half)), Err(TokenError::UnknownKey));
}
