//! What `@auth/core` sealed, both ways.

use serde_json::Value;
use vestibule_token::{Claims, SessionKeys, TokenError};

use crate::support::{
    NOW, SECRET, cbc_token, claims, decode, encode, entropy, fixture, hex_of, secrets, text,
};

fn vectors() -> Vec<Value> {
    fixture("vectors-v5.json")["vectors"].as_array().unwrap().clone()
}

fn keys(vector: &Value) -> SessionKeys {
    SessionKeys::new(&secrets(&vector["secret"]), text(vector, "salt"))
}

/// The claims of a vector in their order, which the member `plaintext` keeps; without those that sealing adds.
fn given(vector: &Value) -> Claims {
    let mut given = claims(text(vector, "plaintext"));
    for name in ["iat", "exp", "jti"] {
        given.remove(name).unwrap();
    }
    given
}

#[test]
fn every_token_is_made_byte_for_byte() {
    for vector in vectors() {
        let iv: [u8; 16] = hex_of(&vector, "iv_hex");
        let entropy = entropy(&iv, text(&vector["claims_decoded"], "jti"));
        let max_age = vector["maxAge"].as_u64().unwrap();

        let token = keys(&vector).seal(&given(&vector), NOW, max_age, &entropy);

        assert_eq!(token, text(&vector, "jwe"), "{}", vector["name"]);
    }
}

#[test]
fn every_token_is_opened() {
    for vector in vectors() {
        let opened = keys(&vector).open(text(&vector, "jwe"), NOW).unwrap();

        assert_eq!(opened.to_json(), text(&vector, "plaintext"), "{}", vector["name"]);
        assert_eq!(Value::from(opened), vector["claims_decoded"], "{}", vector["name"]);
    }
}

#[test]
fn the_header_says_the_name_of_the_key() {
    for vector in vectors() {
        let token = keys(&vector).seal(&Claims::new(), NOW, 1, &[0; 32]);

        let header = token.split('.').next().unwrap();
        assert_eq!(header, encode(text(&vector, "protected_header")), "{}", vector["name"]);
        assert!(text(&vector, "protected_header").contains(text(&vector, "kid")));
    }
}

#[test]
fn a_token_that_is_made_by_hand_is_the_vector() {
    let vector = &vectors()[0];
    let parts: Vec<_> = text(vector, "jwe").split('.').collect();
    let ciphertext = decode(parts[3]);

    let token = cbc_token(text(vector, "protected_header"), &hex_of::<16>(vector, "iv_hex"), &ciphertext);

    assert_eq!(token, text(vector, "jwe"));
}

#[test]
fn claims_are_sealed_in_their_places_when_opened_ones_are_sealed_again() {
    for vector in vectors() {
        let keys = keys(&vector);
        let opened = keys.open(text(&vector, "jwe"), NOW).unwrap();
        let iv: [u8; 16] = hex_of(&vector, "iv_hex");
        let entropy = entropy(&iv, text(&vector["claims_decoded"], "jti"));

        let token = keys.seal(&opened, NOW, vector["maxAge"].as_u64().unwrap(), &entropy);

        assert_eq!(token, text(&vector, "jwe"), "{}", vector["name"]);
    }
}

#[test]
fn old_secrets_open_and_the_first_one_seals() {
    let rotation = &fixture("vectors-v5.json")["rotation"];
    let (token, salt) = (text(rotation, "token"), text(rotation, "salt"));
    let old = text(rotation, "encoded_with");
    let both = SessionKeys::new(&["new-secret-AAAA", old], salt);

    assert_eq!(Value::from(both.open(token, NOW).unwrap()), rotation["decode_with_new_then_old"]);
    assert_eq!(SessionKeys::new(&["new-secret-AAAA"], salt).open(token, NOW), Err(TokenError::UnknownKey));

    let sealed = both.seal(&Claims::new(), NOW, 60, &[1; 32]);
    assert!(SessionKeys::new(&["new-secret-AAAA"], salt).open(&sealed, NOW).is_ok());
    assert_eq!(SessionKeys::new(&[old], salt).open(&sealed, NOW), Err(TokenError::UnknownKey));
}

#[test]
fn a256gcm_is_read_under_the_first_secret_alone_when_it_names_none() {
    let gcm = &fixture("vectors-v5.json")["a256gcm_authjs_info"];
    let (token, salt, secret) = (text(gcm, "token"), text(gcm, "salt"), text(gcm, "secret"));

    let opened = SessionKeys::new(&[secret], salt).open(token, NOW).unwrap();

    assert_eq!(Value::from(opened), gcm["decoded"]);
    assert_eq!(SessionKeys::new(&["new", secret], salt).open(token, NOW), Err(TokenError::Forged));
}

#[test]
fn the_tolerance_is_that_of_the_original() {
    let vector = &vectors()[0];
    let tolerance = &fixture("vectors-v5.json")["expiry_tolerance"];
    let expires = vector["claims_decoded"]["exp"].as_i64().unwrap();
    for late in [14, 15, 16] {
        let is_open = keys(vector).open(text(vector, "jwe"), expires + late).is_ok();

        assert_eq!(is_open, tolerance[late.to_string()] == "ok", "{late}");
    }
}

#[test]
fn the_name_of_the_cookie_is_part_of_the_key() {
    let vector = &vectors()[0];

    let opened = SessionKeys::new(&[SECRET], "__Secure-authjs.session-token").open(text(vector, "jwe"), NOW);

    assert_eq!(opened, Err(TokenError::UnknownKey));
}
