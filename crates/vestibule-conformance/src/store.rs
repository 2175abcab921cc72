//! A store for one case.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use vestibule_core::Adapter;

/// A fresh, empty store for one case, and whatever must outlive the case.
pub struct Store {
    adapter: Arc<dyn Adapter>,
    teardown: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// Dropped last, in the order in which they were given.
    guards: Vec<Box<dyn Any>>,
}

impl Store {
    /// A store that nothing need be done for afterwards.
    pub fn new(adapter: impl Adapter) -> Self {
        Self::shared(Arc::new(adapter))
    }

    /// The same, of an adapter that is shared already.
    pub fn shared(adapter: Arc<dyn Adapter>) -> Self {
        Self { adapter, teardown: None, guards: Vec::new() }
    }

    /// Keeps a value, such as a temporary folder, until the case is over and the teardown is done.
    #[must_use]
    pub fn with_guard(mut self, guard: impl Any) -> Self {
        self.guards.push(Box::new(guard));
        self
    }

    /// Runs a future once the case is over, whether it passed or not, such as one that drops a schema.
    ///
    /// The suite's hold on the adapter is dropped before it runs.
    #[must_use]
    pub fn with_teardown(mut self, teardown: impl Future<Output = ()> + 'static) -> Self {
        self.teardown = Some(Box::pin(teardown));
        self
    }

    /// Puts something around the adapter, such as a decorator that is to be tested on the stores of a backend.
    #[must_use]
    pub fn decorated(mut self, decorate: impl FnOnce(Arc<dyn Adapter>) -> Arc<dyn Adapter>) -> Self {
        self.adapter = decorate(self.adapter);
        self
    }

    pub(crate) fn adapter(&self) -> Arc<dyn Adapter> {
        Arc::clone(&self.adapter)
    }

    pub(crate) async fn tear_down(self) {
        drop(self.adapter);
        if let Some(teardown) = self.teardown {
            teardown.await;
        }
        drop(self.guards);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("adapter", &self.adapter).finish_non_exhaustive()
    }
}

/// What a factory answers: a store, or why there is none.
#[derive(Debug)]
pub enum Offer {
    /// A store for the case.
    Store(Store),
    /// There is no server to make one on: the case is skipped, and fails under `CI`.
    Missing,
    /// There is no server, and nothing need fail for it: the case is not run, and says so.
    NotRun,
}

impl From<Store> for Offer {
    fn from(store: Store) -> Self {
        Self::Store(store)
    }
}

impl From<Option<Store>> for Offer {
    fn from(store: Option<Store>) -> Self {
        store.map_or(Self::Missing, Self::Store)
    }
}
