//! Limits, and where the program takes a request to come from.

use std::fs;
use std::net::SocketAddr;

use vestibule_rusqlite::rusqlite::Connection;

use crate::browser::Browser;
use crate::http::{Response, send};
use crate::program::Server;

const TWO: &str = "[limits]\nenabled = true\nmails_per_network = 2\n";

/// The program with this configuration file.
fn server(folder: &tempfile::TempDir, config: &str) -> Server {
    let file = folder.path().join("vestibule.toml");
    fs::write(&file, config).unwrap();
    Server::with(folder.path(), &["--config", file.to_str().unwrap()], &[])
}

/// Asks for a mail by way of a proxy that names this client.
fn ask(address: SocketAddr, email: &str, forwarded_for: &str) -> Response {
    let mut browser = Browser::new(address);
    let csrf = browser.open("/auth/csrf");
    let token = csrf.body.split('"').nth(3).unwrap().to_owned();
    let cookies =
        csrf.cookies().map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
        ("x-forwarded-for", forwarded_for),
    ];
    send(address, "POST", "/auth/signin/email", &headers, &format!("csrfToken={token}&email={email}"))
}

#[test]
fn the_other_end_of_the_connection_is_the_client_where_there_is_no_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, &format!("[server]\ntrusted_proxies = 0\n{TWO}"));
    for (email, forged) in [("a@example.com", "203.0.113.1"), ("b@example.com", "203.0.113.2")] {
        assert_eq!(ask(server.address, email, forged).status, 302);
    }

    let refused = ask(server.address, "c@example.com", "203.0.113.3");

    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() <= 3600);
    assert!(refused.body.contains("Too many tries"), "{}", refused.body);
}

#[test]
fn a_proxy_that_was_told_of_says_who_the_client_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, &format!("[server]\ntrusted_proxies = 1\n{TWO}"));
    for email in ["a@example.com", "b@example.com"] {
        assert_eq!(ask(server.address, email, "9.9.9.9, 203.0.113.1").status, 302);
    }

    assert_eq!(ask(server.address, "c@example.com", "203.0.113.1").status, 429);
    assert_eq!(ask(server.address, "c@example.com", "203.0.113.2").status, 302);
}

#[test]
fn a_proxy_that_nobody_told_of_is_noticed_and_not_limited() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, TWO);
    for email in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        assert_eq!(ask(server.address, email, "203.0.113.1").status, 302);
    }

    let (_, logs) = server.stop();

    assert_eq!(logs.matches("how many proxies there are").count(), 1, "{logs}");
}

#[test]
fn in_development_nothing_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, "[server]\ntrusted_proxies = 0\n");
    for _ in 0..12 {
        assert_eq!(ask(server.address, "a@example.com", "203.0.113.1").status, 302);
    }
}

#[test]
fn two_programs_on_one_database_count_together() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[limits]\nenabled = true\nmails_per_address = 5\n";
    let servers = [server(&folder, config), server(&folder, config)];
    let addresses = [servers[0].address, servers[1].address];

    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = move |number: usize| ask(addresses[number % 2], "ada@example.com", "").status;
        let threads: Vec<_> = (0..64).map(|number| scope.spawn(move || ask(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    let count = |status| statuses.iter().filter(|it| **it == status).count();
    assert_eq!((count(302), count(429)), (5, 59), "{statuses:?}");
    let database = Connection::open(folder.path().join("vestibule.db")).unwrap();
    let rows = "SELECT count(*) FROM verification_token WHERE identifier = ?1";
    let rows = |identifier: &str| database.query_row(rows, [identifier], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!((rows("vestibule:limit"), rows("ada@example.com")), (5, 5));
}
