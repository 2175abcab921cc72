//! Waiting for what somebody else does.

use std::time::{Duration, Instant};

/// Tries until it is so, for at most half a minute.
///
/// # Panics
///
/// If it is not so by then.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} takes too long");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
