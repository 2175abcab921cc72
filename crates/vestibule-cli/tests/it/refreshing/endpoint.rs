//! A token endpoint that is slow, or whose answers get lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::Response;
use tokio::sync::Notify;
use vestibule_testkit::HttpServer;

/// What becomes of the first request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// It is answered when the test says so.
    Waits,
    /// It is never looked at.
    Unread,
    /// The provider has done what it was asked, and the answer never arrives.
    Unanswered,
}

/// A token endpoint, where each refresh token is good once unless it is said otherwise.
pub(super) struct TokenEndpoint {
    pub(super) server: HttpServer,
    asked: Arc<AtomicUsize>,
    pub(super) arrived: Arc<Notify>,
    pub(super) go_on: Arc<Notify>,
}

impl TokenEndpoint {
    pub(super) async fn start(first: First, rotates: bool) -> Self {
        let (asked, arrived, go_on) =
            (Arc::<AtomicUsize>::default(), Arc::<Notify>::default(), Arc::<Notify>::default());
        let good = Arc::new(Mutex::new("refresh-0".to_owned()));
        let (count, tell, wait) = (Arc::clone(&asked), Arc::clone(&arrived), Arc::clone(&go_on));
        let server = HttpServer::start(move |request| {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let (good, tell, wait) = (Arc::clone(&good), Arc::clone(&tell), Arc::clone(&wait));
            async move {
                let is_first = number == 1;
                if is_first && first == First::Unread {
                    tell.notify_one();
                    std::future::pending::<()>().await;
                }
                let is_good = {
                    let mut good = good.lock().unwrap();
                    let form = str::from_utf8(request.body()).unwrap();
                    let is_good = form.split('&').any(|pair| pair == format!("refresh_token={good}"));
                    if is_good && rotates {
                        *good = format!("refresh-{number}");
                    }
                    is_good
                };
                if is_first {
                    tell.notify_one();
                }
                match first {
                    First::Unanswered if is_first => std::future::pending::<()>().await,
                    First::Waits if is_first => wait.notified().await,
                    _ => {}
                }
                let rotated =
                    if rotates { format!(r#","refresh_token":"refresh-{number}""#) } else { String::new() };
                let (status, body) = if is_good {
                    let token = format!(r#""access_token":"access-{number}","token_type":"bearer""#);
                    (200, format!(r#"{{{token},"expires_in":3600{rotated}}}"#))
                } else {
                    (400, r#"{"error":"invalid_grant"}"#.to_owned())
                };
                Response::builder()
                    .status(status)
                    .header("content-type", "application/json")
                    .body(body.into())
                    .unwrap()
            }
        })
        .await;
        Self { server, asked, arrived, go_on }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
