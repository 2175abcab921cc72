//! How often something may be asked for or tried.

mod codes;
mod credentials;
mod limiter;
mod mails;
mod networks;
mod store;

use std::time::Duration;

use http::StatusCode;

use crate::app::Answer;

/// That there were too many, and for how long that holds.
fn refused(answer: &Answer) -> Duration {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.set_cookies(), [""; 0]);
    Duration::from_secs(answer.header("retry-after").unwrap().parse().unwrap())
}
