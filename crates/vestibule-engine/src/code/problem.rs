//! Why a code does not sign in.

use crate::language::Texts;

/// Why a code does not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeProblem {
    /// It is not the one in the mail, or was used already.
    Wrong,
    /// It was tried too often.
    Dead,
    /// There were too many wrong codes for its address; so many seconds have to pass.
    Blocked(u64),
    /// This browser did not ask for one, or it has expired.
    Absent,
}

impl CodeProblem {
    /// What the page is given as `error`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Wrong => "InvalidCode",
            Self::Dead => "CodeUsedUp",
            Self::Blocked(_) => "TooManyCodes",
            Self::Absent => "CodeExpired",
        }
    }

    /// What a page says of it.
    pub(crate) fn text(self, texts: &Texts) -> &str {
        match self {
            Self::Wrong => &texts.code_wrong,
            Self::Dead => &texts.code_dead,
            Self::Blocked(_) => &texts.code_blocked,
            Self::Absent => &texts.code_absent,
        }
    }

    /// What is said of it to programs, in English.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Wrong => "This is not the code in the mail. Check it and try again.",
            Self::Dead => "Too many wrong codes. Use the link in the mail, or ask for another mail.",
            Self::Blocked(_) => "Too many wrong codes for this address. Use the link in the mail.",
            Self::Absent => {
                "No code is awaited here: it has expired, or was asked for in another browser. Use the link in the \
                 mail, or ask for another mail."
            }
        }
    }
}
