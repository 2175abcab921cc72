//! Opaque ids: made by a store or a provider, compared, never interpreted.

use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is; nothing is parsed or normalized.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// Borrows the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Gives the text up.
            pub fn into_inner(self) -> Box<str> {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
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

text_id! {
    /// Names a user. Integers, UUIDs and object ids all travel as their canonical text.
    ///
    /// An id of the wrong shape for the store (`"abc"` or `"007"` where ids are integers, a UUID in upper case)
    /// names nobody: look-ups answer `Ok(None)`.
    UserId
}
text_id! {
    /// Names a provider, such as `github` or `email`: the key under which the application configured it.
    ProviderId
}
text_id! {
    /// Names a user at a provider: the OpenID Connect `sub`, or what stands for it.
    ProviderAccountId
}
text_id! {
    /// Names a row that has an id apart from its natural key, such as `sessions.id`.
    RowId
}

/// Names a WebAuthn credential: the raw bytes that the authenticator chose, at most 1023 of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(Box<[u8]>);

impl CredentialId {
    /// Takes the bytes as they are.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// Borrows the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialId(")?;
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}
