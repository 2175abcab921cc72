//! The five tables.

use std::borrow::Cow;
use std::fmt;

use super::{Column, ExtraColumn};

/// One of the five tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// The users.
    Users,
    /// The links between users and providers.
    Accounts,
    /// The sessions.
    Sessions,
    /// The verification tokens.
    VerificationTokens,
    /// The WebAuthn credentials.
    Authenticators,
}

impl Table {
    /// All five, in the order in which they can be created.
    pub const ALL: [Self; 5] =
        [Self::Users, Self::Accounts, Self::Sessions, Self::VerificationTokens, Self::Authenticators];

    /// The key under which configuration files and messages name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Accounts => "accounts",
            Self::Sessions => "sessions",
            Self::VerificationTokens => "verification_tokens",
            Self::Authenticators => "authenticators",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One table of a profile.
#[derive(Clone, Debug)]
pub(crate) struct TableSpec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) columns: Vec<Column>,
    pub(crate) extra: Vec<ExtraColumn>,
    /// What is read for columns that the table lacks, where that is not `NULL`: the field, and a text.
    pub(crate) constants: &'static [(&'static str, &'static str)],
    /// Whether some databases of the generation lack the table.
    pub(crate) may_lack: bool,
}

impl TableSpec {
    pub(crate) fn new(name: &'static str, columns: Vec<Column>) -> Self {
        Self { name: Cow::Borrowed(name), columns, extra: Vec::new(), constants: &[], may_lack: false }
    }
}
