//! What runs on the thread that asks, and what does not.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use vestibule_core::{
    Accounts as _, Adapter as _, AdapterError, Authenticators as _, CredentialId, NewUser, ProviderAccountId,
    ProviderId, SecretToken, Sessions as _, Users as _,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_rusqlite::rusqlite::Connection;
use vestibule_sql::{Dialect, Profile, SqlAdapter, schema};
use vestibule_testkit::sql::{self, Made};

/// More steps than a look-up by an index takes, and far fewer than a scan of the rows below.
const LONG: i32 = 500;
const ROWS: u32 = 1_000;
/// How long a read that nobody lets go on waits, so that a test fails instead of hanging.
const STUCK: Duration = Duration::from_secs(5);

fn profile() -> Profile {
    Profile::authjs().with_authenticators("authenticators")
}

/// Makes the tables of a file, and many users in them.
fn fill(path: &Path, made: Made) {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    for text in sql::tables(&profile(), Dialect::Sqlite, made) {
        connection.execute_batch(&text).unwrap();
    }
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS})");
    let users = "INSERT INTO users (name, email) SELECT 'user', 'user' || i FROM n";
    let sessions =
        "INSERT INTO sessions (\"userId\", expires, \"sessionToken\") SELECT 1, 9e12, 'token' || i FROM n";
    connection.execute_batch(&format!("{numbers} {users}; {numbers} {sessions}")).unwrap();
}

/// A reader on which whatever takes long stops in the middle, until it is told to go on. Tells when it stops.
fn halting(path: &Path) -> (Connection, Receiver<()>, SyncSender<()>) {
    let reader = Connection::open(path).unwrap();
    let (stopped, stops) = mpsc::sync_channel(1_000);
    let (release, released) = mpsc::sync_channel(1);
    let mut goes_on = false;
    let halt = move || {
        let is_first = !std::mem::replace(&mut goes_on, true);
        // `true` interrupts the statement.
        is_first && (stopped.send(()).is_err() || released.recv_timeout(STUCK).is_err())
    };
    reader.progress_handler(LONG, Some(halt)).unwrap();
    (reader, stops, release)
}

async fn inspected(path: &Path, readers: impl IntoIterator<Item = Connection>) -> SqlAdapter<Rusqlite> {
    let (profile, driver) = (profile(), Rusqlite::open_read_only(path).unwrap());
    let guarantees = schema::inspect(&driver, &profile).await.unwrap().fits().unwrap();
    let driver = Rusqlite::with_connections(Connection::open(path).unwrap(), readers).unwrap();
    SqlAdapter::with_guarantees(driver, profile, guarantees).unwrap()
}

/// Asks once, and says whether the answer is there.
fn is_done_at_once<T>(future: impl Future<Output = Result<T, AdapterError>>) -> bool {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => {
            drop(answer.unwrap());
            true
        }
        Poll::Pending => false,
    }
}

/// The threads on which a reader ran something.
type Threads = Arc<Mutex<Vec<ThreadId>>>;

/// A reader that notes at each step on which thread it is.
fn noting(path: &Path) -> (Connection, Threads) {
    let (reader, threads) = (Connection::open(path).unwrap(), Threads::default());
    let noted = Arc::clone(&threads);
    let note = move || {
        noted.lock().unwrap().push(thread::current().id());
        false
    };
    reader.progress_handler(1, Some(note)).unwrap();
    (reader, threads)
}

/// Asks, and says whether a reader did it on this thread.
async fn is_done_here<T>(threads: &Threads, asked: impl Future<Output = Result<T, AdapterError>>) -> bool {
    threads.lock().unwrap().clear();
    drop(asked.await.unwrap());
    let threads = threads.lock().unwrap();
    let here = threads.iter().filter(|&&thread| thread == thread::current().id()).count();
    assert!([0, threads.len()].contains(&here) && !threads.is_empty());
    here > 0
}

#[tokio::test(flavor = "current_thread")]
async fn only_a_look_up_by_a_key_that_is_there_is_done_on_the_spot() {
    let folder = tempfile::tempdir().unwrap();
    let keys = ["ping", "user", "email", "account", "owner", "session", "authenticator"];
    let (user, token, credential) = ("1".into(), SecretToken::from("token1"), CredentialId::new(vec![1]));
    let (provider, id) = (ProviderId::from("github"), ProviderAccountId::from("1"));
    for (made, expected) in [(Made::Fresh, &keys[..]), (Made::Published, &keys[..2])] {
        let path = folder.path().join(format!("{made:?}.db"));
        fill(&path, made);
        let (reader, on) = noting(&path);
        let adapter = inspected(&path, [reader]).await;

        let done = [
            ("ping", is_done_here(&on, adapter.ping()).await),
            ("user", is_done_here(&on, adapter.user(&user)).await),
            ("email", is_done_here(&on, adapter.user_by_email("user1")).await),
            ("account", is_done_here(&on, adapter.account(&provider, &id)).await),
            ("owner", is_done_here(&on, adapter.user_by_account(&provider, &id)).await),
            ("session", is_done_here(&on, adapter.session_and_user(&token)).await),
            ("authenticator", is_done_here(&on, adapter.authenticator(&credential)).await),
            ("sessions", is_done_here(&on, adapter.sessions_of_user(&user)).await),
            ("accounts", is_done_here(&on, adapter.accounts_of_user(&user)).await),
        ];

        let here: Vec<_> = done.into_iter().filter_map(|(name, here)| here.then_some(name)).collect();
        assert_eq!(here, expected, "{made:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_look_up_is_done_on_the_spot_too() {
    let memory = sql::adapter(Rusqlite::in_memory().unwrap(), profile(), Made::Fresh).await;

    assert!(is_done_at_once(memory.session_and_user(&SecretToken::from("token1"))));
    memory.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    assert!(is_done_at_once(memory.user_by_email("ada")));
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_without_a_key_does_not_hold_up_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fill(&path, Made::Published);
    let (reader, _stops, release) = halting(&path);
    let adapter = inspected(&path, [reader]).await;

    let token = SecretToken::from("token900");
    let read = adapter.session_and_user(&token);
    let (found, ()) = tokio::join!(read, async { release.send(()).unwrap() });
    assert!(found.unwrap().is_some());
}

#[tokio::test(flavor = "current_thread")]
async fn a_list_does_not_hold_up_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fill(&path, Made::Fresh);
    let (reader, _stops, release) = halting(&path);
    let adapter = inspected(&path, [reader]).await;

    let one = "1".into();
    let (found, ()) = tokio::join!(adapter.sessions_of_user(&one), async { release.send(()).unwrap() });
    assert_eq!(found.unwrap().len(), ROWS as usize);
}

#[tokio::test(flavor = "current_thread")]
async fn a_look_up_does_not_wait_on_the_runtime_for_a_reader_that_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fill(&path, Made::Fresh);
    let (reader, stops, release) = halting(&path);
    let adapter = inspected(&path, [reader]).await;

    let (one, token) = ("1".into(), SecretToken::from("token1"));
    let (list, found, ()) = tokio::join!(
        adapter.sessions_of_user(&one),
        async {
            stops.recv_timeout(STUCK).unwrap();
            adapter.session_and_user(&token).await
        },
        async { release.send(()).unwrap() }
    );
    assert_eq!(list.unwrap().len(), ROWS as usize);
    assert!(found.unwrap().is_some());
}

#[tokio::test(flavor = "current_thread")]
async fn while_long_reads_have_all_threads_a_look_up_is_still_done_on_the_spot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fill(&path, Made::Fresh);
    let [a, b] = [halting(&path), halting(&path)];
    let adapter = inspected(&path, [a.0, b.0]).await;

    let (one, token) = ("1".into(), SecretToken::from("token1"));
    let (first, second, ()) =
        tokio::join!(adapter.sessions_of_user(&one), adapter.sessions_of_user(&one), async {
            a.1.recv_timeout(STUCK).unwrap();
            assert!(is_done_at_once(adapter.session_and_user(&token)));
            a.2.send(()).unwrap();
        });
    assert_eq!(first.unwrap().len() + second.unwrap().len(), 2 * ROWS as usize);
}

#[tokio::test]
async fn a_read_that_was_given_up_and_a_store_that_was_dropped_leave_the_file_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fill(&path, Made::Fresh);
    let (reader, stops, release) = halting(&path);
    let adapter = inspected(&path, [reader]).await;
    adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();

    let one = "1".into();
    let mut given_up = adapter.sessions_of_user(&one);
    assert!(!is_done_at_once(&mut given_up));
    stops.recv_timeout(STUCK).unwrap();
    drop(given_up);
    release.send(()).unwrap();
    assert!(adapter.sessions_of_user(&one).await.unwrap().len() == ROWS as usize);
    drop(adapter);

    // It needs the file for itself, and does not wait for it.
    let others = Connection::open(&path).unwrap();
    let begun = Instant::now();
    while others.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).is_err() {
        assert!(begun.elapsed() < STUCK, "the threads keep their connections");
        std::thread::yield_now();
    }
}
