//! What `next-auth` 4 sealed.

use serde_json::Value;
use vestibule_token::{SessionKeys, TokenError};

use crate::support::{COOKIE, NOW, claims, entropy, fixture, hex_of, keys, secrets, text};

fn vectors() -> Vec<Value> {
    fixture("vectors-v4.json")["vectors"].as_array().unwrap().clone()
}

fn keys_v4(vector: &Value) -> SessionKeys {
    SessionKeys::nextauth_v4(&secrets(&vector["secret"]), text(vector, "salt"))
}

#[test]
fn every_token_is_opened() {
    for vector in vectors() {
        let opened = keys_v4(&vector).open(text(&vector, "jwe"), NOW).unwrap();

        assert_eq!(opened.to_json(), text(&vector, "plaintext"), "{}", vector["name"]);
    }
}

#[test]
fn every_token_is_made_byte_for_byte() {
    for vector in vectors() {
        let plaintext = claims(text(&vector, "plaintext"));
        let entropy = entropy(&hex_of::<12>(&vector, "iv_hex"), plaintext.text("jti").unwrap());

        let token = keys_v4(&vector).seal(&plaintext, NOW, vector["maxAge"].as_u64().unwrap(), &entropy);

        assert_eq!(token, text(&vector, "jwe"), "{}", vector["name"]);
    }
}

#[test]
fn every_secret_is_tried() {
    let vector = &vectors()[0];
    let secrets = ["first", text(vector, "secret"), "third"];

    assert!(SessionKeys::nextauth_v4(&secrets, "").open(text(vector, "jwe"), NOW).is_ok());
    let others = SessionKeys::nextauth_v4(&secrets[..1], "").open(text(vector, "jwe"), NOW);
    assert_eq!(others, Err(TokenError::Forged));
}

#[test]
fn the_versions_do_not_open_each_others_tokens() {
    let vector = &vectors()[0];
    let five = &fixture("vectors-v5.json")["vectors"][0];

    assert_eq!(keys().open(text(vector, "jwe"), NOW), Err(TokenError::Forged));
    assert_eq!(
        SessionKeys::new(&secrets(&vector["secret"]), "").open(text(vector, "jwe"), NOW),
        Err(TokenError::Forged)
    );
    assert_eq!(keys_v4(vector).open(text(five, "jwe"), NOW), Err(TokenError::Unsupported));
}

#[test]
fn the_name_of_a_sealed_cookie_is_part_of_the_key() {
    let pkce = &vectors()[2];

    let opened = SessionKeys::nextauth_v4(&secrets(&pkce["secret"]), COOKIE).open(text(pkce, "jwe"), NOW);

    assert_eq!(opened, Err(TokenError::Forged));
}
