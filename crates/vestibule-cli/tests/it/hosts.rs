//! Whose word the program takes for where it is: with `AUTH_TRUST_HOST`, without it, and with `AUTH_URL`.

use std::net::SocketAddr;

use crate::http::{Response, get};
use crate::program::{Server, run};

const SECRET: (&str, &str) = ("AUTH_SECRET", "a secret of more than thirty-two characters");

/// What a proxy sends on, and what the program says of where a sign-in begins.
fn providers(address: SocketAddr, headers: &[(&str, &str)]) -> Response {
    get(address, "/auth/providers", headers)
}

fn signin_url(address: SocketAddr, headers: &[(&str, &str)]) -> String {
    let answer = providers(address, headers);
    assert_eq!(answer.status, 200, "{headers:?}: {answer:?}");
    let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    said["email"]["signinUrl"].as_str().unwrap().to_owned()
}

const FORWARDED: [(&str, &str); 2] = [("x-forwarded-host", "app.example"), ("x-forwarded-proto", "https")];

#[test]
fn without_trust_only_the_own_host_is_served_whoever_names_another() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let own = format!("http://{}/auth/signin/email", server.address);

    assert_eq!(signin_url(server.address, &[]), own);
    for headers in [&FORWARDED[..], &FORWARDED[..1], &[("host", "app.example")]] {
        let refused = providers(server.address, headers);
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(!refused.body.contains("app.example"), "{refused:?}");
        assert_eq!(refused.cookies().count(), 0, "{refused:?}");
    }
    assert!(server.stop().0.success());
}

#[test]
fn with_trust_the_site_is_where_the_proxy_says_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &[], &[("AUTH_TRUST_HOST", "true"), SECRET]);
    let at = |headers: &[(&str, &str)]| signin_url(server.address, headers);

    assert_eq!(at(&FORWARDED), "https://app.example/auth/signin/email");
    // Where nothing says the scheme, it is https, save on this very machine.
    assert_eq!(at(&[("host", "app.example")]), "https://app.example/auth/signin/email");
    assert_eq!(at(&[]), format!("http://{}/auth/signin/email", server.address));
    let both = [("host", "inside.example"), FORWARDED[0], FORWARDED[1]];
    assert_eq!(at(&both), "https://app.example/auth/signin/email");
    let answer = get(server.address, "/auth/csrf", &FORWARDED);
    let cookie = answer.cookies().find(|cookie| cookie.contains("csrf-token"));
    assert!(
        cookie.is_some_and(|cookie| cookie.starts_with("__Host-") && cookie.contains("Secure")),
        "{answer:?}"
    );
    assert!(server.stop().0.success());
}

#[test]
fn an_address_that_is_set_is_above_every_header() {
    let folder = tempfile::tempdir().unwrap();
    let env = [("AUTH_TRUST_HOST", "true"), ("AUTH_URL", "http://localhost:3000"), SECRET];
    let server = Server::with(folder.path(), &[], &env);

    for headers in [&FORWARDED[..], &[("host", "app.example")]] {
        assert_eq!(signin_url(server.address, headers), "http://localhost:3000/auth/signin/email");
    }
    assert!(server.stop().0.success());
}

#[test]
fn a_word_that_is_neither_yes_nor_no_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(folder.path(), &[], &[("AUTH_TRUST_HOST", "perhaps")]);

    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("AUTH_TRUST_HOST"), "{ended:?}");
}
