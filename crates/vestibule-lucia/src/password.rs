//! Password hashes of every version of Lucia: scrypt in three forms.
//!
//! | form | written by | salt | block size |
//! |---|---|---|---|
//! | `salt:key` | `lucia-auth` 0.1 | 16 letters and digits | 8 |
//! | `s2:salt:key` | v0.2, v1, v2; v3's `LegacyScrypt` | 16 letters and digits; 32 hex digits | 16 |
//! | `salt:key` | v3's `Scrypt`; `oslo/password` | 32 hex digits | 16 |
//!
//! All of them have N = 16384, p = 1, a key of 64 bytes in hex, and take the text of the salt as the salt. The
//! password is normalized to NFKC; version 0.1 did not, so for its hashes the password as it is typed counts too.

use std::fmt;

use scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use vestibule_core::{Random, SecretToken};
use zeroize::{Zeroize, Zeroizing};

/// The binary logarithm of N.
const LOG_N: u8 = 14;
const KEY: usize = 64;

/// Which version of Lucia writes hashes like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashForm {
    /// `salt:key` with a salt of 16 characters: the earliest versions, with half the memory.
    Early,
    /// `s2:salt:key`: v1, v2 and v3's `LegacyScrypt`.
    S2,
    /// `salt:key` with a salt of 32 hex digits: v3's `Scrypt`, and what is written here.
    V3,
}

/// Why a text is no hash that can be verified here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordHashError {
    /// It is in no form that Lucia writes, or damaged.
    #[error("this is no scrypt hash in a form of Lucia's")]
    Malformed,
    /// It is the bcrypt hash of an early test version, which Lucia v2 refuses too, as `AUTH_OUTDATED_PASSWORD`. The
    /// user has to set a new password.
    #[doc(alias = "AUTH_OUTDATED_PASSWORD")]
    #[error("this is a bcrypt hash, which is outdated; a new password has to be set")]
    Outdated,
}

/// The hash of a password.
///
/// Making one and verifying one take some ten milliseconds of a processor and 32 MiB of memory, on the thread that
/// calls. In asynchronous code, hand that to threads that may block, and limit how many do at once:
///
/// ```
/// use tokio::sync::Semaphore;
/// use vestibule_lucia::PasswordHash;
///
/// /// No more than four at once: 128 MiB.
/// static HASHING: Semaphore = Semaphore::const_new(4);
///
/// async fn verify(hash: PasswordHash, password: String) -> Result<bool, Box<dyn std::error::Error>> {
///     let _permit = HASHING.acquire().await?;
///     Ok(tokio::task::spawn_blocking(move || hash.verify(&password)).await?)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # assert!(!verify(PasswordHash::of_nobody(), "x".into()).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PasswordHash {
    text: SecretToken,
    form: HashForm,
    /// Where the salt stands in the text.
    salt: (usize, usize),
    key: [u8; KEY],
}

impl PasswordHash {
    /// Hashes a password as Lucia v3 does, under a new salt of 16 random bytes. Blocks.
    #[doc(alias = "Scrypt")]
    pub fn new(password: &str, random: &dyn Random) -> Self {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let salt = hex::encode(salt);
        let normal: Zeroizing<String> = Zeroizing::new(password.nfkc().collect());
        let key = derive(normal.as_bytes(), salt.as_bytes(), HashForm::V3);
        let text = SecretToken::from(format!("{salt}:{}", hex::encode(*key)));
        Self { text, form: HashForm::V3, salt: (0, salt.len()), key: *key }
    }

    /// Reads a hash that some version of Lucia wrote. Does not block.
    ///
    /// # Errors
    ///
    /// [`PasswordHashError::Outdated`] for `$2a…`, [`PasswordHashError::Malformed`] for everything else that is no
    /// hash of Lucia's.
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        if text.starts_with("$2a") {
            return Err(PasswordHashError::Outdated);
        }
        let parts: Vec<&str> = text.split(':').collect();
        let (form, start, salt, hex_key) = match parts[..] {
            ["s2", salt, key] if !salt.is_empty() => (HashForm::S2, 3, salt, key),
            [salt, key] if salt.len() == 16 => (HashForm::Early, 0, salt, key),
            [salt, key] if is_v3_salt(salt) => (HashForm::V3, 0, salt, key),
            _ => return Err(PasswordHashError::Malformed),
        };
        let mut key = [0; KEY];
        hex::decode_to_slice(hex_key, &mut key).map_err(|_| PasswordHashError::Malformed)?;
        Ok(Self { text: SecretToken::from(text), form, salt: (start, start + salt.len()), key })
    }

    /// A hash that no password has, in the form of new ones.
    ///
    /// Verify against it when there is no such user, so that nobody can tell by the time it takes who has an
    /// account.
    pub fn of_nobody() -> Self {
        let text = SecretToken::from(format!("{}:{}", "0".repeat(32), "0".repeat(2 * KEY)));
        Self { text, form: HashForm::V3, salt: (0, 32), key: [0; KEY] }
    }

    /// Whether this is the hash of `password`, compared in constant time. Blocks.
    pub fn verify(&self, password: &str) -> bool {
        let normal: Zeroizing<String> = Zeroizing::new(password.nfkc().collect());
        if self.is_of(normal.as_bytes()) {
            return true;
        }
        self.form == HashForm::Early && *normal != password && self.is_of(password.as_bytes())
    }

    fn is_of(&self, password: &[u8]) -> bool {
        let (start, end) = self.salt;
        let salt = &self.text.expose().as_bytes()[start..end];
        derive(password, salt, self.form).ct_eq(&self.key).into()
    }

    /// Which version of Lucia writes hashes like this one.
    pub fn form(&self) -> HashForm {
        self.form
    }

    /// Whether it should be replaced by a new one when its password is known, that is after the user signed in.
    ///
    /// True for [`HashForm::Early`] alone: the other forms cost the same. Lucia v2 verifies no hash of v3, so
    /// replace none of the form `s2` while it is still running.
    pub fn needs_rehash(&self) -> bool {
        self.form == HashForm::Early
    }

    /// Shows the text, which is what goes into the database.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

fn is_v3_salt(salt: &str) -> bool {
    salt.len() == 32 && salt.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn derive(password: &[u8], salt: &[u8], form: HashForm) -> Zeroizing<[u8; KEY]> {
    let block_size = if form == HashForm::Early { 8 } else { 16 };
    let mut key = Zeroizing::new([0; KEY]);
    let done = Params::new(LOG_N, block_size, 1)
        .is_ok_and(|params| scrypt(password, salt, &params, key.as_mut_slice()).is_ok());
    // The parameters are constants that scrypt takes, and so is the length of the key.
    assert!(done, "scrypt takes these parameters");
    key
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHash").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Drop for PasswordHash {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vestibule_testkit::SeededRandom;

    use super::*;

    #[test]
    fn a_new_hash_is_in_the_form_of_v3_and_verifies() {
        let hash = PasswordHash::new("correct horse", &SeededRandom::default());

        let again = PasswordHash::parse(hash.expose()).unwrap();

        assert_eq!((hash.form(), again.form()), (HashForm::V3, HashForm::V3));
        assert_eq!(hash.expose().len(), 32 + 1 + 128);
        assert!(hash.verify("correct horse") && again.verify("correct horse"));
        assert!(!again.verify("correct hors") && !again.verify(""));
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        let random = SeededRandom::default();

        assert_ne!(PasswordHash::new("a", &random).expose(), PasswordHash::new("a", &random).expose());
    }

    #[test]
    fn bcrypt_is_outdated_and_everything_else_malformed() {
        let key = "0".repeat(128);
        let cases = [
            String::new(),
            ":".into(),
            key.clone(),
            format!("{}:{key}", "0".repeat(15)),
            format!("{}:{key}", "g".repeat(32)),
            format!("s1:{}:{key}", "0".repeat(16)),
            format!("s2::{key}"),
            format!("s2:{}:{key}00", "0".repeat(16)),
            format!("s2:{}:{}", "0".repeat(16), &key[2..]),
            format!("s2:{}:{}", "0".repeat(16), "x".repeat(128)),
            format!("s2:{}:{key}:", "0".repeat(16)),
            "$2b$10$x".into(),
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(),
        ];

        assert_eq!(PasswordHash::parse("$2a$10$x").unwrap_err(), PasswordHashError::Outdated);
        for case in cases {
            assert_eq!(PasswordHash::parse(&case).unwrap_err(), PasswordHashError::Malformed, "{case}");
        }
    }

    #[test]
    fn a_hash_prints_nothing() {
        assert_eq!(format!("{:?}", PasswordHash::of_nobody()), "PasswordHash { form: V3, .. }");
    }

    #[test]
    fn nobody_has_the_hash_of_nobody() {
        let nobody = PasswordHash::of_nobody();

        assert_eq!(PasswordHash::parse(nobody.expose()).unwrap().form(), HashForm::V3);
        assert!(!nobody.verify("") && !nobody.verify("0"));
    }

    proptest! {
        #[test]
        fn reading_is_total(text in "(s2:)?[0-9a-f:$]{0,200}") {
            let _ = PasswordHash::parse(&text);
        }
    }
}
