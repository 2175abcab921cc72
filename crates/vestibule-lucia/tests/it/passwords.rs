//! Hashes that the original packages wrote.

use serde_json::Value;
use vestibule_lucia::{HashForm, PasswordHash, PasswordHashError};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/lucia/passwords.json")).unwrap()
}

#[test]
fn every_hash_of_every_version_is_verified() {
    let vectors = vectors();
    let hashes = vectors["hashes"].as_array().unwrap();
    assert_eq!(hashes.len(), 36);

    for entry in hashes {
        let text = |key: &str| entry[key].as_str().unwrap();
        let hash = PasswordHash::parse(text("hash")).unwrap();
        let form = match text("by") {
            "lucia-auth 0.1.4" => HashForm::Early,
            "lucia 3.2.2 Scrypt" | "oslo 1.2.1 Scrypt" => HashForm::V3,
            _ => HashForm::S2,
        };

        assert_eq!((hash.form(), hash.expose()), (form, text("hash")), "{entry}");
        assert!(hash.verify(text("password")), "{entry}");
        assert!(!hash.verify(&format!("{} ", text("password"))), "{entry}");
    }
}

#[test]
fn passwords_that_look_the_same_are_the_same() {
    let vectors = vectors();
    for entry in vectors["hashes"].as_array().unwrap() {
        let hash = PasswordHash::parse(entry["hash"].as_str().unwrap()).unwrap();
        if entry["password"] == "Ａ𝔭𝔭le" && hash.form() != HashForm::Early {
            assert!(hash.verify("Apple"), "{entry}");
        }
    }
}

#[test]
fn what_v2_calls_outdated_is_outdated() {
    assert_eq!(vectors()["outdated"], "AUTH_OUTDATED_PASSWORD");
    let error = PasswordHash::parse("$2a$10$abcdefghijklmnopqrstuv").unwrap_err();
    assert_eq!(error, PasswordHashError::Outdated);
}
