//! Ids of sessions and users, as Lucia makes them.

use data_encoding::BASE32_NOPAD;
use vestibule_core::{Random, SecretToken};

/// Bytes of randomness in the id of a session: 200 bits, 40 characters.
const SESSION_ENTROPY: usize = 25;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// The largest multiple of the alphabet's size that a byte reaches; bytes above it would favor some letters.
const FAIR: u8 = 252;

/// An id of `length` characters out of `a`–`z` and `0`–`9`, each equally likely: 15 make an id of a user as
/// Lucia v2 makes it.
///
/// ```
/// use vestibule_core::OsRandom;
///
/// assert_eq!(vestibule_lucia::generate_id(15, &OsRandom).len(), 15);
/// ```
#[doc(alias = "generateId")]
pub fn generate_id(length: usize, random: &dyn Random) -> String {
    let mut id = String::with_capacity(length);
    let mut bytes = [0; 32];
    while id.len() < length {
        random.fill(&mut bytes);
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        let letters = fair.map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
        id.extend(letters.take(length - id.len()));
    }
    id
}

/// An id that holds `size` random bytes, in lower-case base32 without padding (RFC 4648): 10 bytes make the 16
/// characters that Lucia v3 advises for users.
///
/// ```
/// use vestibule_core::OsRandom;
///
/// assert_eq!(vestibule_lucia::generate_id_from_entropy_size(10, &OsRandom).len(), 16);
/// ```
#[doc(alias = "generateIdFromEntropySize")]
pub fn generate_id_from_entropy_size(size: usize, random: &dyn Random) -> String {
    let mut bytes = vec![0; size];
    random.fill(&mut bytes);
    encode(&bytes)
}

/// The id of a new session.
pub(crate) fn session_id(random: &dyn Random) -> SecretToken {
    SecretToken::from(generate_id_from_entropy_size(SESSION_ENTROPY, random))
}

fn encode(bytes: &[u8]) -> String {
    let mut text = BASE32_NOPAD.encode(bytes);
    text.make_ascii_lowercase();
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use vestibule_core::OsRandom;
    use vestibule_testkit::SeededRandom;

    use super::*;

    #[test]
    fn base32_is_that_of_the_rfc_in_lower_case() {
        // RFC 4648, section 10.
        let vectors = [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ];

        for (plain, encoded) in vectors {
            assert_eq!(encode(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn session_ids_are_40_characters_of_base32_and_differ() {
        let ids: Vec<_> = (0..100).map(|_| session_id(&OsRandom).expose().to_owned()).collect();

        for id in &ids {
            assert_eq!(id.len(), 40);
            assert!(id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), "{id}");
        }
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 100);
    }

    #[test]
    fn every_letter_of_an_id_is_equally_likely() {
        let id = generate_id(36_000, &SeededRandom::new(7));

        for letter in ALPHABET {
            let count = id.bytes().filter(|byte| byte == letter).count();
            assert!((850..1150).contains(&count), "{} came {count} times", char::from(*letter));
        }
    }

    proptest! {
        #[test]
        fn an_id_has_the_length_that_was_asked_for(length in 0_usize..200, seed: u64) {
            let id = generate_id(length, &SeededRandom::new(seed));

            prop_assert_eq!(id.len(), length);
            prop_assert!(id.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
    }
}
