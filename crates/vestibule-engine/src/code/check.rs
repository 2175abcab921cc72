//! Trying a code.

use std::time::Duration;

use futures_util::future::join;
use vestibule_core::AdapterError;

use crate::Parts;
use crate::code::Ticket;
use crate::limit::{Counted, Guards, Taken};
use crate::places::Places;

/// How a try went.
#[derive(Debug)]
pub(crate) enum Checked {
    /// The code is right, and is now used up: of several tries with it at once, one is told so. It is not one of the wrong
    /// ones, as which it was counted, to be given back.
    Right(Taken),
    /// It is wrong, or used up already.
    Wrong,
    /// It was tried too often, and does not count any more.
    Dead,
    /// There were too many wrong ones, and will be for so long.
    TooMany(Duration),
}

/// Tries a code that somebody typed, for a row under `identifier`, once it is `counted` among the wrong ones.
///
/// Every try is counted before it is made, so that of any number at once no more are made than there are. Two round
/// trips, and at most one more for each try before. Once there are none left, a process that knows asks the store no more.
pub(crate) async fn check(
    ticket: &Ticket,
    code: &str,
    identifier: &str,
    tries: u32,
    counted: impl Future<Output = Counted>,
    (guards, parts): (&Guards, &Parts),
) -> Result<Checked, AdapterError> {
    let places = Places { kind: "code", key: ticket.key(), count: tries, expires: ticket.expires };
    let (now, adapter, random) = (parts.clock.now(), &*parts.adapter, &*parts.random);
    if places.are_gone(&guards.dead, now) {
        return Ok(Checked::Dead);
    }
    let (place, counted) =
        join(places.take(ticket.expires, &guards.dead, now, adapter, random), counted).await;
    let (place, counted) = (place?, counted?);
    let taken = match (place, counted) {
        (Some(_), Ok(taken)) => taken,
        (Some(_), Err(retry_after)) => return Ok(Checked::TooMany(retry_after)),
        (None, counted) => {
            if let Ok(taken) = counted {
                taken.give_back(guards).await;
            }
            return Ok(Checked::Dead);
        }
    };
    // The row lives as long as the ticket or longer.
    let spent = adapter.consume_verification_token(identifier, &ticket.unlock(code)).await?;
    if spent.is_some() {
        return Ok(Checked::Right(taken));
    }
    drop(taken);
    Ok(Checked::Wrong)
}
