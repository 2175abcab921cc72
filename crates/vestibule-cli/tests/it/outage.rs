//! A PostgreSQL that goes away and comes back, by way of a wire that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use vestibule_testkit::Proxy;

use crate::browser::{Browser, SESSION_COOKIE};
use crate::http::{Response, get};
use crate::postgres::Database;
use crate::program::{Server, run};

/// Passes connections on, until it is cut.
struct Wire {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    cut: bool,
    open: Vec<TcpStream>,
}

impl Wire {
    fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().unwrap();
                if state.cut {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || {
                        let mut buffer = [0; 16 * 1024];
                        while let Ok(count @ 1..) = from.read(&mut buffer) {
                            if to.write_all(&buffer[..count]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                state.open.extend([near, far]);
            }
        });
        Self { address, state }
    }

    fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.cut = true;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.state.lock().unwrap().cut = false;
    }
}

/// Asks again and again, but not for ever.
fn eventually(mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it did not come to be");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_it_is_503_and_afterwards_all_is_as_before() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let wire = Wire::to(database.address());
    let url = database.url(Some(wire.address));
    let applied = run(folder.path(), &["schema", "apply", "--yes"], &[("DATABASE_URL", &url)]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let server = Server::with(folder.path(), &["--database-url", &url], &[]);
    let mut browser = Browser::new(server.address);
    browser.sign_in("ada@example.com");
    let cookie = format!("{SESSION_COOKIE}={}", browser.cookie(SESSION_COOKIE).unwrap());
    let cookie = [("cookie", cookie.as_str())];

    wire.cut();

    for path in ["/", "/auth/session"] {
        let answer = get(server.address, path, &cookie);
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert!(answer.header("retry-after").is_some(), "{path}: {answer:?}");
        assert_eq!(answer.cookies().filter(|set| set.starts_with(SESSION_COOKIE)).count(), 0);
        assert!(!answer.body.contains("not signed in"), "{answer:?}");
    }
    let health = get(server.address, "/healthz", &[]);
    assert_eq!((health.status, health.header("retry-after")), (503, Some("5")));
    let asked = browser.ask_for_link("bob@example.com");
    assert_eq!(asked.status, 503, "{asked:?}");
    assert_eq!(get(server.address, "/", &[]).status, 200, "who has no cookie does not notice");

    wire.mend();

    // The driver pauses a moment after an attempt to connect has failed.
    eventually(|| get(server.address, "/healthz", &[]).status == 200);
    eventually(|| get(server.address, "/", &cookie).body.contains("ada@example.com"));
    eventually(|| get(server.address, "/auth/session", &cookie).body.contains("ada@example.com"));
    eventually(|| browser.ask_for_link("bob@example.com").status == 302);
    let (status, printed) = server.stop();
    assert!(status.success());
    assert!(!printed.contains("panicked"), "{printed}");
    database.remove().await;
}

/// What these tests wait for at most: the time-outs, twice where a read is tried again, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(15);

fn assert_503_in_time(ask: impl FnOnce() -> Response) {
    let begin = Instant::now();
    let answer = ask();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_does_not_answer_it_is_503_in_time_and_afterwards_all_is_as_before() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(database.address()).await;
    let url = with(&database.url(Some(proxy.address())), "connection_timeout=500&answer_timeout=500");
    let applied = run(folder.path(), &["schema", "apply", "--yes"], &[("DATABASE_URL", &url)]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let server = Server::with(folder.path(), &["--database-url", &url], &[]);
    let mut browser = Browser::new(server.address);
    browser.sign_in("ada@example.com");
    let cookie = format!("{SESSION_COOKIE}={}", browser.cookie(SESSION_COOKIE).unwrap());
    let cookie = [("cookie", cookie.as_str())];

    proxy.swallow_answers();

    // First those on connections that were open, then those on connections that cannot be made.
    for _ in 0..2 {
        assert_503_in_time(|| get(server.address, "/auth/session", &cookie));
        assert_503_in_time(|| browser.ask_for_link("bob@example.com"));
        assert_503_in_time(|| get(server.address, "/healthz", &[]));
    }

    proxy.come_up();

    eventually(|| get(server.address, "/healthz", &[]).status == 200);
    eventually(|| get(server.address, "/auth/session", &cookie).body.contains("ada@example.com"));
    eventually(|| browser.ask_for_link("bob@example.com").status == 302);
    let (status, printed) = server.stop();
    assert!(status.success());
    assert!(!printed.contains("panicked"), "{printed}");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_every_connection_is_taken_is_told_503_in_time_and_is_served_once_one_is_free() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = with(&database.url(None), "max=2&connection_timeout=500&answer_timeout=60000");
    let applied = run(folder.path(), &["schema", "apply", "--yes"], &[("DATABASE_URL", &url)]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let server = Server::with(folder.path(), &["--database-url", &url], &[]);
    let (holder, watcher) = (database.open().await, database.open().await);
    holder.batch_execute("BEGIN; LOCK TABLE verification_token IN EXCLUSIVE MODE").await.unwrap();
    let address = server.address;
    let held = ["ada@example.com", "bob@example.com"]
        .map(|email| thread::spawn(move || Browser::new(address).ask_for_link(email).status));
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let begin = Instant::now();
    while watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 2 {
        assert!(begin.elapsed() < Duration::from_secs(20), "nobody waits for the lock");
    }

    assert_503_in_time(|| Browser::new(address).ask_for_link("grace@example.com"));

    holder.batch_execute("COMMIT").await.unwrap();
    for held in held {
        assert_eq!(held.join().unwrap(), 302, "who had a connection is served");
    }
    eventually(|| Browser::new(address).ask_for_link("grace@example.com").status == 302);
    let tokens = watcher.query_one("SELECT count(*) FROM verification_token", &[]).await.unwrap();
    assert_eq!(tokens.get::<_, i64>(0), 3, "who was told 503 left nothing");
    assert!(server.stop().0.success());
    database.remove().await;
}

/// The URL with these parameters.
fn with(url: &str, parameters: &str) -> String {
    format!("{url}{}{parameters}", if url.contains('?') { '&' } else { '?' })
}
