//! How often something may be asked for or tried: mails, credentials, codes.
//!
//! A [`RateLimiter`] counts; which count a request belongs to is decided here. Two things are told apart: who is asked
//! about (an address, a user name), and where the request comes from. See decision 19 for why it is done so.

mod guard;
mod known;
mod network;
mod store;
mod too_many;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use vestibule_core::{AdapterError, Timestamp};

pub(crate) use guard::{Counted, Guards, Subject, Taken, Topic, admit, count, count_own};
pub(crate) use known::{KnownBrowser, SALT as KNOWN_SALT};
pub use network::ClientAddress;
pub(crate) use network::network;
pub use store::StoreRateLimiter;
pub(crate) use too_many::{TOO_MANY, in_seconds, too_many};

/// So many within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub(crate) count: u32,
    pub(crate) window: Duration,
}

impl Limit {
    /// At most `count` within each `window`, which is at least a second.
    pub const fn new(count: u32, window: Duration) -> Self {
        Self { count, window }
    }

    /// How many there may be.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Within how long.
    pub const fn window(&self) -> Duration {
        self.window
    }
}

/// What is counted together. It says nothing about whom or what: it is made with the installation's secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LimitKey(String);

impl LimitKey {
    /// A key of this text, for tests of a [`RateLimiter`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text: from the engine 64 characters, `0` to `9` and `a` to `f`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LimitKey({})", self.0)
    }
}

/// Whether there is room for one more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// There was, and it is counted.
    Granted(Permit),
    /// There was not.
    Refused {
        /// After how long there may be room again.
        retry_after: Duration,
    },
}

/// One that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit(Box<str>);

impl Permit {
    /// A permit that the limiter knows again by this text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The limiter's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Counts, for all processes of an installation. [`StoreRateLimiter`] does it in the store; an application that has
/// something faster for it hands in its own with [`Parts::with_rate_limiter`](crate::Parts::with_rate_limiter).
#[async_trait]
pub trait RateLimiter: fmt::Debug + Send + Sync + 'static {
    /// Counts one more under `key`, if there is room for it within the limit at `now`.
    ///
    /// Of any number of calls at once, in any number of processes, no more are granted than the limit says.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Unavailable`] if it is not known whether there is room: the request is then answered with 503.
    /// [`AdapterError::Refused`] if nothing can be counted at all: the request goes on, and the log says so.
    async fn admit(&self, key: &LimitKey, limit: Limit, now: Timestamp) -> Result<Admission, AdapterError>;

    /// Takes back what was counted, because it turned out to be none of those that are limited. Twice is as once.
    ///
    /// # Errors
    ///
    /// Those of what is counted with; it then stays counted until its time is over.
    async fn give_back(&self, permit: Permit) -> Result<(), AdapterError>;
}
