//! What one process knows of refreshings: those under way, which are shared, and how others have ended.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{FutureExt, Shared, WeakShared};
use vestibule_core::{Account, AccountTokens, Lease, ProviderAccountId, ProviderId, SecretToken, Timestamp};

use crate::Runtime;
use crate::access_token::{AccessToken, AccessTokenError};
use crate::config::OAuthProvider;

/// The most accounts of which it is remembered how a refreshing ended.
const LIMIT: usize = 4096;

pub(super) type Answer = Result<AccessToken, AccessTokenError>;
pub(super) type Flight = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The account that is refreshed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) provider: ProviderId,
    pub(super) provider_account_id: ProviderAccountId,
}

impl Key {
    pub(super) fn of(account: &Account) -> Self {
        Self { provider: account.provider.clone(), provider_account_id: account.provider_account_id.clone() }
    }
}

/// What this process knows of refreshings.
#[derive(Default)]
pub(crate) struct Refreshing(Mutex<State>);

#[derive(Default)]
struct State {
    flights: HashMap<Key, WeakShared<Flight>>,
    /// How long the tokens of a provider live.
    lives: HashMap<ProviderId, Duration>,
    spent: HashMap<Key, SecretToken>,
    unstored: HashMap<Key, Unstored>,
}

/// Tokens that the provider gave and the store did not take. The refresh token before them is good no more.
#[derive(Clone)]
pub(super) struct Unstored {
    pub(super) spent: Option<SecretToken>,
    pub(super) tokens: AccountTokens,
    /// What keeps others from trying with the old refresh token.
    pub(super) lease: Lease,
}

impl Refreshing {
    /// Waits for the refreshing of an account that is under way, or begins one.
    ///
    /// With a runtime it goes on even if nobody waits any more; without, when the last of those who wait is gone, it is
    /// gone too.
    pub(super) async fn join(
        &self,
        key: Key,
        runtime: Option<&dyn Runtime>,
        begin: impl FnOnce(Key) -> Flight,
    ) -> Answer {
        let (flight, is_begun) = self.flight(key, begin);
        if is_begun && let Some(runtime) = runtime {
            let flight = flight.clone();
            runtime.finish(Box::pin(async move { drop(flight.await) }));
        }
        flight.await
    }

    fn flight(&self, key: Key, begin: impl FnOnce(Key) -> Flight) -> (Shared<Flight>, bool) {
        let in_the_air =
            |flight: &WeakShared<Flight>| flight.upgrade().filter(|flight| flight.peek().is_none());
        let mut state = self.lock();
        if let Some(flight) = state.flights.get(&key).and_then(in_the_air) {
            return (flight, false);
        }
        state.flights.retain(|_, flight| in_the_air(flight).is_some());
        let flight = begin(key.clone()).shared();
        if let Some(weak) = flight.downgrade() {
            state.flights.insert(key, weak);
        }
        (flight, true)
    }

    /// How long before it expires a token of this provider is due: a quarter of its life at most, once that is known.
    /// Else a token that never lives longer than the margin would be refreshed by every call.
    pub(super) fn margin(&self, provider: &OAuthProvider) -> Duration {
        let life = self.lock().lives.get(provider.id()).copied();
        life.map_or(provider.refresh_margin, |life| provider.refresh_margin.min(life / 4))
    }

    /// Takes note of how long new tokens live.
    pub(super) fn learn(&self, provider: &ProviderId, tokens: &AccountTokens, now: Timestamp) {
        if let Some(expires) = tokens.expires_at {
            let millis = expires.as_millis().saturating_sub(now.as_millis());
            let life = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
            self.lock().lives.insert(provider.clone(), life);
        }
    }

    /// Whether the provider has said of this refresh token that it is good no more.
    pub(super) fn is_spent(&self, key: &Key, refresh_token: &SecretToken) -> bool {
        self.lock().spent.get(key) == Some(refresh_token)
    }

    pub(super) fn spend(&self, key: &Key, refresh_token: &SecretToken) {
        let mut state = self.lock();
        if state.spent.len() >= LIMIT {
            state.spent.clear();
        }
        state.spent.insert(key.clone(), refresh_token.clone());
    }

    /// The tokens that could not be stored, if there are some.
    pub(super) fn unstored(&self, key: &Key) -> Option<Unstored> {
        self.lock().unstored.get(key).cloned()
    }

    /// The lease that is still held, since tokens could not be stored.
    pub(super) fn held_lease(&self, key: &Key, now: Timestamp) -> Option<Lease> {
        let state = self.lock();
        let lease = state.unstored.get(key).map(|unstored| &unstored.lease);
        lease.filter(|lease| now < lease.expires).cloned()
    }

    pub(super) fn keep(&self, key: &Key, unstored: Unstored) {
        let mut state = self.lock();
        if state.unstored.len() < LIMIT {
            state.unstored.insert(key.clone(), unstored);
        }
    }

    pub(super) fn forget_unstored(&self, key: &Key) {
        self.lock().unstored.remove(key);
    }

    /// Nothing is left half-done under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
