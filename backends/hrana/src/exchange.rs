//! One JSON body out, one in: what both protocols share.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Uri};
use serde_json::Value as Json;
use vestibule_http::{Bytes, HttpClient, HttpError, Limits, Repeat, send_twice};
use vestibule_sql::{Access, DriverError};

/// The most bytes that an answer may have.
const MOST_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// Where to send it, and as whom.
pub(crate) struct To<'a> {
    pub(crate) endpoint: &'a Uri,
    pub(crate) authorization: Option<&'a HeaderValue>,
    pub(crate) timeout: Duration,
}

/// Sends a body and returns the status and the body of the answer, whatever they are.
pub(crate) async fn send(
    client: &dyn HttpClient,
    to: To<'_>,
    body: &Json,
    access: Access,
) -> Result<(u16, Bytes), DriverError> {
    let mut request = Request::post(to.endpoint.clone()).header(CONTENT_TYPE, "application/json");
    if let Some(token) = to.authorization {
        request = request.header(AUTHORIZATION, token.clone());
    }
    let request =
        request.body(Bytes::from(body.to_string())).map_err(|error| DriverError::Refused(error.into()))?;
    let limits = Limits::new(to.timeout, MOST_RESPONSE_BYTES);
    let repeat = if access == Access::Read { Repeat::IfUnanswered } else { Repeat::IfNotSent };
    match send_twice(client, request, limits, repeat).await {
        Ok(answer) => Ok((answer.status().as_u16(), answer.into_body())),
        Err(error @ HttpError::TooLarge { .. }) if access == Access::Read => {
            Err(DriverError::Refused(error.into()))
        }
        Err(error) => Err(DriverError::Unavailable(error.into())),
    }
}

/// The statement ran, and nobody can tell what came of it.
pub(crate) fn senseless(what: &str) -> DriverError {
    DriverError::Unavailable(format!("the answer makes no sense: {what}").into())
}

/// What a batch does, taken together.
pub(crate) fn access_of<'a>(mut each: impl Iterator<Item = &'a Access>) -> Access {
    if each.any(|access| *access == Access::Write) { Access::Write } else { Access::Read }
}
