//! Limits against clients that are slow or send too much, and against handlers that hang.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use http_body_util::LengthLimitError;

/// The largest body that is read; forms here are small.
const BODY: usize = 64 * 1024;
/// How long the whole body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a response may take to be made; longer than a mail may take to be sent.
const RESPONSE_TIME: Duration = Duration::from_secs(30);

/// Whether the limit is why a body was not read.
fn is_too_long(problem: &axum::Error) -> bool {
    std::error::Error::source(problem).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

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
        Ok(Err(problem)) if is_too_long(&problem) => {
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::{any, post};
    use futures_util::stream;
    use tower::ServiceExt;

    use super::*;

    async fn answer(path: &str, body: Body) -> Response {
        let app = Router::new()
            .route("/echo", post(|body: String| async move { body }))
            .route("/hang", any(std::future::pending::<&'static str>))
            .layer(from_fn(limits));
        app.oneshot(Request::post(path).body(body).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_within_the_limit_arrives_whole() {
        let body = "x".repeat(BODY);

        let answer = answer("/echo", Body::from(body.clone())).await;

        assert_eq!(answer.status(), 200);
        assert_eq!(to_bytes(answer.into_body(), usize::MAX).await.unwrap(), body);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused() {
        let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1000)));

        assert_eq!(answer("/echo", Body::from_stream(pieces)).await.status(), 413);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_takes_too_long_is_refused_however_it_trickles() {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });

        let answer = answer("/echo", Body::from_stream(Box::pin(trickle))).await;

        assert_eq!(answer.status(), 408);
        assert_eq!(answer.headers()["connection"], "close");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_hangs_is_503() {
        let answer = answer("/hang", Body::empty()).await;

        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
}
