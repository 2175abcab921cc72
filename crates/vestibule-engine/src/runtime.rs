//! What the engine asks of the runtime that it runs on.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;

/// Something that is done in the background.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the engine asks of the runtime that it runs on, since it has none of its own: to wait, and to finish what nobody
/// waits for any more. `vestibule_axum::TokioRuntime` is tokio's.
#[async_trait]
pub trait Runtime: Send + Sync + 'static {
    /// Waits for so long.
    async fn pause(&self, duration: Duration);

    /// Runs something to its end, even if whoever asked for it is gone. Returns at once.
    fn finish(&self, work: Work);
}
