//! One encrypted value: `vst1.<key id>.<nonce, ciphertext and tag in base64url>`.
//!
//! The cipher is XChaCha20-Poly1305, whose nonce of 192 bits may be random however many values there are. What is
//! authenticated besides the value is where it stands: the provider, the user's id there, and the column. So a
//! value that is moved to another row or column does not decrypt.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::aead::inout::InOutBuf;
use vestibule_core::{ProviderAccountId, ProviderId, Random, SecretToken};
use zeroize::Zeroizing;

use crate::key::KeyRing;

/// What every encrypted value begins with, and no plain one does.
const PREFIX: &str = "vst1.";
const NONCE: usize = 24;
const TAG: usize = 16;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) provider: &'a ProviderId,
    pub(crate) account: &'a ProviderAccountId,
    pub(crate) column: &'static str,
}

/// What a stored value is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It was never encrypted.
    Plain,
    /// It was encrypted, under the key that encrypts now or under another one of the ring.
    Sealed { value: SecretToken, is_current: bool },
}

/// Why a stored value does not decrypt. Says nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsealable {
    Malformed,
    UnknownKey,
    Forged,
}

impl Unsealable {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "begins like an encrypted value and is none",
            Self::UnknownKey => "is encrypted under a key that is not in the ring",
            Self::Forged => "does not decrypt: it was changed, moved here, or encrypted under another key",
        }
    }
}

/// Encrypts a value for one place. `None` if it is longer than the cipher can, which is 256 GiB.
pub(crate) fn seal(
    ring: &KeyRing,
    random: &dyn Random,
    place: Place<'_>,
    value: &SecretToken,
) -> Option<SecretToken> {
    let key = ring.first();
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce);
    let mut body = Zeroizing::new(value.expose().as_bytes().to_vec());
    let tag = key
        .cipher
        .encrypt_inout_detached(&nonce.into(), &bound_to(place), InOutBuf::from(&mut **body))
        .ok()?;
    let sealed = [&nonce[..], &body, &tag].concat();
    Some(SecretToken::from(format!("{PREFIX}{}.{}", key.id, URL_SAFE_NO_PAD.encode(sealed))))
}

/// Decrypts a stored value.
///
/// # Errors
///
/// [`Unsealable`] for whatever begins like an encrypted value and cannot be decrypted. It is never taken for plain.
pub(crate) fn open(ring: &KeyRing, place: Place<'_>, stored: &SecretToken) -> Result<Stored, Unsealable> {
    let Some(rest) = stored.expose().strip_prefix(PREFIX) else {
        return Ok(Stored::Plain);
    };
    let (id, sealed) = rest.split_once('.').ok_or(Unsealable::Malformed)?;
    let (key, is_current) = ring.find(id).ok_or(Unsealable::UnknownKey)?;
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Unsealable::Malformed)?;
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(Unsealable::Malformed)?;
    let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(Unsealable::Malformed)?;

    let mut value = body.to_vec();
    key.cipher
        .decrypt_inout_detached(nonce.into(), &bound_to(place), InOutBuf::from(&mut *value), tag.into())
        .map_err(|_| Unsealable::Forged)?;
    let value = String::from_utf8(value).map_err(|_| Unsealable::Forged)?;
    Ok(Stored::Sealed { value: SecretToken::from(value), is_current })
}

/// What a value is bound to, besides the key's id, which the key is derived with. Each part follows its length, so that
/// no two places are alike.
fn bound_to(place: Place<'_>) -> Vec<u8> {
    let parts = [PREFIX, place.provider.as_str(), place.account.as_str(), place.column];
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vestibule_core::OsRandom;

    use super::*;
    use crate::Key;

    fn ring(id: &str, byte: u8) -> KeyRing {
        KeyRing::new([(id, Key::new([byte; 32]))]).unwrap()
    }

    fn sealed(ring: &KeyRing, place: Place<'_>, value: &str) -> SecretToken {
        seal(ring, &OsRandom, place, &value.into()).unwrap()
    }

    /// A place that outlives the test.
    fn place(provider: &str, account: &str, column: &'static str) -> Place<'static> {
        Place {
            provider: Box::leak(Box::new(provider.into())),
            account: Box::leak(Box::new(account.into())),
            column,
        }
    }

    #[test]
    fn one_value_is_never_encrypted_the_same_way_twice() {
        let (ring, here) = (ring("a", 1), place("github", "1", "access_token"));

        assert_ne!(sealed(&ring, here, "token"), sealed(&ring, here, "token"));
    }

    #[test]
    fn a_moved_value_does_not_decrypt() {
        let (ring, here) = (ring("a", 1), place("github", "12", "access_token"));
        let stored = sealed(&ring, here, "token");

        for elsewhere in [
            place("gitlab", "12", "access_token"),
            place("github", "1", "access_token"),
            place("github1", "2", "access_token"),
            place("github", "12", "refresh_token"),
            place("", "github12", "access_token"),
        ] {
            assert_eq!(open(&ring, elsewhere, &stored), Err(Unsealable::Forged));
        }
        let expected = Stored::Sealed { value: "token".into(), is_current: true };
        assert_eq!(open(&ring, here, &stored), Ok(expected));
    }

    #[test]
    fn another_key_of_the_same_id_does_not_decrypt() {
        let here = place("github", "1", "id_token");
        let stored = sealed(&ring("a", 1), here, "token");

        assert_eq!(open(&ring("a", 2), here, &stored), Err(Unsealable::Forged));
        assert_eq!(open(&ring("b", 1), here, &stored), Err(Unsealable::UnknownKey));
    }

    #[test]
    fn a_value_under_another_id_of_the_same_key_does_not_decrypt() {
        let here = place("github", "1", "id_token");
        let both = KeyRing::new([("a", Key::new([1; 32])), ("b", Key::new([1; 32]))]).unwrap();
        let stored = sealed(&both, here, "token").expose().replace("vst1.a.", "vst1.b.");

        assert_eq!(open(&both, here, &stored.into()), Err(Unsealable::Forged));
    }

    #[test]
    fn what_begins_like_an_encrypted_value_is_never_plain() {
        let here = place("github", "1", "id_token");
        for (odd, expected) in [
            ("vst1.", Unsealable::Malformed),
            ("vst1.a", Unsealable::Malformed),
            ("vst1.a.", Unsealable::Malformed),
            ("vst1.a.AAAA", Unsealable::Malformed),
            ("vst1.a.!!!!", Unsealable::Malformed),
            ("vst1..AAAA", Unsealable::UnknownKey),
            ("vst1.token", Unsealable::Malformed),
            ("vst1.b.AAAA", Unsealable::UnknownKey),
        ] {
            assert_eq!(open(&ring("a", 1), here, &odd.into()), Err(expected), "{odd}");
        }
        for plain in ["", "vst1", "VST1.a.AAAA", " vst1.a.", "gho_16C7e42F292c6912E7710c838347Ae178B4a"] {
            assert_eq!(open(&ring("a", 1), here, &plain.into()), Ok(Stored::Plain), "{plain}");
        }
    }

    /// What `docs/at-rest.md` says of the format, done with other libraries: HKDF and ChaCha20-Poly1305 of Python's
    /// `cryptography`, with `HChaCha20` by hand. What is stored must be read by every later version.
    #[test]
    fn a_value_that_was_encrypted_elsewhere_is_read() {
        let key = Key::from_secret("a secret of 32 or more random characters").unwrap();
        let ring = KeyRing::new([("2026-02", key)]).unwrap();
        let stored = SecretToken::from(concat!(
            "vst1.2026-02.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX84_KtTi088kKQuEVPxv13dJSf",
            "xWCCSTY4hb8hXNKikUqAPEXTe7b1_DBW3x8Vp8YNBlyYEAVDYU",
        ));

        let opened = open(&ring, place("github", "583231", "access_token"), &stored);

        let value = "gho_16C7e42F292c6912E7710c838347Ae178B4a".into();
        assert_eq!(opened, Ok(Stored::Sealed { value, is_current: true }));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in ".*", provider in ".*", account in ".*") {
            let (ring, here) = (ring("a", 1), place(&provider, &account, "access_token"));

            let opened = open(&ring, here, &sealed(&ring, here, &value));

            let expected = Stored::Sealed { value: value.into(), is_current: true };
            prop_assert_eq!(opened, Ok(expected));
        }

        #[test]
        fn a_value_that_was_changed_anywhere_does_not_decrypt(at in 0usize..1000, to in "[A-Za-z0-9_.-]") {
            let (ring, here) = (ring("a", 1), place("github", "1", "access_token"));
            let stored = sealed(&ring, here, "gho_16C7e42F292c6912E7710c838347Ae178B4a");
            let mut changed = stored.expose().to_owned();
            let at = "vst1.".len() + at % (changed.len() - "vst1.".len());
            changed.replace_range(at..=at, &to);

            let opened = open(&ring, here, &changed.as_str().into());

            prop_assert_eq!(opened.is_err(), changed != stored.expose());
        }
    }
}
