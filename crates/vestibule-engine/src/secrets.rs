//! The secrets of the installation, and the hashes that Auth.js makes with them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use vestibule_core::SecretToken;

/// A secret of the installation, such as `AUTH_SECRET`. Prints nothing, is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(SecretToken);

impl Secret {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(SecretToken::new(text))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The strings that are hashed with tokens: the first makes hashes, all of them are accepted.
///
/// Auth.js hashes with the whole list of secrets joined by commas, so that adding a secret in front changes
/// every hash. To let links and forms survive that, the lists that were in force before (the same list without
/// its newest secrets) are accepted as well.
#[derive(Clone, Debug)]
pub(crate) struct HashSecrets(Vec<Secret>);

impl HashSecrets {
    /// From the secrets, newest first.
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let joined = |from: usize| {
            let parts: Vec<&str> = secrets[from..].iter().map(Secret::expose).collect();
            Secret::from(parts.join(","))
        };
        Self((0..secrets.len()).map(joined).collect())
    }

    /// Whether both lists end alike, so that what was made with one is accepted with the other.
    pub(crate) fn shares_one(&self, other: &Self) -> bool {
        self.0.iter().any(|secret| other.0.contains(secret))
    }

    /// The hash of `token` that is handed out or stored, in lower-case hex.
    pub(crate) fn hash(&self, token: &str) -> String {
        self.0.first().map_or_else(String::new, |secret| hex::encode(hash(token, secret)))
    }

    /// Every hash of `token` that is accepted, the likeliest first, in lower-case hex.
    pub(crate) fn accepted<'a>(&'a self, token: &'a str) -> impl Iterator<Item = String> + 'a {
        self.0.iter().map(move |secret| hex::encode(hash(token, secret)))
    }

    /// What stands for these texts in one use of the secret, and in no other; in lower-case hex.
    pub(crate) fn tag(&self, usage: &str, texts: &[&str]) -> String {
        self.0.first().map_or_else(String::new, |secret| tag(secret, usage, texts))
    }

    /// Every tag of these texts that is accepted, the likeliest first.
    pub(crate) fn accepted_tags<'a>(
        &'a self,
        usage: &'a str,
        texts: &'a [&'a str],
    ) -> impl Iterator<Item = String> + 'a {
        self.0.iter().map(move |secret| tag(secret, usage, texts))
    }

    /// Whether `sent` is one of the hashes that are accepted. Tells nothing by the time that it takes.
    pub(crate) fn accepts(&self, token: &str, sent: &str) -> bool {
        // What is compared are texts, so that only the one way in which we write a hash is accepted.
        let mut written = [0; 64];
        self.0.iter().any(|secret| {
            hex::encode_to_slice(hash(token, secret), &mut written).is_ok()
                && written.ct_eq(sent.as_bytes()).into()
        })
    }
}

/// SHA-256 over the token followed by the secret.
fn hash(token: &str, secret: &Secret) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(token.as_bytes());
    sha.update(secret.expose().as_bytes());
    sha.finalize().into()
}

/// HMAC-SHA-256 over the usage and the texts, each behind its length, so that no two lists are alike.
fn tag(secret: &Secret, usage: &str, texts: &[&str]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new(); // Never: a key of any length will do.
    };
    for text in std::iter::once(&usage).chain(texts) {
        mac.update(&(text.len() as u64).to_be_bytes());
        mac.update(text.as_bytes());
    }
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(list: &[&str]) -> HashSecrets {
        let list: Vec<Secret> = list.iter().copied().map(Secret::from).collect();
        HashSecrets::new(&list)
    }

    #[test]
    fn a_secret_prints_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret(…)");
        assert_eq!(format!("{:?}", secrets(&["hunter2"])), "HashSecrets([Secret(…)])");
    }

    #[test]
    fn csrf_vectors_of_the_original() {
        let token = "a".repeat(64);

        assert_eq!(
            secrets(&["test-secret-0123456789abcdef"]).hash(&token),
            "4a31e02953bd18bb4ce1f862e41a3e3c3ac4a4e5e906a0e30534e8d36b1e87ac"
        );
        assert_eq!(
            secrets(&["s1", "s2"]).hash(&token),
            "9484f13c9d7ad3100d58d51a22ad8ad9301a907d18d3434e585ce3202c15a098"
        );
    }

    #[test]
    fn email_token_vector_of_the_original() {
        let token = "3256e277cee303bad2f651dd20c0eaacf0587c53b0dd95639f4332ea72600c59";

        assert_eq!(
            secrets(&["test-secret-0123456789abcdef"]).hash(token),
            "9ddddcadde4302ba93fb1e324b48a9ac9a289b0104ac350a93b5786cc6e1041d"
        );
    }

    #[test]
    fn hashes_of_the_list_before_a_rotation_are_accepted() {
        let before = secrets(&["old"]).hash("t");
        let rotated = secrets(&["new", "old"]);

        assert_ne!(rotated.hash("t"), before);
        assert!(rotated.accepted("t").any(|hash| hash == before));
        assert!(!rotated.accepted("t").any(|hash| hash == secrets(&["new"]).hash("t")));
        assert!(rotated.accepts("t", &before));
        assert!(!rotated.accepts("t", &secrets(&["new"]).hash("t")));
    }

    #[test]
    fn tags_tell_usages_and_texts_apart() {
        let secrets = secrets(&["new", "old"]);
        let tag = secrets.tag("a", &["b", "c"]);

        assert_eq!(tag, secrets.tag("a", &["b", "c"]));
        for (usage, texts) in [
            ("a", vec!["bc"]),
            ("a", vec!["", "bc"]),
            ("ab", vec!["c"]),
            ("b", vec!["a", "c"]),
            ("a", vec!["c", "b"]),
        ] {
            assert_ne!(tag, secrets.tag(usage, &texts), "{usage} {texts:?}");
        }
        let old = super::tests::secrets(&["old"]);
        assert_ne!(tag, old.tag("a", &["b", "c"]));
        assert!(secrets.accepted_tags("a", &["b", "c"]).any(|tag| tag == old.tag("a", &["b", "c"])));
    }

    #[test]
    fn a_hash_is_accepted_in_one_writing_only() {
        let secrets = secrets(&["a"]);
        let hash = secrets.hash("t");

        assert!(secrets.accepts("t", &hash));
        for bad in [&hash[1..], &hash.to_uppercase(), &format!("{hash}0"), &format!("{hash}00"), "", "é"] {
            assert!(!secrets.accepts("t", bad), "{bad}");
        }
    }
}
