use std::io::{Read, Write};
use std::net::TcpStream;

use crate::http::{Response, connect, get};
use crate::program::Server;

const BODY: &str = "csrfToken=x&email=ada%40example.com";

/// Begins a request; returns once the program has begun to read its body.
fn begin(server: &Server) -> TcpStream {
    let mut stream = connect(server.address);
    let head = format!(
        "POST /auth/signin/email HTTP/1.1\r\nhost: {}\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        server.address,
        BODY.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_request_under_way_is_answered_before_the_program_stops() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(folder.path());
        let address = server.address;
        let mut request = begin(&server);
        let _idle = connect(address);

        server.signal(signal);
        server.wait_for_log("stopping");
        // The listener is closed right after that line; until then a connection may still be taken in.
        while TcpStream::connect(address).is_ok() {}
        request.write_all(BODY.as_bytes()).unwrap();
        let mut answer = String::new();
        request.read_to_string(&mut answer).unwrap();

        let answer = Response::parse(&answer).unwrap();
        assert_eq!(answer.status, 302, "{answer:?}");
        assert!(answer.header("location").unwrap().contains("error=MissingCSRF"), "{answer:?}");
        let (status, printed) = server.wait();
        assert!(status.success(), "{printed}");
        assert!(printed.contains("\"stopped\""), "{printed}");
    }
}

#[test]
fn connections_that_idle_do_not_hold_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut idle = connect(server.address);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    idle.write_all(request.as_bytes()).unwrap();
    let mut first = [0; 15];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    assert_eq!(get(server.address, "/healthz", &[]).status, 200);

    let (status, printed) = server.stop();

    assert!(status.success());
    assert!(!printed.contains("cut off"), "{printed}");
}
