//! The client on hyper: what it sends, what it reads, and what it says when it cannot.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use vestibule_http::{Bytes, HttpClient, HttpError, HyperClient, Limits};

const PATIENT: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(50);

/// Gives each connection to `serve`, with its number.
async fn server<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, number));
        }
    });
    address
}

/// Reads one request with its body; `None` when the client has gone.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&chunk[..read]);
        let Some(head) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let lower = String::from_utf8_lossy(&text[..head]).to_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if text.len() - head - 4 >= length.unwrap_or(0) {
            return Some(String::from_utf8(text).unwrap());
        }
    }
}

/// Answers every request of a connection with the same text.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: &str) {
    while request(&mut stream).await.is_some() {
        stream.write_all(text.as_bytes()).await.unwrap();
    }
}

async fn get(client: &HyperClient, uri: &str, limits: Limits) -> Result<Response<Bytes>, HttpError> {
    client.send(Request::get(uri).body(Bytes::new()).unwrap(), limits).await
}

async fn ask(address: SocketAddr, limits: Limits) -> Result<Response<Bytes>, HttpError> {
    get(&HyperClient::new(), &format!("http://{address}/path?query"), limits).await
}

fn limits(response_bytes: usize) -> Limits {
    Limits::new(PATIENT, response_bytes)
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_request_travels_whole_and_so_does_its_answer() {
    let address = server(async |mut stream: TcpStream, _| {
        let request = request(&mut stream).await.unwrap();
        let head = "HTTP/1.1 418 Teapot\r\nX-One: 1\r\nX-One: 2\r\nContent-Length";
        stream.write_all(format!("{head}: {}\r\n\r\n{request}", request.len()).as_bytes()).await.unwrap();
    })
    .await;
    let post = Request::post(format!("http://{address}/path?query=1"))
        .header("x-sent", "yes")
        .body(Bytes::from_static(b"the body"))
        .unwrap();

    let response = HyperClient::new().send(post, limits(1000)).await.unwrap();

    assert_eq!(response.status(), 418);
    let ones: Vec<_> = response.headers().get_all("x-one").iter().collect();
    assert_eq!(ones, ["1", "2"]);
    let seen = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(seen.starts_with("POST /path?query=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("x-sent: yes\r\n") && seen.contains(&format!("host: {address}\r\n")), "{seen}");
    assert!(seen.ends_with("content-length: 8\r\n\r\nthe body"), "{seen}");
}

#[tokio::test]
async fn connections_are_used_again() {
    let address = server(async |mut stream: TcpStream, number| {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}");
        while request(&mut stream).await.is_some() {
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    })
    .await;
    let client = HyperClient::new();
    let uri = format!("http://{address}/");

    for _ in 0..3 {
        let response = get(&client.clone(), &uri, limits(1)).await.unwrap();

        assert_eq!(response.body(), "0");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let address = server(async |stream: TcpStream, _| {
        let text = "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n";
        answer(stream, text).await;
    })
    .await;

    assert_eq!(ask(address, limits(0)).await.unwrap().status(), 302);
}

#[tokio::test]
async fn nobody_there_means_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();

    let error = ask(closed, limits(0)).await.unwrap_err();

    assert!(error.is_not_sent(), "{error:?}");
}

#[tokio::test]
async fn a_uri_that_names_no_server_means_not_sent() {
    for uri in ["/relative", "ftp://127.0.0.1/", "example.com:80"] {
        let error = get(&HyperClient::new(), uri, limits(0)).await.unwrap_err();

        assert!(error.is_not_sent(), "{uri}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_does_leaves_it_open() {
    for text in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf"] {
        let address = server(async move |mut stream: TcpStream, _| {
            request(&mut stream).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
        })
        .await;

        let error = ask(address, limits(1000)).await.unwrap_err();

        assert!(matches!(error, HttpError::Unanswered(_)), "{text}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_it_open() {
    for text in ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf"] {
        let address = server(async move |mut stream: TcpStream, _| {
            request(&mut stream).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            request(&mut stream).await;
        })
        .await;

        let error = ask(address, Limits::new(SHORT, 1000)).await.unwrap_err();

        assert!(matches!(error, HttpError::Unanswered(_)), "{text}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_is_allowed_and_no_larger() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ] {
        let address = server(async move |stream: TcpStream, _| answer(stream, text).await).await;

        assert_eq!(ask(address, limits(5)).await.unwrap().body(), "hello");
        let error = ask(address, limits(4)).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { limit: 4 }), "{error:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_means_not_sent() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = server(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await;
            }
        }
    })
    .await;
    let uri = format!("https://localhost:{}/", address.port());
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();

    let knows_it = HyperClient::with_tls(trusting(roots));
    assert_eq!(get(&knows_it, &uri, limits(6)).await.unwrap().body(), "secret");
    let error = get(&HyperClient::new(), &uri, limits(6)).await.unwrap_err();
    assert!(error.is_not_sent(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_agrees_on_tls_means_not_sent() {
    let address = server(async |mut stream: TcpStream, _| {
        stream.read_exact(&mut [0; 10]).await.unwrap();
        request(&mut stream).await;
    })
    .await;
    let client = HyperClient::with_tls_and_connect_timeout(trusting(RootCertStore::empty()), SHORT);

    let error = get(&client, &format!("https://localhost:{}/", address.port()), limits(0)).await.unwrap_err();

    assert!(error.is_not_sent(), "{error:?}");
}

#[tokio::test]
async fn a_private_address_is_not_connected_to_by_whatever_name() {
    let (report, mut connections) = tokio::sync::mpsc::unbounded_channel();
    let address = server(move |_, number| {
        let report = report.clone();
        async move { report.send(number).unwrap() }
    })
    .await;
    let client = HyperClient::new().deny_private_addresses();
    let port = address.port();

    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0", "2130706433"] {
        let refused = get(&client, &format!("http://{host}:{port}/"), limits(10)).await.unwrap_err();
        assert!(refused.is_not_sent(), "{host}: {refused:?}");
    }
    assert!(connections.try_recv().is_err());
}

#[tokio::test]
async fn denying_private_addresses_leaves_the_client_it_was_asked_of_as_it_is() {
    let address = server(|stream, _| answer(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let client = HyperClient::new();

    let _other = client.deny_private_addresses();

    get(&client, &format!("http://localhost:{}/", address.port()), limits(10)).await.unwrap();
}
