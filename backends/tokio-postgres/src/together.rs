//! Look-ups of many tasks that travel as one statement.
//!
//! A look-up by keys takes PostgreSQL a few microseconds; to receive it, to begin and end a statement and to send the
//! answer takes it many times that, and us as well. So look-ups that are asked for while others are under way gather,
//! and those that want the same with other keys go as one statement. They gather for as long as the runtime takes to
//! poll the tasks that are ready, and not until an answer to somebody else has come.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;
use vestibule_core::BoxError;
use vestibule_sql::{DriverError, Row, Statement, Value, postgres};

use crate::by_text::ByText;
use crate::timers::Limit;
use crate::{Patience, Sending, TokioPostgres, error};

/// How many look-ups go together at most.
const MOST: usize = 64;

/// The look-ups that are under way, and those that gather.
#[derive(Debug, Default)]
pub(crate) struct Gatherings {
    under_way: AtomicUsize,
    open: Mutex<Vec<Gathering>>,
    next: AtomicU64,
    /// What is sent for many; `None` if the statement always goes alone.
    texts: ByText<Option<Arc<str>>>,
}

/// Look-ups that have been asked for and not been sent.
#[derive(Debug)]
struct Gathering {
    id: u64,
    text: Arc<str>,
    /// A runtime that nobody drives any more must not hold up the tasks of another.
    runtime: Id,
    patience: Patience,
    all: Vec<Asked>,
}

/// A look-up, and where its rows go. If that is dropped, whoever asked goes alone.
#[derive(Debug)]
struct Asked {
    keys: Vec<Value>,
    answer: oneshot::Sender<Answer>,
}

type Answer = Result<Vec<Row>, DriverError>;

/// Says that a look-up is under way for as long as it lives.
pub(crate) struct UnderWay<'a>(&'a Gatherings);

impl Gatherings {
    /// Counts a look-up as under way.
    pub(crate) fn set_out(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// What is sent for many.
    fn text(&self, statement: &Statement) -> Option<Arc<str>> {
        self.texts.get(&statement.text).unwrap_or_else(|| {
            let many: Option<Arc<str>> = postgres::together(statement).map(Into::into);
            self.texts.insert(&statement.text, many.clone());
            many
        })
    }

    /// Joins those who ask the same. Also returns the number of the gathering if it has just begun, and so must be
    /// sent by whoever asked.
    fn join(
        &self,
        statement: &Statement,
        keys: &[Value],
        patience: Patience,
    ) -> (oneshot::Receiver<Answer>, Option<u64>) {
        let (answer, asked) = oneshot::channel();
        let (own, runtime) = (Asked { keys: keys.to_vec(), answer }, Handle::current().id());
        let mut open = self.open();
        let fits = |gathering: &&mut Gathering| {
            Arc::ptr_eq(&gathering.text, &statement.text)
                && (gathering.runtime, gathering.patience) == (runtime, patience)
                && gathering.all.len() < MOST
        };
        if let Some(gathering) = open.iter_mut().find(fits) {
            gathering.all.push(own);
            return (asked, None);
        }
        let (id, text) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::clone(&statement.text));
        open.push(Gathering { id, text, runtime, patience, all: vec![own] });
        (asked, Some(id))
    }

    /// Lets nobody join any more.
    fn close(&self, id: u64) -> Option<Gathering> {
        let mut open = self.open();
        let at = open.iter().position(|gathering| gathering.id == id)?;
        Some(open.swap_remove(at))
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

/// Closes a gathering and sends it. If it is dropped before, as when its runtime ends, each goes alone.
struct Sender {
    driver: TokioPostgres,
    id: u64,
    many: Arc<str>,
}

impl Sender {
    async fn send(self) {
        behind_the_others().await;
        let Some(Gathering { text, mut all, .. }) = self.driver.lanes.gatherings.close(self.id) else {
            return;
        };
        all.retain(|asked| !asked.answer.is_closed());
        let Some(lane) = self.driver.lane() else { return };
        let _under_way = self.driver.lanes.gatherings.set_out();
        let how = &self.driver.how;
        let mut sets: Vec<_> = all.iter_mut().map(|asked| std::mem::take(&mut asked.keys)).collect();
        let result = match (sets.len(), sets.pop()) {
            (1, Some(keys)) => lane.run_prepared(text, keys, how).await.map(|rows| Some(vec![rows])),
            (_, Some(keys)) => {
                sets.push(keys);
                let result = lane.run_together(Arc::clone(&self.many), sets, how).await;
                if matches!(result, Ok(None)) {
                    self.driver.lanes.gatherings.texts.insert(&text, None);
                }
                result
            }
            (_, None) => return,
        };
        match result {
            Ok(Some(rows)) => {
                for (asked, rows) in all.into_iter().zip(rows) {
                    // Whoever does not wait any more needs no rows.
                    let _ = asked.answer.send(Ok(rows));
                }
            }
            // What the database says may be due to the keys of one, and another connection may not be closed.
            Err(DriverError::Unavailable(source)) if error::is_silence(&*source) => {
                let source = Arc::new(source);
                for asked in all {
                    let failure = Shared(Arc::clone(&source));
                    let _ = asked.answer.send(Err(DriverError::Unavailable(failure.into())));
                }
            }
            Ok(None) | Err(_) => {}
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.driver.lanes.gatherings.close(self.id);
    }
}

/// Goes to the end of the runtime's queue. Unlike tokio's own `yield_now`, it can be taken from there by any worker, so that
/// a task that keeps one busy holds nobody up.
async fn behind_the_others() {
    let mut has_been = false;
    poll_fn(|context| {
        if has_been {
            return Poll::Ready(());
        }
        has_been = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// An outage that several were told of.
#[derive(Debug)]
struct Shared(Arc<BoxError>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the statement that this look-up was sent in has failed")
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&**self.0)
    }
}

impl TokioPostgres {
    /// What is sent for many look-ups of this kind, if there are so many that they should go together.
    pub(crate) fn together(&self, statement: &Statement) -> Option<Arc<str>> {
        let (lanes, gatherings) = (self.lanes.lanes.len(), &self.lanes.gatherings);
        let is_crowded = gatherings.under_way.load(Ordering::Relaxed) >= lanes;
        if lanes == 0 || !is_crowded || self.how.sending == Sending::Unnamed {
            return None;
        }
        gatherings.text(statement)
    }

    /// Looks up together with whoever asks the same. `many` is what is sent then.
    pub(crate) async fn look_up_together(
        &self,
        statement: &Statement,
        keys: &[Value],
        many: Arc<str>,
    ) -> Result<Vec<Row>, DriverError> {
        postgres::check(statement, keys)?;
        let Patience { connection, answer } = self.how.patience;
        let (mut asked, begun) = self.lanes.gatherings.join(statement, keys, self.how.patience);
        if let Some(id) = begun {
            tokio::spawn(Sender { driver: self.clone(), id, many }.send());
        }
        let (timers, mut limit) = (&self.how.reused.timers, Limit::new(connection.saturating_add(answer)));
        let answer = match timers.within(&mut limit, Pin::new(&mut asked)).await {
            Some(Err(_)) => {
                let mut alone = Box::pin(self.run_once(statement, keys));
                timers.within(&mut limit, alone.as_mut()).await
            }
            Some(Ok(answer)) => Some(answer),
            None => None,
        };
        answer.unwrap_or_else(|| Err(error::timed_out("an answer")))
    }
}
