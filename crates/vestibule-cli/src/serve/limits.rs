//! Limits against clients that are slow or send too much, and against handlers that hang.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// The largest body that is read; forms here are small.
const BODY: usize = 64 * 1024;
/// How long the whole body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a response may take to be made; longer than a mail may take to be sent.
const RESPONSE_TIME: Duration = Duration::from_secs(30);

/// Reads the body before anything else is done, and answers with 503 if the rest takes too long.
pub(super) async fn limits(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let declared = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > BODY as u64) {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n");
    }
    let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, BODY)).await {
        Ok(Ok(body)) => body,
        // Without a declared length the limit is the likeliest reason; a broken connection hears no answer.
        Ok(Err(_)) if declared.is_none() => {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n");
        }
        Ok(Err(_)) => return refuse(StatusCode::BAD_REQUEST, "the body is broken\n"),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"),
    };
    let request = Request::from_parts(parts, Body::from(body));
    if let Ok(response) = tokio::time::timeout(RESPONSE_TIME, next.run(request)).await {
        return response;
    }
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, "this took too long\n");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// What is left of the request is not read, so the connection cannot be used again.
fn refuse(status: StatusCode, message: &'static str) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONNECTION, "close")];
    (status, headers, message).into_response()
}
