//! Many tasks, let go at once.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;

/// How many tasks do the same thing.
pub(crate) const TASKS: usize = 64;

/// How often they do it.
pub(crate) const ROUNDS: usize = 4;

/// How often two different things meet: more often, since they need not overlap every time.
pub(crate) const MEETINGS: usize = 24;

/// Runs `count` tasks, all let go at once, and returns what they did, in order.
pub(crate) async fn at_once<F, R>(count: usize, task: impl Fn(usize) -> F) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (Arc::clone(&barrier), task(number));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
