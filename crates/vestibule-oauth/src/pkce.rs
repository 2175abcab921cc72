//! Proof Key for Code Exchange (RFC 7636), with `S256` and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use vestibule_core::Random;

/// A new `code_verifier`: 32 random bytes as 43 characters of base64url.
pub fn verifier(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The `code_challenge` of a `code_verifier`, by the method `S256`.
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Whether this is a `code_verifier` as RFC 7636 §4.1 has them.
pub(crate) fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use vestibule_core::OsRandom;

    use super::*;

    #[test]
    fn the_example_of_rfc_7636_comes_out() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_verifier_is_one_and_no_two_are_alike() {
        let (first, second) = (verifier(&OsRandom), verifier(&OsRandom));

        assert!(is_verifier(&first));
        assert_eq!(first.len(), 43);
        assert_ne!(first, second);
    }

    #[test]
    fn what_is_too_short_too_long_or_has_other_characters_is_no_verifier() {
        assert!(!is_verifier(&"a".repeat(42)));
        assert!(is_verifier(&"a".repeat(128)));
        assert!(!is_verifier(&"a".repeat(129)));
        assert!(!is_verifier(&format!("{}+", "a".repeat(43))));
    }
}
