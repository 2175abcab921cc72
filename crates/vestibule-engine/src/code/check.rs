//! Trying a code.

use vestibule_core::AdapterError;

use crate::Parts;
use crate::code::Ticket;
use crate::places::{Full, Places};

/// How a try went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// The code is right, and is now used up. Of several tries with it at once, one is told so.
    Right,
    /// It is wrong, or used up already.
    Wrong,
    /// It was tried too often, and does not count any more.
    Dead,
}

/// Tries a code that somebody typed, for a row under `identifier`.
///
/// Every try is counted before it is made, so that of any number at once no more are made than there are. Two round
/// trips, and at most one more for each try before. Once there are none left, a process that knows asks the store no more.
pub(crate) async fn check(
    ticket: &Ticket,
    code: &str,
    identifier: &str,
    tries: u32,
    full: &Full,
    parts: &Parts,
) -> Result<Checked, AdapterError> {
    let places = Places { kind: "code", key: ticket.key(), count: tries, expires: ticket.expires };
    let now = parts.clock.now();
    if places.take(ticket.expires, full, now, parts).await?.is_none() {
        return Ok(Checked::Dead);
    }
    // The row lives as long as the ticket or longer.
    let spent = parts.adapter.consume_verification_token(identifier, &ticket.unlock(code)).await?;
    Ok(if spent.is_some() { Checked::Right } else { Checked::Wrong })
}
