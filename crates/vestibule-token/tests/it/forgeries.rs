//! Tokens that somebody changed.

use vestibule_token::{Claims, SessionKeys, TokenError};

use crate::support::{NOW, SECRET, cbc_token, cbc_token_of, decode, encode, header_with, keys, kid};

/// Every character of base64url, and what separates segments.
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

fn tokens() -> [(SessionKeys, String); 2] {
    [keys(), SessionKeys::nextauth_v4(&[SECRET], "")].map(|keys| {
        let token = keys.seal(&Claims::from([("sub", "1")]), NOW, 60, &[3; 32]);
        (keys, token)
    })
}

#[test]
fn no_character_can_be_changed() {
    for (keys, token) in tokens() {
        assert!(keys.open(&token, NOW).is_ok());
        for place in 0..token.len() {
            for other in ALPHABET.iter().filter(|other| **other != token.as_bytes()[place]) {
                let mut changed = token.clone().into_bytes();
                changed[place] = *other;
                let changed = String::from_utf8(changed).unwrap();
                assert!(keys.open(&changed, NOW).is_err(), "{place} in {token}: {changed}");
            }
        }
    }
}

#[test]
fn no_bit_of_the_bytes_can_be_changed() {
    for (keys, token) in tokens() {
        let segments: Vec<&str> = token.split('.').collect();
        for (index, segment) in segments.iter().enumerate().skip(2) {
            let bytes = decode(segment);
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let mut parts: Vec<String> = segments.iter().map(ToString::to_string).collect();
                parts[index] = encode(changed);
                assert_eq!(
                    keys.open(&parts.join("."), NOW),
                    Err(TokenError::Forged),
                    "bit {bit} of segment {index}"
                );
            }
        }
    }
}

#[test]
fn no_part_can_be_left_out() {
    for (keys, token) in tokens() {
        for end in 0..token.len() {
            assert!(keys.open(&token[..end], NOW).is_err(), "up to {end}");
            assert!(keys.open(&token[end + 1..], NOW).is_err(), "from {}", end + 1);
        }
    }
}

#[test]
fn nothing_can_be_added() {
    for (keys, token) in tokens() {
        for added in [".", "=", "==", "A", "AAAA", " ", "\n", "\0", "é", ".e30"] {
            assert!(keys.open(&format!("{token}{added}"), NOW).is_err(), "{added:?} after");
            assert!(keys.open(&format!("{added}{token}"), NOW).is_err(), "{added:?} before");
            let with_key = token.replace("..", &format!(".{added}."));
            assert!(keys.open(&with_key, NOW).is_err(), "{added:?} as the key");
        }
        assert_eq!(keys.open(&token.replace('-', "+").replace('_', "/"), NOW), Err(TokenError::Malformed));
    }
}

#[test]
fn parts_of_two_tokens_do_not_fit_together() {
    let first = keys().seal(&Claims::from([("sub", "1")]), NOW, 60, &[3; 32]);
    let second = keys().seal(&Claims::from([("sub", "2")]), NOW, 60, &[4; 32]);
    let (first, second): (Vec<&str>, Vec<&str>) = (first.split('.').collect(), second.split('.').collect());
    for index in 2..5 {
        let mut mixed = first.clone();
        mixed[index] = second[index];
        assert_eq!(keys().open(&mixed.join("."), NOW), Err(TokenError::Forged), "segment {index}");
    }
}

#[test]
fn segments_have_their_lengths() {
    let header = header_with(&kid());
    for length in [0, 1, 12, 15, 17, 32, 64] {
        let token = cbc_token(&header, &vec![1; length], &[0; 16]);
        assert_eq!(
            keys().open(&token, NOW),
            Err(TokenError::Malformed),
            "an initialization vector of {length}"
        );
    }
    let token = cbc_token(&header, &[1; 16], &[0; 16]);
    let (rest, tag) = token.rsplit_once('.').unwrap();
    for length in [0, 1, 2, 22, 42, 44, 86] {
        let tag = tag.repeat(3)[..length].to_owned();
        assert_eq!(
            keys().open(&format!("{rest}.{tag}"), NOW),
            Err(TokenError::Malformed),
            "a tag of {length}"
        );
    }
}

#[test]
fn ciphertext_ends_with_a_block() {
    let header = header_with(&kid());
    let token = cbc_token_of(&header, br#"{"a":"01234567"}"#);
    let mut ciphertext = decode(token.split('.').nth(3).unwrap());
    // A whole block of JSON, and one byte that would be padding.
    ciphertext.truncate(16);
    ciphertext.push(1);

    assert_eq!(keys().open(&cbc_token(&header, &[9; 16], &ciphertext), NOW), Err(TokenError::Malformed));
}

#[test]
fn whoever_has_the_secret_and_pads_otherwise_is_refused_after_the_tag() {
    let header = header_with(&kid());
    // Ciphertext that nobody made from padded blocks; the tag over it is right.
    for length in [0, 1, 15, 17] {
        let token = cbc_token(&header, &[1; 16], &vec![5; length]);
        assert_eq!(keys().open(&token, NOW), Err(TokenError::Malformed), "{length} bytes");
    }
    for seed in 0..=255_u8 {
        let token = cbc_token(&header, &[seed; 16], &[5; 16]);
        assert_eq!(keys().open(&token, NOW), Err(TokenError::Malformed), "{seed}");
    }
}
