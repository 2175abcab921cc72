//! Counting in the store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use vestibule_core::{Adapter, AdapterError, Random, Timestamp, TokenHash};

use crate::limit::{Admission, Limit, LimitKey, Permit, RateLimiter};
use crate::places::{Full, Places};

/// What is counted, as the rows are named.
const KIND: &str = "limit";
/// How long a process refuses without asking, once it has seen that nothing is left. Short, since what was counted may be
/// given back.
const REMEMBER: Duration = Duration::from_secs(1);

/// Counts with rows among the verification tokens, which every store has a place for.
///
/// Time is cut into windows, for each key at another moment, and a window has as many places as the limit says. To
/// admit is to make the row of a free place. One round trip while most places are free, as many as there are places
/// at most; and none for a second after none was free, as long as it is the same limiter: an application that makes an
/// engine for each request hands one to all. The rows expire with their window and are swept with the other tokens.
/// Within two windows that follow each other, up to twice the limit may fall into one window's length.
#[derive(Debug)]
pub struct StoreRateLimiter {
    adapter: Arc<dyn Adapter>,
    random: Arc<dyn Random>,
    full: Full,
}

impl StoreRateLimiter {
    /// Counts in this store.
    pub fn new(adapter: Arc<dyn Adapter>, random: Arc<dyn Random>) -> Self {
        Self { adapter, random, full: Full::default() }
    }
}

#[async_trait]
impl RateLimiter for StoreRateLimiter {
    async fn admit(&self, key: &LimitKey, limit: Limit, now: Timestamp) -> Result<Admission, AdapterError> {
        let window = Window::of(key, limit, now);
        let places = Places { kind: KIND, key: window.key, count: limit.count, expires: window.end };
        let full_until = now.after(REMEMBER).min(window.end);
        let place = places.take(full_until, &self.full, now, &*self.adapter, &*self.random).await?;
        Ok(match place {
            Some(token) => {
                Admission::Granted(Permit::new(format!("{} {}", hex::encode(window.key), token.expose())))
            }
            None => Admission::Refused { retry_after: window.left(now) },
        })
    }

    async fn give_back(&self, permit: Permit) -> Result<(), AdapterError> {
        let (key, token) = permit.as_str().split_once(' ').unwrap_or_default();
        let identifier = Places::identifier(KIND);
        self.adapter.consume_verification_token(&identifier, &TokenHash::from(token)).await?;
        let mut bytes = [0; 32];
        if hex::decode_to_slice(key, &mut bytes).is_ok() {
            self.full.forget(&bytes);
        }
        Ok(())
    }
}

/// A stretch of time in which is counted.
struct Window {
    /// What tells it from others, those of other keys too.
    key: [u8; 32],
    /// When the next one begins.
    end: Timestamp,
}

impl Window {
    fn of(key: &LimitKey, limit: Limit, now: Timestamp) -> Self {
        let length = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX).max(1000);
        let digest = Sha256::new().chain_update(b"vestibule:limit").chain_update(key.as_str()).finalize();
        let shift: [u8; 4] = std::array::from_fn(|index| digest[index]);
        let shift = i64::from(u32::from_be_bytes(shift)) % length;
        let number = now.as_millis().saturating_add(shift).div_euclid(length);
        let end = number.saturating_add(1).saturating_mul(length).saturating_sub(shift);
        let key = Sha256::new()
            .chain_update(digest)
            .chain_update(length.to_be_bytes())
            .chain_update(number.to_be_bytes())
            .finalize();
        Self { key: key.into(), end: Timestamp::from_millis(end) }
    }

    fn left(&self, now: Timestamp) -> Duration {
        let millis = self.end.as_millis().saturating_sub(now.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Limit = Limit::new(3, Duration::from_hours(1));

    fn key(text: &str) -> LimitKey {
        LimitKey::new(text.to_owned())
    }

    #[test]
    fn a_window_ends_where_the_next_begins() {
        let now = Timestamp::from_millis(1_795_179_973_652);
        let window = Window::of(&key("a"), HOUR, now);

        let last = window.end.before(Duration::from_millis(1));
        assert_eq!(Window::of(&key("a"), HOUR, last).key, window.key);
        let next = Window::of(&key("a"), HOUR, window.end);
        assert_ne!(next.key, window.key);
        assert_eq!(next.end, window.end.after(HOUR.window));
    }

    #[test]
    fn keys_change_their_windows_at_different_moments() {
        let now = Timestamp::from_millis(1_795_179_973_652);
        let (one, other) = (Window::of(&key("a"), HOUR, now), Window::of(&key("b"), HOUR, now));

        assert_ne!(one.end, other.end);
        assert_ne!(one.key, other.key);
    }

    proptest! {
        #[test]
        fn now_is_in_its_window(text in "[0-9a-f]{4}", millis: i64, seconds in 0_u64..u64::MAX) {
            let limit = Limit::new(1, Duration::from_secs(seconds));
            let now = Timestamp::from_millis(millis / 4);
            let window = Window::of(&key(&text), limit, now);

            prop_assert!(window.end > now);
        }
    }
}
