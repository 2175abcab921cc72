//! The rows that the tables are filled with, known beforehand so that looking a key up costs nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vestibule_core::{
    Clock, ProviderAccountId, ProviderId, SecretToken, SystemClock, Timestamp, TouchPolicy, UserId,
};

/// The provider of all accounts.
pub(crate) const PROVIDER: &str = "github";

/// Nothing is due for extension before a day has passed.
pub(crate) const NOT_DUE: TouchPolicy =
    TouchPolicy { max_age: Duration::from_hours(30 * 24), update_age: Duration::from_hours(24) };
/// Everything is due.
pub(crate) const DUE: TouchPolicy = TouchPolicy { update_age: Duration::ZERO, ..NOT_DUE };

/// Every key of the tables.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) sessions: Vec<SecretToken>,
    /// Tokens that are in no table.
    absent: Vec<SecretToken>,
    pub(crate) users: Vec<User>,
    pub(crate) provider: ProviderId,
    /// When the run began; nothing expires while it lasts.
    pub(crate) now: Timestamp,
    pub(crate) expires: Timestamp,
}

/// A user's keys.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) number: i64,
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) account: ProviderAccountId,
}

impl Data {
    /// A third as many users as sessions, each with one account.
    pub(crate) fn new(sessions: usize) -> Self {
        let now = SystemClock.now();
        let users = (1..=sessions as u64 / 3 + 1).map(|number| User {
            number: i64::try_from(number).unwrap_or(i64::MAX),
            id: UserId::from(number.to_string()),
            email: format!("user{number}@example.com"),
            account: ProviderAccountId::from(format!("{}", 10_000_000 + number)),
        });
        Self {
            sessions: (0..sessions as u64).map(|number| uuid(number).into()).collect(),
            absent: (0..4096).map(|number| new_token(number).into()).collect(),
            users: users.collect(),
            provider: PROVIDER.into(),
            now,
            expires: now.after(NOT_DUE.max_age).before(Duration::from_hours(1)),
        }
    }

    /// Some session, spread over the table.
    pub(crate) fn session(&self, n: u64) -> &SecretToken {
        &self.sessions[at(n, self.sessions.len())]
    }

    /// A token that is in no table.
    pub(crate) fn absent(&self, n: u64) -> &SecretToken {
        &self.absent[at(n, self.absent.len())]
    }

    /// Some user, spread over the table.
    pub(crate) fn user(&self, n: u64) -> &User {
        &self.users[at(n, self.users.len())]
    }

    /// Whose session the one at this place is.
    pub(crate) fn owner(&self, session: usize) -> &User {
        &self.users[session % self.users.len()]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is less than `len`")]
fn at(n: u64, len: usize) -> usize {
    (mix(n) % len as u64) as usize
}

/// The expiry as the standard library says it.
pub(crate) fn system_time(time: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(time.as_millis().unsigned_abs())
}

/// A token that is in no table and looks like those that are.
pub(crate) fn new_token(n: u64) -> String {
    uuid(n | 1 << 63)
}

/// 64 hexadecimal digits, like the hash of a verification token.
pub(crate) fn new_hash(n: u64) -> String {
    [1, 2, 3, 4].map(|part: u64| format!("{:016x}", mix(n ^ part << 60))).concat()
}

fn uuid(n: u64) -> String {
    let (high, low) = (mix(n), mix(!n));
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    format!("{a:08x}-{b:04x}-4{c:03x}-8{:03x}-{:012x}", low >> 52, low & 0xffff_ffff_ffff)
}

/// A permutation of the 64-bit numbers without visible order (`SplitMix64`).
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}
