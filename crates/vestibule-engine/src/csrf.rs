//! The CSRF token: a cookie and a form field that must agree.

use subtle::ConstantTimeEq;
use vestibule_core::Random;

use crate::random::random_hex;
use crate::secrets::HashSecrets;

/// The CSRF token of a request.
pub(crate) struct Csrf {
    /// The token that forms must send back.
    pub(crate) token: String,
    /// The value of the cookie, if it has to be set.
    pub(crate) cookie: Option<String>,
    /// Whether the cookie that came is one of ours, so that `token` is the browser's own.
    known: bool,
}

impl Csrf {
    /// Takes the token out of the cookie `token|hash` if the hash is ours, or makes a new one.
    pub(crate) fn new(cookie: Option<&str>, secrets: &HashSecrets, random: &dyn Random) -> Self {
        if let Some(token) = cookie.and_then(|cookie| known_token(cookie, secrets)) {
            return Self { token: token.to_owned(), cookie: None, known: true };
        }
        let token = random_hex(random);
        let cookie = format!("{token}|{}", secrets.hash(&token));
        Self { token, cookie: Some(cookie), known: false }
    }

    /// Whether the form sent the token of the cookie that came with it.
    pub(crate) fn verifies(&self, field: Option<&str>) -> bool {
        let equal = field.is_some_and(|field| field.as_bytes().ct_eq(self.token.as_bytes()).into());
        self.known && equal
    }
}

fn known_token<'a>(cookie: &'a str, secrets: &HashSecrets) -> Option<&'a str> {
    let mut parts = cookie.split('|');
    let (token, hash) = (parts.next()?, parts.next()?);
    secrets.accepts(token, hash).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OsRandom, Secret};

    fn secrets(list: &[&str]) -> HashSecrets {
        HashSecrets::new(&list.iter().copied().map(Secret::from).collect::<Vec<_>>())
    }

    fn csrf(cookie: Option<&str>) -> Csrf {
        Csrf::new(cookie, &secrets(&["test-secret-0123456789abcdef"]), &OsRandom)
    }

    /// A cookie that the original made.
    fn vector() -> (String, String) {
        let token = "a".repeat(64);
        let hash = "4a31e02953bd18bb4ce1f862e41a3e3c3ac4a4e5e906a0e30534e8d36b1e87ac";
        (token.clone(), format!("{token}|{hash}"))
    }

    #[test]
    fn a_cookie_of_the_original_is_kept() {
        let (token, cookie) = vector();

        let csrf = csrf(Some(&cookie));

        assert_eq!(csrf.token, token);
        assert_eq!(csrf.cookie, None);
        assert!(csrf.verifies(Some(&token)));
    }

    #[test]
    fn a_cookie_with_more_parts_is_kept() {
        let (token, cookie) = vector();

        assert!(csrf(Some(&format!("{cookie}|more"))).verifies(Some(&token)));
    }

    #[test]
    fn the_field_must_be_the_token_of_the_cookie() {
        let (token, cookie) = vector();
        let csrf = csrf(Some(&cookie));

        assert!(!csrf.verifies(None));
        assert!(!csrf.verifies(Some("")));
        assert!(!csrf.verifies(Some(&token[1..])));
        assert!(!csrf.verifies(Some(&"b".repeat(64))));
    }

    #[test]
    fn another_cookie_is_replaced_and_verifies_nothing() {
        let (token, cookie) = vector();
        let forged = format!("{}|{}", "b".repeat(64), "0".repeat(64));
        for bad in [None, Some(""), Some("|"), Some(token.as_str()), Some(&cookie[1..]), Some(&forged)] {
            let csrf = csrf(bad);

            let (new, hash) = csrf.cookie.as_deref().unwrap().split_once('|').unwrap();
            assert_eq!(new, csrf.token);
            assert_eq!((new.len(), hash.len()), (64, 64));
            assert!(!csrf.verifies(Some(&csrf.token)));
            assert!(!csrf.verifies(Some(&token)));
        }
    }

    #[test]
    fn a_cookie_from_before_a_rotation_is_kept() {
        let (token, cookie) = vector();
        let rotated = secrets(&["new", "test-secret-0123456789abcdef"]);

        assert!(Csrf::new(Some(&cookie), &rotated, &OsRandom).verifies(Some(&token)));
        let without = secrets(&["new"]);
        assert!(!Csrf::new(Some(&cookie), &without, &OsRandom).verifies(Some(&token)));
    }
}
