//! The source of random bytes is handed in.

use std::fmt;

/// Fills buffers with random bytes that nobody can predict. Tests hand in a seeded one.
pub trait Random: fmt::Debug + Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Random bytes from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    /// # Panics
    ///
    /// If the operating system gives no random bytes. It does not happen on a running system, and there is no
    /// safe way to go on without them.
    #[expect(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the one place that asks the operating system; without random bytes nothing may go on"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_differ_from_call_to_call() {
        let (mut first, mut second) = ([0; 32], [0; 32]);

        OsRandom.fill(&mut first);
        OsRandom.fill(&mut second);

        assert_ne!(first, second);
    }
}
