//! On a clock that stands still and jumps to the next timer when nothing else is left to do.

use axum::routing::{any, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::*;

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<()>,
}

async fn start() -> Running {
    let app = Router::new()
        .route("/", any(|| async { "here" }))
        .route("/echo", post(|body: String| async move { body }))
        .route("/hang", any(std::future::pending::<&'static str>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(listener, app, async {
        let _ = stopped.await;
    }));
    Running { address, stop, done }
}

async fn sent(address: std::net::SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// Reads until the other side hangs up.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

#[tokio::test(start_paused = true)]
async fn who_does_not_finish_the_head_of_a_request_is_hung_up_on() {
    let running = start().await;
    let begin = Instant::now();
    for slow in ["", "G", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let stream = sent(running.address, slow).await;

        let answer = rest(stream).await;

        assert!(!answer.contains("200 OK"), "{slow:?}: {answer}");
    }
    assert!(begin.elapsed() >= HEAD_TIME);
    assert!(begin.elapsed() < HEAD_TIME * 4, "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_idles_after_a_request_is_closed() {
    let running = start().await;
    let stream = sent(running.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;

    let answer = rest(stream).await;

    assert!(answer.ends_with("here"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_is_cut_off_after_the_grace() {
    let running = start().await;
    let stream = sent(running.address, "GET /hang HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // Answered on another connection, so the first one was taken in before.
    let other = sent(running.address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(rest(other).await.ends_with("here"));
    let begin = Instant::now();

    running.stop.send(()).unwrap();
    running.done.await.unwrap();

    assert!(begin.elapsed() >= GRACE && begin.elapsed() < GRACE * 2, "{:?}", begin.elapsed());
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn with_nothing_under_way_it_stops_at_once() {
    let running = start().await;
    let begin = Instant::now();

    running.stop.send(()).unwrap();
    running.done.await.unwrap();

    assert!(begin.elapsed() < GRACE);
    assert!(TcpStream::connect(running.address).await.is_err());
}
