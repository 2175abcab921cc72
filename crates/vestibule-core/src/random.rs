//! The source of random bytes is handed in.

use std::fmt;

/// Fills buffers with random bytes that nobody can predict. Tests hand in a seeded one.
pub trait Random: fmt::Debug + Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}
