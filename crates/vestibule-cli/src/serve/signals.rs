//! When to stop: SIGTERM and SIGINT, or Ctrl-C.

use std::future::Future;

use crate::failure::{Exit, Failure};

/// Listens for signals from now on; the future is ready once one came.
///
/// # Errors
///
/// If the operating system does not let the program listen.
#[cfg(unix)]
pub(super) fn stop() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let listen = |kind| {
        signal(kind)
            .map_err(|error| Failure::new(Exit::System, format!("cannot listen for signals: {error}.")))
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping once the requests under way are answered");
    })
}

/// Listens for Ctrl-C.
///
/// # Errors
///
/// Never.
#[cfg(not(unix))]
pub(super) fn stop() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
