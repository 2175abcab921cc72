//! What is made from random bytes.

use vestibule_core::Random;

/// 32 random bytes as lower-case hex.
pub(crate) fn random_hex(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    hex::encode(bytes)
}

/// A random UUID (version 4).
pub(crate) fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    as_uuid(bytes, 4)
}

/// Bytes as a UUID of this version.
pub(crate) fn as_uuid(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_token_has_256_random_bits() {
        let (one, other) = (random_hex(&OsRandom), random_hex(&OsRandom));

        assert_eq!(hex::decode(&one).unwrap().len(), 32);
        assert_ne!(one, other);
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        for _ in 0..64 {
            let uuid = uuid(&OsRandom);

            assert_eq!(uuid.len(), 36);
            assert_eq!(uuid.match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
            assert_eq!(&uuid[14..15], "4");
            assert!(["8", "9", "a", "b"].contains(&&uuid[19..20]));
        }
    }
}
