//! Codes of six digits, which people type in where they cannot open a link.
//!
//! A code is short, so that nothing may be kept that it could be guessed from. What is kept is a random row among the
//! verification tokens, and a [`Ticket`] with whoever asked, which holds the name of that row locked with the code. To
//! find the row takes the ticket and the code; to try codes without being counted takes the rows, the ticket and the
//! installation's secret. With a sign-in the row is the link's own, so that a link and its code are used up as one.

mod check;
mod digits;
mod problem;
mod ticket;

pub(crate) use check::{Checked, check};
pub(crate) use digits::{random_code, read_code};
pub(crate) use problem::CodeProblem;
pub(crate) use ticket::{Purpose, SALT, Ticket};

/// How often a code may be tried unless configured.
pub(crate) const TRIES: u32 = 5;
