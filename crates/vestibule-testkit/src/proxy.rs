//! A proxy between a client and a server: counts round trips, cuts connections, swallows answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Sits in front of a TCP server on a free port of its own.
///
/// A round trip is counted each time the client sends something after it has heard from the server, so
/// statements that are sent together count once. Who asks for a sign of life and nothing else is counted apart.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    round_trips: AtomicUsize,
    signs_of_life: AtomicUsize,
    connections: AtomicUsize,
    /// Nobody gets through, and whoever was through is cut.
    down: AtomicBool,
    /// What the server says no longer arrives.
    deaf: AtomicBool,
    /// Whoever speaks next is cut.
    hangs_up: AtomicBool,
    changed: Notify,
}

/// What asks for a sign of life: MySQL's `COM_PING`, and a `Sync` of PostgreSQL by itself.
const SIGNS_OF_LIFE: [&[u8]; 2] = [&[1, 0, 0, 0, 14], &[b'S', 0, 0, 0, 4]];

const CLIENT: u8 = 1;
const SERVER: u8 = 2;

impl Proxy {
    /// Starts a proxy for the server at `target`, such as `127.0.0.1:5432`.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if shared.down.load(Ordering::SeqCst) {
                    continue;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(client, target.clone(), Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Round trips so far, those of connecting included.
    pub fn round_trips(&self) -> usize {
        self.state.round_trips.load(Ordering::SeqCst)
    }

    /// How often a client has asked MySQL or PostgreSQL for a sign of life, as some pools do when a connection comes
    /// back to them; nobody waits for that.
    pub fn signs_of_life(&self) -> usize {
        self.state.signs_of_life.load(Ordering::SeqCst)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Cuts every connection and lets no new one through.
    pub fn go_down(&self) {
        self.state.down.store(true, Ordering::SeqCst);
        self.state.changed.notify_waiters();
    }

    /// Lets connections through again.
    pub fn come_up(&self) {
        self.state.down.store(false, Ordering::SeqCst);
        self.state.deaf.store(false, Ordering::SeqCst);
        self.state.changed.notify_waiters();
    }

    /// Keeps what the server says from arriving, while connections stay open, until [`come_up`](Self::come_up);
    /// what was kept back is lost.
    pub fn swallow_answers(&self) {
        self.state.deaf.store(true, Ordering::SeqCst);
    }

    /// Cuts the connection on which a client speaks next, before the server hears it; and none after that.
    pub fn hang_up_once(&self) {
        self.state.hangs_up.store(true, Ordering::SeqCst);
    }
}

async fn serve(mut client: TcpStream, target: String, state: Arc<State>) {
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let last = AtomicU8::new(SERVER);
    let out = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            if state.hangs_up.swap(false, Ordering::SeqCst) {
                break;
            }
            if SIGNS_OF_LIFE.contains(&&buffer[..read]) {
                state.signs_of_life.fetch_add(1, Ordering::SeqCst);
            } else if last.swap(CLIENT, Ordering::SeqCst) == SERVER {
                state.round_trips.fetch_add(1, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    let back = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            last.store(SERVER, Ordering::SeqCst);
            if state.down.load(Ordering::SeqCst) {
                break;
            }
            if state.deaf.load(Ordering::SeqCst) {
                continue;
            }
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    let cut = async {
        loop {
            let changed = state.changed.notified();
            if state.down.load(Ordering::SeqCst) {
                return;
            }
            changed.await;
        }
    };
    tokio::select! {
        // Asked first, so that nothing which was sent after the cut gets through.
        biased;
        () = cut => {}
        () = out => {}
        () = back => {}
    }
}
