//! How connections are made.

use vestibule_sql::{Driver as _, DriverError};
use vestibule_testkit::tds::{FakeTds, Reply, Welcome};
use vestibule_tiberius::Tiberius;

use crate::fake::{pair, settings, statement};

#[tokio::test]
async fn a_connection_signs_in_and_sets_its_options_once() {
    let (server, driver) = pair(1, |_| Reply::new()).await;
    for _ in 0..3 {
        driver.run(&statement("x", &[]), &[]).await.unwrap();
    }

    let logins = server.logins();
    assert_eq!(logins.len(), 1);
    assert_eq!((&*logins[0].user, &*logins[0].password), ("ada", "s3cret päss"));
    assert_eq!((&*logins[0].database, &*logins[0].application), ("app", "vestibule"));
    let requests = server.take_requests();
    assert_eq!(requests.len(), 4);
    assert!(requests[0].text.contains("SET LOCK_TIMEOUT 5000;"), "{}", requests[0].text);
    assert!(!requests[0].is_call);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_a_database_that_is_coming_up_is_an_outage() {
    let (server, driver) = pair(1, |_| Reply::new()).await;
    for (number, is_outage) in [(18_456, false), (4060, false), (40_613, true), (40_501, true)] {
        server.welcome(Welcome::Refused(number, "no"));

        let error = driver.run(&statement("x", &[]), &[]).await.unwrap_err();

        assert_eq!(matches!(error, DriverError::Unavailable(_)), is_outage, "{number}: {error:?}");
        assert!(!format!("{error:?}").contains("s3cret"));
    }
    server.welcome(Welcome::In);
    driver.run(&statement("x", &[]), &[]).await.unwrap();
}

#[tokio::test]
async fn a_server_may_send_its_clients_elsewhere_once() {
    let (gateway, driver) = pair(1, |_| Reply::new()).await;
    let node = FakeTds::start(|_| Reply::new()).await;
    gateway.welcome(Welcome::Elsewhere(node.address()));

    driver.run(&statement("x", &[]), &[]).await.unwrap();

    assert_eq!((gateway.logins().len(), node.logins().len()), (1, 1));
    let text = node.take_requests().pop().unwrap().text;
    assert_eq!(text, "x");

    node.welcome(Welcome::Elsewhere(gateway.address()));
    let other = Tiberius::connect(&settings(&gateway)).unwrap();
    let circle = other.run(&statement("x", &[]), &[]).await;
    assert!(matches!(circle, Err(DriverError::Unavailable(_))), "{circle:?}");
}

#[tokio::test]
async fn many_requests_share_no_more_connections_than_they_may() {
    let (server, driver) = pair(3, |_| Reply::new()).await;
    let requests = (0..60).map(|_| {
        let driver = driver.clone();
        tokio::spawn(async move { driver.run(&statement("x", &[]), &[]).await })
    });

    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap().unwrap();
    }

    assert!((1..=3).contains(&server.logins().len()));
}

#[tokio::test]
async fn something_else_than_sql_server_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let page = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut client, page).await.unwrap();
        }
    });
    let url = format!("mssql://ada:x@{address}/app?encrypt=false");
    let driver = Tiberius::connect(&vestibule_tiberius::Settings::from_url(&url).unwrap()).unwrap();

    let answer = driver.run(&statement("x", &[]), &[]).await;

    assert!(matches!(answer, Err(DriverError::Unavailable(_))), "{answer:?}");
}
