//! Counting in the store, with what every store can do: a row can be made once.
//!
//! What may happen so many times has so many places; to take one is to make the row that stands for it. No two callers
//! get one place, in whichever process they are, and the rows expire and are swept with the other tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use vestibule_core::{Adapter, AdapterError, Random, Timestamp, TokenHash, VerificationToken};

/// How many keys are remembered to be full.
const REMEMBERED: usize = 10_000;

/// Places for what may happen only so many times.
#[derive(Debug)]
pub(crate) struct Places {
    /// What is counted; the rows stand under the identifier `vestibule:` with this behind it.
    pub(crate) kind: &'static str,
    /// What tells this count from others of its kind.
    pub(crate) key: [u8; 32],
    /// How many places there are.
    pub(crate) count: u32,
    /// When the places may be forgotten.
    pub(crate) expires: Timestamp,
}

impl Places {
    /// Takes a place, and gives the token of its row; `None` if there is none left. That is remembered until `full_until`, so that whoever goes on
    /// asking costs nothing.
    ///
    /// One round trip as long as few places are taken, and as many as there are places at most: it begins at a random
    /// one, and goes on to the next while somebody has it.
    pub(crate) async fn take(
        &self,
        full_until: Timestamp,
        full: &Full,
        now: Timestamp,
        adapter: &dyn Adapter,
        random: &dyn Random,
    ) -> Result<Option<TokenHash>, AdapterError> {
        if self.are_gone(full, now) {
            return Ok(None);
        }
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        let first = u32::from_le_bytes(bytes) % self.count;
        for number in (first..self.count).chain(0..first) {
            let place = self.place(number);
            match adapter.create_verification_token(&place).await {
                Ok(()) => return Ok(Some(place.token)),
                Err(AdapterError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        full.remember(self.key, full_until, now);
        Ok(None)
    }

    /// Whether this process knows that there is none left.
    pub(crate) fn are_gone(&self, full: &Full, now: Timestamp) -> bool {
        self.count == 0 || full.knows(&self.key, now)
    }

    /// The identifier of the rows of a kind.
    pub(crate) fn identifier(kind: &str) -> String {
        format!("vestibule:{kind}")
    }

    fn place(&self, number: u32) -> VerificationToken {
        let token = Sha256::new()
            .chain_update(b"vestibule:place")
            .chain_update(self.key)
            .chain_update(number.to_be_bytes())
            .finalize();
        VerificationToken {
            identifier: Self::identifier(self.kind).into(),
            token: TokenHash::from(hex::encode(token)),
            expires: self.expires,
        }
    }
}

/// What is known to have no places left, and until when. Forgetting costs round trips and nothing else.
#[derive(Default)]
pub(crate) struct Full(Mutex<HashMap<[u8; 32], Timestamp>>);

impl Full {
    /// Forgets that nothing is left.
    pub(crate) fn forget(&self, key: &[u8; 32]) {
        self.with(|full| full.remove(key));
    }

    fn knows(&self, key: &[u8; 32], now: Timestamp) -> bool {
        self.with(|full| full.get(key).is_some_and(|until| now < *until))
    }

    fn remember(&self, key: [u8; 32], until: Timestamp, now: Timestamp) {
        self.with(|full| {
            if full.len() >= REMEMBERED {
                full.retain(|_, until| now < *until);
            }
            if full.len() >= REMEMBERED {
                full.clear();
            }
            full.insert(key, until);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<[u8; 32], Timestamp>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_179_973);

    fn key(number: usize) -> [u8; 32] {
        Sha256::digest(number.to_be_bytes()).into()
    }

    #[test]
    fn what_is_remembered_ends_and_stays_small() {
        let (full, later) = (Full::default(), NOW.after(Duration::from_secs(1)));
        for number in 0..REMEMBERED {
            full.remember(key(number), later, NOW);
        }
        assert!(full.knows(&key(0), NOW) && !full.knows(&key(0), later));

        full.remember(key(REMEMBERED), later.after(Duration::from_secs(1)), later);
        assert!(full.with(|full| full.len()) == 1, "what has ended makes room");
        for number in 0..3 * REMEMBERED {
            full.remember(key(number), later, NOW);
        }
        assert!(full.with(|full| full.len()) <= REMEMBERED);
        full.forget(&key(3 * REMEMBERED - 1));
        assert!(!full.knows(&key(3 * REMEMBERED - 1), NOW));
    }
}
