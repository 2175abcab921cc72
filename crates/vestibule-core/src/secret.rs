//! Secrets that print nothing, compare in constant time and are wiped when dropped.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// Shows the secret. Every place that does is found by searching for `expose(`.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq for $name {
            /// Compares in time that depends on the lengths only.
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
    };
}

secret_text! {
    /// A bearer secret as the store keeps it: a session token, an OAuth token.
    ///
    /// For sessions this is the value of the session column. Auth.js keeps the token itself there; an engine
    /// that hashes tokens at rest hands in the hash. The store does not know the difference.
    SecretToken
}
secret_text! {
    /// A verification token as the store keeps it: for Auth.js, the lower-case hex SHA-256 of token and secret.
    TokenHash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing() {
        let token = SecretToken::from("hunter2");

        assert_eq!(format!("{token:?}"), "SecretToken(…)");
        assert_eq!(format!("{:?}", Some(TokenHash::from("hunter2"))), "Some(TokenHash(…))");
    }

    #[test]
    fn secrets_are_equal_by_content() {
        assert_eq!(SecretToken::from("a"), SecretToken::from(String::from("a")));
        assert_ne!(SecretToken::from("a"), SecretToken::from("b"));
        assert_ne!(SecretToken::from("a"), SecretToken::from("aa"));
    }
}
