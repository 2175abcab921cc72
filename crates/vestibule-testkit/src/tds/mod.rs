//! A server that speaks the protocol of SQL Server (TDS 7.4) and knows no SQL: a test says what it answers.
//!
//! For what a driver does with values, errors, time-outs and lost connections. It understands what a client sends
//! to sign in and to run `sp_executesql` or a plain text, keeps every request for the test to look at, and answers
//! with the result sets, counts and errors of a [`Reply`].
//! <https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/>

mod bytes;
mod cell;
mod channel;
mod reply;
mod request;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

pub use cell::{Cell, Column, Kind};
pub use reply::Reply;
pub use request::{Login, Request};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};

use self::channel::{Channel, Message};
use self::reply::Ending;

/// What a server answers to somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// Come in.
    In,
    /// An error, such as 18456, and the connection ends.
    Refused(u32, &'static str),
    /// Another address, as Azure SQL says to a client that may talk to a node directly.
    Elsewhere(SocketAddr),
    /// Nothing, ever.
    Silence,
}

type Answer = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

/// A server on a free port of its own. It ends when the runtime of the test does.
#[derive(Clone)]
pub struct FakeTds {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl fmt::Debug for FakeTds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeTds").field("address", &self.address).finish_non_exhaustive()
    }
}

struct Shared {
    answer: Answer,
    tls: Option<Arc<ServerConfig>>,
    seen: Mutex<Seen>,
}

struct Seen {
    welcome: Welcome,
    logins: Vec<Login>,
    requests: Vec<Request>,
}

impl FakeTds {
    /// Starts a server that answers each `sp_executesql` with what `answer` says, and each plain text, as a client
    /// sends it to set options, with nothing.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, Box::new(answer)).await
    }

    /// As [`start`](Self::start), and takes only clients that encrypt.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn start_encrypted(
        tls: ServerConfig,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(Arc::new(tls)), Box::new(answer)).await
    }

    async fn start_with(tls: Option<Arc<ServerConfig>>, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let seen = Seen { welcome: Welcome::In, logins: Vec::new(), requests: Vec::new() };
        let shared = Arc::new(Shared { answer, tls, seen: Mutex::new(seen) });
        let server = Self { address, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&shared)));
            }
        });
        server
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What those who sign in from now on hear.
    pub fn welcome(&self, welcome: Welcome) {
        self.shared.seen().welcome = welcome;
    }

    /// Who has signed in so far: one a connection.
    pub fn logins(&self) -> Vec<Login> {
        self.shared.seen().logins.clone()
    }

    /// What was asked since the last call of this.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.shared.seen().requests)
    }
}

impl Shared {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, from the first message to the last. Whatever a client sends that is not understood ends it.
async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut channel = Channel::new(client);
    let Some(Message { kind: Message::PRELOGIN, .. }) = channel.read().await else { return };
    let encryption = if shared.tls.is_some() { 1 } else { 2 };
    channel.send(&reply::prelogin(encryption)).await;
    if let Some(tls) = &shared.tls
        && channel.encrypt(Arc::clone(tls)).await.is_none()
    {
        return;
    }
    let Some(Message { kind: Message::LOGIN, body }) = channel.read().await else { return };
    let Some(login) = Login::decode(&body) else { return };
    let connection = {
        let mut seen = shared.seen();
        seen.logins.push(login);
        seen.logins.len()
    };
    let welcome = shared.seen().welcome.clone();
    match welcome {
        Welcome::In => channel.send(&reply::welcome()).await,
        Welcome::Elsewhere(address) => channel.send(&reply::elsewhere(address)).await,
        Welcome::Refused(number, text) => {
            channel.send(&Reply::new().error(number, 14, text).encode(false)).await;
            return;
        }
        Welcome::Silence => std::future::pending().await,
    }
    while let Some(message) = channel.read().await {
        let Some(request) = Request::decode(&message, connection) else { return };
        shared.seen().requests.push(request.clone());
        let reply = if request.is_call { (shared.answer)(&request) } else { Reply::new() };
        let is_whole = reply.ending() == Ending::Complete;
        channel.send_part(&reply.encode(request.is_call), is_whole).await;
        match reply.ending() {
            Ending::Complete => {}
            Ending::HangUp => return,
            // The client may still hang up.
            Ending::Silence => while channel.read().await.is_some() {},
        }
    }
}
