//! Where a request comes from, as axum knows it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Method;
use vestibule_engine::ClientAddress;

use crate::app::{Answer, TestApp, request};

/// Asks for a mail to an address that nobody has asked for, over a connection from `peer`.
async fn ask(app: &TestApp, peer: &str, says: Option<&str>) -> Answer {
    let csrf = app.get("/auth/csrf", &[]).await;
    let (token, cookies) = (csrf.body.split('"').nth(3).unwrap().to_owned(), csrf.as_cookies());
    let body = format!("csrfToken={token}&email=a{}%40example.com", app.mailbox.mails().len());
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", &cookies),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    let mut request = request(Method::POST, "/auth/signin/email", &headers, Body::from(body));
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    if let Some(client) = says {
        request.extensions_mut().insert(ClientAddress::Client(client.parse().unwrap()));
    }
    app.send(request).await
}

#[tokio::test]
async fn the_other_end_of_the_connection_is_limited() {
    let app = TestApp::new();
    for port in 0..50 {
        assert_eq!(ask(&app, &format!("203.0.113.7:{}", 4000 + port), None).await.status, 302);
    }

    let answer = ask(&app, "203.0.113.7:5000", None).await;

    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(ask(&app, "203.0.113.8:5000", None).await.status, 302);
}

#[tokio::test]
async fn what_the_application_says_comes_first() {
    let app = TestApp::new();
    for _ in 0..50 {
        assert_eq!(ask(&app, "203.0.113.7:4000", Some("192.0.2.1")).await.status, 302);
    }

    assert_eq!(ask(&app, "203.0.113.9:4000", Some("192.0.2.1")).await.status, 429);
    assert_eq!(ask(&app, "203.0.113.7:4000", None).await.status, 302);
}
