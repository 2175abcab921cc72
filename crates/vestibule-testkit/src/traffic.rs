//! Sign-ins and sessions from many tasks at once, and a ledger of what the store has acknowledged.
//!
//! For stores whose servers are killed meanwhile. Whoever gets no answer asks again, on the next of the adapters,
//! as clients do; what was answered must then be true, before the outage and after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use vestibule_core::{
    Adapter, AdapterError, NewSession, NewUser, SecretToken, Timestamp, TokenHash, UserId, VerificationToken,
};

/// How long an answer may stay away, or what was acknowledged invisible on another node.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long to wait before the same is asked again.
const PAUSE: Duration = Duration::from_millis(10);
const FAR: Timestamp = Timestamp::from_secs(4_000_000_000);

/// Tasks that sign people in until they are [stopped](Self::stop).
#[derive(Debug)]
pub struct Traffic {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    adapters: Vec<Arc<dyn Adapter>>,
    ledger: Mutex<Ledger>,
    sign_ins: AtomicUsize,
    outages: AtomicUsize,
    stop: AtomicBool,
}

/// What the store has acknowledged.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Each e-mail address that a user was created for, and the id that was found under it.
    pub users: BTreeMap<String, UserId>,
    /// The tokens of sessions that were created.
    pub sessions: BTreeSet<String>,
    /// The tokens of sessions that were ended.
    pub ended: BTreeSet<String>,
    /// The e-mail addresses whose verification token was redeemed, or may have been.
    pub redeemed: BTreeSet<String>,
}

/// Asks until there is an answer, from one adapter after the other; yields it, and whether an attempt before it got
/// none and may have been done.
macro_rules! settled {
    ($shared:expr, $at:expr, $adapter:ident => $call:expr) => {{
        let begun = Instant::now();
        let mut doubtful = false;
        loop {
            let $adapter = &*$shared.adapters[*$at % $shared.adapters.len()];
            match $call.await {
                Err(AdapterError::Unavailable(reason)) => {
                    assert!(begun.elapsed() < PATIENCE, "no answer within {PATIENCE:?}: {reason}");
                    $shared.outages.fetch_add(1, Ordering::SeqCst);
                    doubtful = true;
                    *$at += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                answer => break (answer, doubtful),
            }
        }
    }};
}

impl Traffic {
    /// Starts so many tasks, on one adapter for each server that may be asked, or on one that finds its server.
    ///
    /// # Panics
    ///
    /// The tasks do, if the store answers what cannot be: [`stop`](Self::stop) passes it on.
    pub fn start(adapters: Vec<Arc<dyn Adapter>>, tasks: usize) -> Self {
        let shared = Arc::new(Shared {
            adapters,
            ledger: Mutex::default(),
            sign_ins: AtomicUsize::new(0),
            outages: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let work = |task| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                for number in 0.. {
                    shared.sign_in(task, &format!("{task}-{number}@example.com")).await;
                    shared.sign_ins.fetch_add(1, Ordering::SeqCst);
                    // A store that never waits would let nobody else in.
                    tokio::task::yield_now().await;
                    if shared.stop.load(Ordering::SeqCst) {
                        return;
                    }
                }
            })
        };
        let tasks = (0..tasks).map(work).collect();
        Self { shared, tasks }
    }

    /// How many people have signed in so far.
    pub fn sign_ins(&self) -> usize {
        self.shared.sign_ins.load(Ordering::SeqCst)
    }

    /// How often there was no answer so far.
    pub fn outages(&self) -> usize {
        self.shared.outages.load(Ordering::SeqCst)
    }

    /// Waits until so many more people have signed in.
    ///
    /// # Panics
    ///
    /// If that takes more than two minutes, or a task has failed.
    pub async fn progress(&self, by: usize) {
        let (begun, goal) = (Instant::now(), self.sign_ins() + by);
        while self.sign_ins() < goal {
            assert!(!self.tasks.iter().any(JoinHandle::is_finished), "a task has failed");
            assert!(begun.elapsed() < PATIENCE, "{} of {goal} sign-ins within {PATIENCE:?}", self.sign_ins());
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets every task finish what it does, and hands over the ledger.
    ///
    /// # Panics
    ///
    /// If a task has.
    pub async fn stop(self) -> Ledger {
        self.shared.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            if let Err(failure) = task.await {
                std::panic::resume_unwind(failure.into_panic());
            }
        }
        std::mem::take(&mut *self.shared.ledger.lock().expect("no task has failed"))
    }
}

impl Shared {
    /// One person signs in by a link that is opened twice at the same time, and has a session. Every second one
    /// signs out.
    async fn sign_in(&self, task: usize, email: &str) {
        let (mut here, mut there) = (task, task + 1);
        let token = VerificationToken { identifier: email.into(), token: hash(email), expires: FAR };
        let (created, doubtful) = settled!(self, &mut here, store => store.create_verification_token(&token));
        match created {
            Err(AdapterError::Conflict { .. }) if doubtful => {}
            other => other.expect("a token can be stored"),
        }

        // One of the two is told that it was the first; with an answer lost, perhaps none.
        let (one, other) = tokio::join!(self.redeem(&mut here, email), self.redeem(&mut there, email));
        let redeemed = usize::from(one.0) + usize::from(other.0);
        let doubtful = one.1 || other.1;
        assert!(redeemed <= 1, "the token of {email} was redeemed twice");
        assert!(redeemed == 1 || doubtful, "the token of {email} was acknowledged and is lost");
        self.note(|ledger| ledger.redeemed.insert(email.to_owned()));

        let (one, other) = tokio::join!(self.sign_up(&mut here, email), self.sign_up(&mut there, email));
        let created = usize::from(one.0) + usize::from(other.0);
        assert!(created <= 1, "two users were created for {email}");
        assert!(created == 1 || one.1 || other.1, "no user was created for {email}");
        let id = self.find(&mut here, email).await;
        self.note(|ledger| ledger.users.insert(email.to_owned(), id.clone()));

        self.use_session(&mut here, email, &id).await;
    }

    /// Whether the token was there, and whether an attempt before may have taken it.
    async fn redeem(&self, at: &mut usize, email: &str) -> (bool, bool) {
        let hash = hash(email);
        let (answer, doubtful) = settled!(self, at, store => store.consume_verification_token(email, &hash));
        (answer.expect("a token can be redeemed").is_some(), doubtful)
    }

    /// Whether the user was created, and whether an attempt before may have done it.
    async fn sign_up(&self, at: &mut usize, email: &str) -> (bool, bool) {
        let new = NewUser::with_email(email);
        match settled!(self, at, store => store.create_user(&new, None)) {
            (Ok(_), doubtful) => (true, doubtful),
            (Err(AdapterError::Conflict { .. }), doubtful) => (false, doubtful),
            (Err(other), _) => panic!("{email}: {other:?}"),
        }
    }

    /// The user, who is there, even if another server may be a moment behind.
    async fn find(&self, at: &mut usize, email: &str) -> UserId {
        let begun = Instant::now();
        loop {
            let (found, _) = settled!(self, at, store => store.user_by_email(email));
            if let Some(user) = found.expect("a user can be looked up") {
                return user.id;
            }
            assert!(begun.elapsed() < PATIENCE, "{email} was acknowledged and is lost");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn use_session(&self, at: &mut usize, email: &str, id: &UserId) {
        let token = SecretToken::from(email);
        let new = NewSession::new(email, id.clone(), FAR);
        let begun = Instant::now();
        loop {
            match settled!(self, at, store => store.create_session(&new)) {
                (Ok(_), _) | (Err(AdapterError::Conflict { .. }), true) => break,
                // On a server that is a moment behind.
                (Err(AdapterError::OwnerAbsent { .. }), _) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                (Err(other), _) => panic!("{email}: {other:?}"),
            }
        }
        self.note(|ledger| ledger.sessions.insert(email.to_owned()));
        let begun = Instant::now();
        loop {
            let (found, _) = settled!(self, at, store => store.session_and_user(&token));
            if let Some((_, user)) = found.expect("a session can be looked up") {
                assert_eq!(&user.id, id, "{email} has the session of somebody else");
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "the session of {email} was acknowledged and is lost");
            tokio::time::sleep(PAUSE).await;
        }
        if email.contains(['1', '3', '5', '7', '9']) {
            let (ended, doubtful) = settled!(self, at, store => store.delete_session(&token));
            let was_there = ended.expect("a session can be ended").is_some();
            assert!(was_there || doubtful, "the session of {email} was seen and is lost");
            self.note(|ledger| (ledger.sessions.remove(email), ledger.ended.insert(email.to_owned())));
        }
    }

    fn note<T>(&self, entry: impl FnOnce(&mut Ledger) -> T) {
        entry(&mut self.ledger.lock().expect("no task has failed"));
    }
}

impl Ledger {
    /// Asks a store, at rest, whether everything is as it was acknowledged.
    ///
    /// # Panics
    ///
    /// If not.
    pub async fn assert_kept(&self, store: &dyn Adapter) {
        assert!(!self.sessions.is_empty() && !self.ended.is_empty(), "too little has happened");
        for (email, id) in &self.users {
            let user = store.user_by_email(email).await.expect("it answers");
            assert_eq!(user.map(|user| user.id).as_ref(), Some(id), "{email} is lost");
        }
        for token in &self.sessions {
            let found = store.session_and_user(&token.as_str().into()).await.expect("it answers");
            assert!(
                found.is_some_and(|(_, user)| self.users.get(token) == Some(&user.id)),
                "session {token}"
            );
        }
        for token in &self.ended {
            let found = store.session_and_user(&token.as_str().into()).await.expect("it answers");
            assert!(found.is_none(), "the session {token} was ended and is there");
        }
        for email in &self.redeemed {
            let found = store.consume_verification_token(email, &hash(email)).await.expect("it answers");
            assert!(found.is_none(), "the token of {email} was redeemed and is there");
        }
    }
}

fn hash(email: &str) -> TokenHash {
    TokenHash::from(format!("hash of {email}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_stays_up_keeps_what_it_acknowledged() {
        let store: Arc<dyn Adapter> = Arc::new(vestibule_memory::Memory::new());
        let traffic = Traffic::start(vec![Arc::clone(&store)], 4);

        traffic.progress(40).await;
        assert_eq!(traffic.outages(), 0);
        traffic.stop().await.assert_kept(&*store).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[should_panic(expected = "is lost")]
    async fn a_store_that_forgets_is_found_out() {
        let store: Arc<dyn Adapter> = Arc::new(vestibule_memory::Memory::new());
        let traffic = Traffic::start(vec![store], 4);

        traffic.progress(40).await;
        traffic.stop().await.assert_kept(&vestibule_memory::Memory::new()).await;
    }
}
