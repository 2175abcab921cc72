//! How the program ends when it cannot go on: what happened, what to do, and an exit code.

use std::fmt;

/// Why the program ends, as its exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: the answer is no: `schema check` found something lacking, or `schema apply` was declined.
    No,
    /// 2: wrong arguments or configuration. (`clap` ends with 2 as well.)
    Usage,
    /// 3: the database could not be reached or did not do what it was asked.
    Store,
    /// 4: the database lacks tables, columns or types that the program needs.
    Schema,
    /// 5: the operating system refused: the address is in use, a file cannot be read or written.
    System,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Store => 3,
            Self::Schema => 4,
            Self::System => 5,
        }
    }
}

/// A message for the reader and an exit code. Nothing in it is secret.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with a message that says what happened and what to do.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The same with something more to say.
    pub(crate) fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// The same with another exit code.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Several problems with the configuration, all at once.
    pub(crate) fn problems(heading: &str, problems: &[String]) -> Self {
        let mut message = String::from(heading);
        for problem in problems {
            message.push_str("\n  - ");
            message.push_str(problem);
        }
        Self::new(Exit::Usage, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error and everything beneath it, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}
