//! `/healthz`: whether the store gives a sign of life.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use vestibule_core::Adapter;

/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait before asking again, in seconds, as the engine's routes say it too.
const RETRY_AFTER: &str = "5";

/// 200 `ok` if the store answers in time, or there is none; 503 with `Retry-After` otherwise.
pub(super) async fn healthz(store: Option<Arc<dyn Adapter>>) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    let alive = async {
        match store {
            Some(store) => store.ping().await,
            None => Ok(()),
        }
    };
    if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, alive).await {
        return (no_store, "ok\n").into_response();
    }
    let later = [(header::RETRY_AFTER, RETRY_AFTER)];
    (StatusCode::SERVICE_UNAVAILABLE, no_store, later, "the store is unavailable\n").into_response()
}

#[cfg(test)]
mod tests {
    use vestibule_engine::Parts;
    use vestibule_memory::Memory;

    use super::*;

    #[tokio::test]
    async fn whoever_asks_while_the_store_is_away_is_told_when_to_ask_again() {
        let answer = healthz(Some(Arc::clone(Parts::without_store().adapter()))).await;

        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "5");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[tokio::test]
    async fn a_store_that_answers_or_none_at_all_is_ok() {
        let memory: Arc<dyn Adapter> = Arc::new(Memory::new());
        for store in [Some(memory), None] {
            let answer = healthz(store).await;

            assert_eq!(answer.status(), StatusCode::OK);
            assert!(!answer.headers().contains_key(header::RETRY_AFTER));
        }
    }
}
