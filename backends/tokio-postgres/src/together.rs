//! Look-ups of many tasks that travel as one statement.
//!
//! A look-up by keys takes PostgreSQL a few microseconds; to receive it, to begin and end a statement and to send the
//! answer takes it many times that, and us as well. So look-ups that are asked for while others are under way wait
//! until the runtime has polled whatever else is ready, and those that want the same with other keys go as one
//! statement. Nobody waits for an answer to somebody else first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::oneshot;
use tokio::task::yield_now;
use vestibule_sql::{DriverError, Row, Statement, Value, postgres};

use crate::error;

/// How many look-ups go together at most.
const MOST: usize = 64;

/// The look-ups that are under way, and those that gather.
#[derive(Debug, Default)]
pub(crate) struct Gatherings {
    under_way: AtomicUsize,
    open: Mutex<Vec<Gathering>>,
    next: AtomicU64,
    texts: RwLock<HashMap<usize, Texts>>,
}

/// What is sent for one and what for many. It is found by the address of the former, which it keeps alive, so that no
/// other text can have that.
#[derive(Clone, Debug)]
struct Texts {
    one: Arc<str>,
    many: Option<Arc<str>>,
}

/// Look-ups that have been asked for and not been sent, beside that of whoever is going to send them.
#[derive(Debug)]
struct Gathering {
    id: u64,
    text: Arc<str>,
    others: Vec<Other>,
}

/// A look-up that somebody else sends.
#[derive(Debug)]
struct Other {
    keys: Vec<Value>,
    answer: oneshot::Sender<Result<Vec<Row>, DriverError>>,
}

/// What a look-up has come to.
pub(crate) enum Place<'a> {
    /// It leads the others, who gather until it [closes](Lead::close).
    Leads(Lead<'a>),
    /// Somebody else sends it. If the sender drops this, it must go alone.
    Follows(oneshot::Receiver<Result<Vec<Row>, DriverError>>),
}

/// Says that a look-up is under way for as long as it lives.
pub(crate) struct UnderWay<'a>(&'a Gatherings);

/// Whoever sends a gathering. Dropped before it is closed, the others go alone.
pub(crate) struct Lead<'a> {
    gatherings: &'a Gatherings,
    id: u64,
}

/// Those that were sent with somebody.
pub(crate) struct Others(Vec<Other>);

impl Gatherings {
    /// Counts a look-up as under way.
    pub(crate) fn set_out(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Whether so many are under way that another one had better not go alone.
    pub(crate) fn are_more_than(&self, number: usize) -> bool {
        self.under_way.load(Ordering::Relaxed) >= number
    }

    /// What is sent for many; `None` if the statement always goes alone.
    pub(crate) fn text(&self, statement: &Statement) -> Option<Arc<str>> {
        let address = address(&statement.text);
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = texts.get(&address).filter(|known| Arc::ptr_eq(&known.one, &statement.text)) {
            return known.many.clone();
        }
        drop(texts);
        let many: Option<Arc<str>> = postgres::together(statement).map(Into::into);
        self.remember(statement, many.clone());
        many
    }

    /// Sends the statement alone from now on.
    pub(crate) fn keep_alone(&self, statement: &Statement) {
        self.remember(statement, None);
    }

    fn remember(&self, statement: &Statement, many: Option<Arc<str>>) {
        let one = Arc::clone(&statement.text);
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(address(&one), Texts { one, many });
    }

    /// Joins those who ask the same, or begins a gathering.
    pub(crate) fn join(&self, statement: &Statement, keys: &[Value]) -> Place<'_> {
        let mut open = self.open();
        let fits = |gathering: &&mut Gathering| {
            Arc::ptr_eq(&gathering.text, &statement.text) && gathering.others.len() + 1 < MOST
        };
        if let Some(gathering) = open.iter_mut().find(fits) {
            let (answer, asked) = oneshot::channel();
            gathering.others.push(Other { keys: keys.to_vec(), answer });
            return Place::Follows(asked);
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        open.push(Gathering { id, text: Arc::clone(&statement.text), others: Vec::new() });
        Place::Leads(Lead { gatherings: self, id })
    }

    fn open(&self) -> MutexGuard<'_, Vec<Gathering>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lead<'_> {
    /// Lets everybody join who is about to ask, and lets nobody join any more.
    pub(crate) async fn close(self) -> Others {
        yield_now().await;
        Others(self.take())
    }

    fn take(&self) -> Vec<Other> {
        let mut open = self.gatherings.open();
        let at = open.iter().position(|gathering| gathering.id == self.id);
        at.map(|at| open.swap_remove(at).others).unwrap_or_default()
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.take();
    }
}

impl Others {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of all: first those given, then the others'.
    pub(crate) fn keys(&mut self, own: &[Value]) -> Vec<Vec<Value>> {
        let others = self.0.iter_mut().map(|other| std::mem::take(&mut other.keys));
        std::iter::once(own.to_vec()).chain(others).collect()
    }

    /// Gives each its rows.
    pub(crate) fn answer(self, answers: impl Iterator<Item = Vec<Row>>) {
        for (other, rows) in self.0.into_iter().zip(answers) {
            // Whoever does not wait any more needs no rows.
            let _ = other.answer.send(Ok(rows));
        }
    }

    /// Tells each of an outage, and hands it back. Any other failure may be due to the keys of one: nobody is told, and
    /// each goes alone.
    pub(crate) fn fail(self, failure: DriverError) -> Option<DriverError> {
        match &failure {
            DriverError::Unavailable(source) if !error::is_closed(&**source) => {
                for other in self.0 {
                    let told = format!("the look-up that this one was sent with has failed: {source}");
                    let _ = other.answer.send(Err(DriverError::Unavailable(told.into())));
                }
                Some(failure)
            }
            _ => None,
        }
    }
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}
