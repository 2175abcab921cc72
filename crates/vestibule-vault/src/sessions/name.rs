//! What a token is called in the store, and what a list calls a session.
//!
//! Three kinds of text that never pass for each other:
//!
//! * the **token**, which the cookie holds;
//! * `sha256:<hex>`, its hash, which the store holds. It signs nobody in;
//! * `listed:<hash>.<tag>.<user id>`, which a list shows. The tag is an HMAC under a key that the store does not hold, so
//!   nobody can make one from what stands in the database. It is good for ending the session, and for nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use vestibule_core::{SecretToken, UserId};
use zeroize::Zeroizing;

use crate::Key;

const HASHED: &str = "sha256:";
const LISTED: &str = "listed:";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// The name of a session in the store: the hash of its token.
pub(super) fn name_of(token: &SecretToken) -> SecretToken {
    SecretToken::from(format!("{HASHED}{}", hex::encode(Sha256::digest(token.expose()))))
}

/// Whether a stored text is the name of a session.
pub(super) fn is_name(stored: &SecretToken) -> bool {
    digits(stored).is_some_and(are_digits)
}

/// Whether a text looks like a name or like what a list shows. No token may.
pub(super) fn is_reserved(text: &SecretToken) -> bool {
    [HASHED, LISTED].iter().any(|prefix| {
        let start = text.expose().as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    })
}

fn digits(name: &SecretToken) -> Option<&str> {
    name.expose().strip_prefix(HASHED)
}

fn are_digits(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A session that a list showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: SecretToken,
    pub(super) user_id: UserId,
}

/// Writes and reads what a list shows.
#[derive(Clone)]
pub(super) struct ListKey(Zeroizing<[u8; 32]>);

impl ListKey {
    pub(super) fn new(key: &Key) -> Self {
        Self(key.derive("vestibule-vault: listed sessions"))
    }

    /// What a list shows of the session `name` of a user.
    pub(super) fn write(&self, name: &SecretToken, user_id: &UserId) -> SecretToken {
        let digits = digits(name).unwrap_or_default();
        let tag = URL_SAFE_NO_PAD.encode(self.mac(digits, user_id.as_str()).finalize().into_bytes());
        let user_id = URL_SAFE_NO_PAD.encode(user_id.as_str());
        SecretToken::from(format!("{LISTED}{digits}.{tag}.{user_id}"))
    }

    /// Reads what a list showed; `None` if no list of this key did. The tag is compared in constant time.
    pub(super) fn read(&self, text: &SecretToken) -> Option<Listed> {
        let mut parts = text.expose().strip_prefix(LISTED)?.splitn(3, '.');
        let (digits, tag, user_id) = (parts.next()?, parts.next()?, parts.next()?);
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let user_id = String::from_utf8(URL_SAFE_NO_PAD.decode(user_id).ok()?).ok()?;
        if !are_digits(digits) {
            return None;
        }
        self.mac(digits, &user_id).verify_slice(&tag).ok()?;
        Some(Listed { name: SecretToken::from(format!("{HASHED}{digits}")), user_id: user_id.into() })
    }

    /// The digits are of one length, so nothing need part them from the user id.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, digits: &str, user_id: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any length is right");
        mac.chain_update(digits).chain_update(user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> ListKey {
        ListKey::new(&Key::new([byte; 32]))
    }

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn a_name_is_the_hash_in_hexadecimal() {
        let name = name_of(&"abc".into());

        let expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(name.expose(), expected);
        assert!(is_name(&name));
    }

    #[test]
    fn whatever_looks_like_a_name_or_a_listed_token_is_reserved() {
        let name = name_of(&"abc".into());
        let listed = key(1).write(&name, &"1".into());

        for reserved in [name, listed, "sha256:".into(), "SHA256:x".into(), "Listed:".into()] {
            assert!(is_reserved(&reserved));
        }
        for token in ["", "sha256", "sha2567", "list", "äää", "f6e1cf5b-6b1c-4d4d-9c55-b2f1a1a3f0a8"] {
            assert!(!is_reserved(&token.into()), "{token}");
        }
    }

    #[test]
    fn only_a_whole_hash_is_a_name() {
        let whole = name_of(&"abc".into()).expose().to_owned();

        for other in [&whole[..70], &whole.to_uppercase(), &whole.replace("ba78", "gg78"), &whole[7..]] {
            assert!(!is_name(&other.into()), "{other}");
        }
    }

    #[test]
    fn what_a_list_shows_can_be_read_by_its_key_alone() {
        let (name, user_id) = (name_of(&"abc".into()), UserId::from("ä.b"));

        let listed = key(1).write(&name, &user_id);

        assert_eq!(key(1).read(&listed), Some(Listed { name, user_id }));
        assert_eq!(key(2).read(&listed), None);
    }

    #[test]
    fn what_no_list_showed_cannot_be_read() {
        let name = name_of(&"abc".into());
        let listed = key(1).write(&name, &"1".into()).expose().to_owned();
        let others = key(1).write(&name, &"2".into()).expose().to_owned();
        let (start, tag) = (&listed[..72], others.split('.').nth(1).unwrap());

        for forged in [
            name.expose(),
            start,
            &format!("{start}.."),
            &format!("{start}..MQ"),
            &format!("{start}.{tag}.MQ"),
            &listed[..listed.len() - 1],
            &format!("{listed}.MQ"),
            &listed.replace("ba78", "ba79"),
            &listed.replace("listed:", "Listed:"),
        ] {
            assert_eq!(key(1).read(&forged.into()), None, "{forged}");
        }
    }
}
