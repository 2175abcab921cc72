//! An adapter of one's own: everything in one JSON file.
//!
//! It is here to be read, and to show that whoever writes an adapter needs `vestibule-core` and no more. It does
//! keep the whole contract: `tests/conformance.rs` runs the suite. Good for a handful of users; a change costs
//! a copy of everything and a flush to disk.

mod accounts;
mod authenticators;
mod file;
mod sessions;
mod tokens;
mod users;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::{fmt, io};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{
    Adapter, AdapterError, Capabilities, Extra, FirstSession, IdKind, NewAccount, NewUser, Session,
    TimestampPrecision, User,
};

/// A store in one JSON file, for one process. A clone is the same store.
#[derive(Clone)]
pub struct JsonFile(Arc<Shared>);

struct Shared {
    file: Mutex<file::DataFile>,
    /// What the file says. Replaced as a whole, so that nobody reads while somebody writes, or waits for it.
    current: RwLock<Arc<Data>>,
    /// The columns of the application's own, with their defaults.
    columns: Extra,
}

/// The whole file.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Data {
    /// How many ids have been made; an id is never made twice.
    ids: u64,
    users: Vec<users::Row>,
    accounts: Vec<accounts::Row>,
    sessions: Vec<sessions::Row>,
    tokens: Vec<tokens::Row>,
    leases: BTreeMap<String, i64>,
    authenticators: Vec<authenticators::Row>,
}

impl JsonFile {
    /// Opens the file, or starts one.
    ///
    /// `columns` are the application's own on users, accounts and sessions, with their defaults.
    ///
    /// # Errors
    ///
    /// Those of the file system; [`io::ErrorKind::InvalidData`] if the file is not one of ours;
    /// [`io::ErrorKind::WouldBlock`] if another process, or another `JsonFile`, has it open.
    pub fn open(path: &Path, columns: Extra) -> io::Result<Self> {
        let (file, data) = file::DataFile::open(path)?;
        let current = RwLock::new(Arc::new(data));
        Ok(Self(Arc::new(Shared { file: Mutex::new(file), current, columns })))
    }

    /// Everything as it is now. Holds the lock for the time of a pointer's copy.
    fn read(&self) -> Arc<Data> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes everything at once: what `change` does to its copy is written out and becomes current, or, if it
    /// fails, nothing is.
    ///
    /// One change at a time holds the lock on the file, from the first look to the last byte; that is what makes
    /// every operation atomic. It runs on a thread that may block, and it runs to its end even if the caller's
    /// future is dropped.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Data) -> Result<T, AdapterError> + Send + 'static,
    ) -> Result<T, AdapterError> {
        let store = self.clone();
        let changed = tokio::task::spawn_blocking(move || {
            let file = store.0.file.lock().unwrap_or_else(PoisonError::into_inner);
            let before = store.read();
            let mut after = Data::clone(&before);
            let result = change(&mut after)?;
            if after != *before {
                file.write(&after).map_err(|error| AdapterError::Unavailable(error.into()))?;
                *store.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
            }
            Ok(result)
        });
        changed.await.unwrap_or_else(|error| Err(AdapterError::Unavailable(error.into())))
    }

    /// The columns of a new row: those given, and the defaults of the others.
    fn row_extra(&self, given: &Extra) -> Extra {
        let mut extra = self.0.columns.clone();
        extra.extend(given.clone());
        extra
    }
}

impl Data {
    fn next_id(&mut self) -> String {
        self.ids += 1;
        self.ids.to_string()
    }
}

impl fmt::Debug for JsonFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonFile").finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for JsonFile {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            id_kind: IdKind::Text,
            timestamp_precision: TimestampPrecision::Millis,
            authenticators: true,
        }
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        Ok(())
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        let new = users::NewRow::new(user, account, self);
        let (session, extra) = (session.clone(), self.row_extra(&session.extra));
        self.change(move |data| {
            let user = data.insert_user(new)?;
            let session = data.insert_session(session.of(user.id.clone()), extra)?;
            Ok((user, session))
        })
        .await
    }
}
