//! `/healthz`: whether the store gives a sign of life.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use vestibule_core::Adapter;

/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// 200 `ok` if the store answers in time, 503 otherwise.
pub(super) async fn healthz(store: Arc<dyn Adapter>) -> Response {
    let (status, body) = match tokio::time::timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ok\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable\n"),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}
