//! The load: connections that ask, wait for the answer, and ask again.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::server::Server;
use crate::cpu;
use crate::measure::{Sample, as_f64};

/// A connection to a server.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        self.0.ready().await?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// `GET path` with cookies.
pub(crate) fn get(port: u16, path: &str, cookies: &str) -> Result<Request<Full<Bytes>>> {
    let request = Request::get(path)
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .header(header::ACCEPT, "application/json")
        .header(header::COOKIE, cookies);
    Ok(request.body(Full::default())?)
}

/// The cookies that an answer sets, as the browser sends them.
pub(crate) fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(header::SET_COOKIE).iter();
    let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
    pairs.collect::<Vec<_>>().join("; ")
}

/// What is asked, again and again; `n` is never the same twice.
pub(crate) trait Asks: Send + Sync + 'static {
    fn ask(&self, connection: &mut Connection, n: u64) -> impl Future<Output = Result<()>> + Send;
}

/// How long a round takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    Elapsed(Duration),
    /// Until so many were asked.
    Done(u64),
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Asks on `concurrency` connections and counts what the server's process and the database use.
pub(crate) async fn round<A: Asks>(
    server: &Server,
    database: Option<cpu::Server>,
    asks: &Arc<A>,
    (concurrency, until): (usize, Until),
) -> Result<Sample> {
    let mut connections = Vec::new();
    for _ in 0..concurrency {
        connections.push(Connection::open(server.port).await?);
    }
    let left = Arc::new(AtomicU64::new(match until {
        Until::Elapsed(_) => u64::MAX,
        Until::Done(count) => count,
    }));
    let before = (server.used.used(), database.map(cpu::Server::used));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for mut connection in connections {
        let (asks, left) = (Arc::clone(asks), Arc::clone(&left));
        tasks.spawn(async move {
            let mut done = 0_u64;
            let is_over = || matches!(until, Until::Elapsed(length) if start.elapsed() >= length);
            let one_less = |left: u64| left.checked_sub(1);
            while !is_over() && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
                asks.ask(&mut connection, NEXT.fetch_add(1, Ordering::Relaxed)).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let mut operations = 0;
    while let Some(done) = tasks.join_next().await {
        operations += done?.context("while the server was asked")?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let program = cpu::between(&before.0, &server.used.used()).as_secs_f64();
    let of_database = match (&before.1, database.map(cpu::Server::used)) {
        (Some(before), Some(after)) => cpu::between(before, &after).as_secs_f64(),
        _ => 0.0,
    };
    ensure!(operations > 0, "nothing was asked");
    Ok(Sample { operations: as_f64(operations), seconds, program, server: of_database })
}
