//! Answers and failures as HTTP responses.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, EXPIRES, LOCATION, PRAGMA, REFERRER_POLICY,
    RETRY_AFTER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

use crate::error;
use crate::http::{Content, Inbound, Reply};
use crate::pages::Page;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

/// The response to a request that went well: `first` are the cookies that any such response may carry.
pub(crate) fn success(reply: Reply, first: Vec<HeaderValue>, request: &Inbound<'_>) -> Response<Bytes> {
    let mut response = match reply.content {
        Content::FreshJson(body) => {
            let mut response = json(StatusCode::OK, body);
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache, no-store"));
            headers.insert(EXPIRES, HeaderValue::from_static("0"));
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
            response
        }
        Content::NoUpdate => return uncached(json(StatusCode::BAD_REQUEST, "null")),
        Content::NoOptions(why) => {
            let body = serde_json::json!({ "error": why }).to_string();
            return uncached(json(StatusCode::BAD_REQUEST, body));
        }
        Content::Page(page) => html(page),
        Content::Redirect(to) => redirect(&to, request.returns_redirect()),
    };
    response.headers_mut().reserve(first.len() + reply.cookies.len());
    for cookie in first.into_iter().chain(reply.cookies) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The response to a request that failed. It carries no cookies but those that delete what is of no use any more.
pub(crate) fn failure(
    answer: error::Answer,
    cookies: Vec<HeaderValue>,
    request: &Inbound<'_>,
) -> Response<Bytes> {
    let mut response = match answer {
        error::Answer::Redirect(to) if request.returns_redirect() => {
            // The clients of version 4 go by the status, those of version 5 by what is in the URL.
            let wrong = request.is_nextauth_v4() && to.contains("error=CredentialsSignin");
            uncached(json(if wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK }, url_json(&to)))
        }
        answer => plain_failure(answer),
    };
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The response to a request of which nothing is known but that it failed.
pub(crate) fn plain_failure(answer: error::Answer) -> Response<Bytes> {
    match answer {
        error::Answer::Redirect(to) => redirect(&to, false),
        error::Answer::Page(page) => retry_later(html(page)),
        error::Answer::Json(status, body) => retry_later(uncached(json(status, body))),
        error::Answer::TooMany(body, seconds) => {
            let mut response = uncached(json(StatusCode::TOO_MANY_REQUESTS, body));
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
    }
}

fn redirect(to: &str, returns_redirect: bool) -> Response<Bytes> {
    let mut response = if returns_redirect {
        json(StatusCode::OK, url_json(to))
    } else {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::FOUND;
        response
    };
    // Every target is made of checked or encoded text: all of it is visible ASCII.
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    uncached(response)
}

fn html(page: Page) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(page.html));
    *response.status_mut() = page.status;
    let headers = response.headers_mut();
    if let Some(seconds) = page.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers.insert(CONTENT_TYPE, HTML);
    if let Ok(policy) = HeaderValue::try_from(page.policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    // `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with the page's own
    // form, which then could not be told from a forged one. The link's token stays on this origin either way.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    uncached(response)
}

fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    // For what else a session's answer carries, so that the map does not grow on the way.
    response.headers_mut().reserve(6);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn url_json(url: &str) -> String {
    serde_json::json!({ "url": url }).to_string()
}

fn uncached(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

fn retry_later(mut response: Response<Bytes>) -> Response<Bytes> {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(error::RETRY_AFTER));
    }
    response
}
