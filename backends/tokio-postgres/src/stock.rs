//! What an operation leaves to the next one, so that it need not be made anew each time.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How many of a kind are kept.
pub(crate) const MOST: usize = 256;

/// Things of one kind that nobody uses at the moment, not more than [`MOST`].
pub(crate) struct Stock<T> {
    idle: Mutex<Vec<T>>,
}

impl<T> Default for Stock<T> {
    fn default() -> Self {
        Self { idle: Mutex::default() }
    }
}

impl<T> fmt::Debug for Stock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stock").finish_non_exhaustive()
    }
}

impl<T> Stock<T> {
    /// The one that was put back last.
    pub(crate) fn take(&self) -> Option<T> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps it for the next one who asks, unless there are enough.
    pub(crate) fn put_back(&self, used: T) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST {
            idle.push(used);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
