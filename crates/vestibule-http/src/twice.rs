//! A second try, where it can do no harm.

use std::time::Instant;

use http::{Request, Response};

use crate::{Bytes, HttpClient, HttpError, Limits};

/// When a request may be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Whenever no answer came: it changes nothing.
    IfUnanswered,
    /// Only if it certainly never left: it may change something.
    IfNotSent,
}

/// Sends a request, and once more if there was no answer, `repeat` allows it and time is left.
///
/// Both tries together take no longer than `limits` say. An answer is never tried again, whatever its status: mostly a
/// connection that was kept had been closed by the other side.
///
/// # Errors
///
/// [`HttpError`] of the last try.
pub async fn send_twice(
    client: &dyn HttpClient,
    request: Request<Bytes>,
    limits: Limits,
    repeat: Repeat,
) -> Result<Response<Bytes>, HttpError> {
    let began = Instant::now();
    let again = request.clone();
    let first = client.send(request, limits).await;
    let may_try_again = match &first {
        Err(HttpError::NotSent(_)) => true,
        Err(HttpError::Unanswered(_)) => repeat == Repeat::IfUnanswered,
        _ => false,
    };
    let left = limits.timeout.saturating_sub(began.elapsed());
    if may_try_again && !left.is_zero() {
        return client.send(again, Limits::new(left, limits.response_bytes)).await;
    }
    first
}
