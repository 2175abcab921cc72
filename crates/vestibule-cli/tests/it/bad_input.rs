use std::path::Path;

use vestibule_rusqlite::rusqlite::Connection;

use crate::http::{Response, get, raw, send};
use crate::program::Server;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// How many rows there are in all tables.
fn rows(folder: &Path) -> i64 {
    let database = Connection::open(folder.join("vestibule.db")).unwrap();
    let count = |table: &str| -> i64 {
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    ["users", "accounts", "sessions", "verification_token"].into_iter().map(count).sum()
}

/// Either a defined 4xx, or a redirect to a page of ours, or a page; never a failure of the program.
fn assert_defined(what: &str, answer: &Response) {
    assert!((200..500).contains(&answer.status), "{what}: {answer:?}");
    if answer.status >= 400 {
        assert!(!answer.body.is_empty(), "{what}: a message: {answer:?}");
    }
}

#[test]
fn nothing_that_is_sent_is_a_failure_or_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let long = "x".repeat(8000);
    let paths = [
        "/auth",
        "/auth/",
        "/auth/%00",
        "/auth/%ff%fe",
        "/auth/%",
        "/auth/signin/%00",
        "/auth/signin/unknown",
        "/auth/callback",
        "/auth/callback/unknown",
        "/auth/callback/email",
        "/auth/callback/email?token=",
        "/auth/callback/email?token=%00&email=%00",
        "/auth/callback/email?token=a&email=a%40b%40c",
        "/auth/callback/email?%ff=%ff",
        "/auth/session?%",
        "/auth/error?error=%3Cscript%3E",
        "/auth/signin?callbackUrl=javascript%3Aalert(1)",
        "/auth/signin?callbackUrl=%2F%2Fevil.example",
        "/auth/signin?callbackUrl=%0d%0aSet-Cookie%3Ax",
        "/nothing",
        "//",
        "/..%2f..%2fetc",
        "/auth/../auth/session",
        &format!("/auth/{long}"),
        &format!("/auth/signin?callbackUrl=/{long}"),
    ];
    for path in paths {
        for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
            let answer = send(server.address, method, path, &[FORM, ("accept", "text/html")], "");
            if method == "HEAD" {
                assert!((200..500).contains(&answer.status), "{method} {path:.80}: {answer:?}");
            } else {
                assert_defined(&format!("{method} {path:.80}"), &answer);
            }
        }
    }
    for cookie in ["=", ";", "authjs.csrf-token=", "authjs.csrf-token=%ff", "authjs.csrf-token=a|b|c", &long]
    {
        assert_defined(cookie, &get(server.address, "/auth/signin", &[("cookie", cookie)]));
        assert_defined(cookie, &get(server.address, "/", &[("cookie", cookie)]));
    }

    assert_eq!(rows(folder.path()), 0);
    assert_eq!(get(server.address, "/healthz", &[]).status, 200);
    let (_, printed) = server.stop();
    assert!(!printed.contains("panicked"), "{printed}");
}

#[test]
fn bodies_that_are_broken_are_refused_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let csrf = get(server.address, "/auth/csrf", &[]);
    let token = csrf.body.split('"').nth(3).unwrap().to_owned();
    let cookies: Vec<&str> = csrf.cookies().filter_map(|cookie| cookie.split(';').next()).collect();
    let cookies = cookies.join("; ");
    let emails = [
        "",
        "ada",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "%00@example.com",
        "ada%40example.com%0d%0aBcc%3Abob%40example.com",
        "%ff%40example.com",
        "\"ada\"%40example.com",
        &format!("{}%40example.com", "a".repeat(300)),
    ];
    for email in emails {
        let form = format!("csrfToken={token}&email={email}");
        for accept in ["text/html", "application/json"] {
            let headers = [FORM, ("cookie", cookies.as_str()), ("accept", accept)];

            let answer = send(server.address, "POST", "/auth/signin/email", &headers, &form);

            assert_defined(email, &answer);
            assert!(
                !answer.header("location").is_some_and(|to| to.contains("verify-request")),
                "{email}: {answer:?}"
            );
        }
    }
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "{\"csrfToken\":{}}"),
        ("text/plain", "csrfToken=x"),
        ("multipart/form-data; boundary=x", "--x"),
        ("application/x-www-form-urlencoded", "%=%&&=&%00=%ff"),
    ] {
        for path in ["/auth/signin/email", "/auth/session", "/auth/signout", "/auth/callback/email"] {
            let answer = send(server.address, "POST", path, &[("content-type", kind)], body);

            assert_defined(&format!("{path} {kind}"), &answer);
        }
    }

    assert_eq!(rows(folder.path()), 0);
    assert!(get(server.address, "/mailbox", &[]).body.contains("No mail yet"));
}

#[test]
fn a_body_that_is_too_large_is_413() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let large = "x".repeat(100_000);

    let declared = send(server.address, "POST", "/auth/signin/email", &[FORM], &large);
    let chunked = format!(
        "POST /auth/signin/email HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
         186a0\r\n{large}\r\n0\r\n\r\n",
        server.address
    );
    let chunked = Response::parse(&raw(server.address, chunked.as_bytes())).unwrap();

    let broken = format!(
        "POST /auth/signin/email HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        server.address
    );
    let broken = Response::parse(&raw(server.address, broken.as_bytes())).unwrap();
    assert_eq!((declared.status, chunked.status, broken.status), (413, 413, 400));
}

#[test]
fn what_is_no_http_is_refused_or_hung_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", "x".repeat(1_000_000));
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
        b"GET /auth/session HTTP/1.1\r\nconnection: close\r\n\r\n",
        b"GET /auth/session HTTP/1.1\r\nhost: \xff\xfe\r\nconnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncookie: \0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        long.as_bytes(),
    ] {
        let mut text = raw(server.address, bytes);
        text.truncate(200);

        assert!(!text.starts_with("HTTP/1.1 5"), "{bytes:.60?}: {text}");
    }
    assert_eq!(get(server.address, "/healthz", &[]).status, 200);
}
