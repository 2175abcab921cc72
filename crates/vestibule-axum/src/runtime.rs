//! Tokio, for the engine.

use std::time::Duration;

use async_trait::async_trait;
use vestibule_engine::{Runtime, Work};

/// Tokio as the engine's [`Runtime`]: what `Parts::with_runtime` takes in an application on axum.
///
/// The engine has to be called from within a runtime of tokio that has its timers on, as axum's handlers are.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioRuntime;

#[async_trait]
impl Runtime for TokioRuntime {
    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn finish(&self, work: Work) {
        drop(tokio::spawn(work));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_is_begun_is_finished_although_nobody_waits() {
        let (begun, finished) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (wait, tell) = (Arc::clone(&begun), Arc::clone(&finished));

        TokioRuntime.finish(Box::pin(async move {
            wait.notified().await;
            tell.notify_one();
        }));
        begun.notify_one();

        finished.notified().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_lasts_as_long_as_it_should() {
        let before = tokio::time::Instant::now();

        TokioRuntime.pause(Duration::from_secs(5)).await;

        assert_eq!(before.elapsed().as_secs(), 5);
    }
}
