//! Requests that are given up, and connections that are lost.

use std::time::Duration;

use tokio_util::compat::TokioAsyncReadCompatExt as _;
use vestibule_sql::{Driver as _, DriverError};
use vestibule_testkit::tds::{Cell, Column, FakeTds, Kind, Reply, Request, Welcome};
use vestibule_tiberius::Tiberius;
use vestibule_tiberius::tiberius::{AuthMethod, Client, Config};

use crate::fake::{calls, pair, settings, statement};

/// Answers by the text: `silence`, `cut`, `half` and then silence, `torn` in the middle, and everything else at once.
fn by_text(request: &Request) -> Reply {
    let columns = [Column::new("x", Kind::Int)];
    match &*request.text {
        text if text.contains("silence") => Reply::new().silence(),
        text if text.contains("cut") => Reply::new().hang_up(),
        text if text.contains("half") => Reply::new().set(&columns, &[vec![Cell::Int(1)]]).silence(),
        text if text.contains("torn") => Reply::new().set(&columns, &[vec![Cell::Int(1)]]).hang_up(),
        text if text.contains("SELECT 0 AS") => Reply::new().end_of_statement(0),
        _ => Reply::new(),
    }
}

fn is_outage<T: std::fmt::Debug>(result: &Result<T, DriverError>) -> bool {
    matches!(result, Err(DriverError::Unavailable(_)))
}

async fn single(server: &FakeTds) -> Tiberius {
    let mut config = Config::new();
    config.authentication(AuthMethod::sql_server("ada", "x"));
    let tcp = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    Tiberius::single(Client::connect(config, tcp.compat()).await.unwrap())
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_an_outage_and_its_connection_is_thrown_away() {
    let (server, driver) = pair(1, by_text).await;
    let driver = driver.with_timeouts(Duration::from_secs(10), Duration::from_millis(50));
    for text in ["silence", "half"] {
        let statement = statement(text, &[]);
        let connections = server.logins().len();

        let one = driver.run(&statement, &[]).await;
        let all = driver.run_all(&[(&statement, &[])]).await;

        assert!(is_outage(&one) && is_outage(&all), "{text}: {one:?}, {all:?}");
        let patient = driver.clone().with_timeouts(Duration::from_secs(10), Duration::from_secs(10));
        patient.run(&self::statement("fine", &[]), &[]).await.unwrap();
        let made = if connections == 0 { 3 } else { 2 };
        assert_eq!(server.logins().len(), connections + made, "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_an_outage_and_the_next_is_new() {
    for text in ["cut", "torn"] {
        let (server, driver) = pair(1, by_text).await;
        let bad = statement(text, &[]);

        let one = driver.run(&bad, &[]).await;
        let all = driver.run_all(&[(&bad, &[])]).await;
        let fine = driver.run(&statement("fine", &[]), &[]).await;

        assert!(is_outage(&one) && is_outage(&all), "{text}: {one:?}, {all:?}");
        assert_eq!(fine.unwrap(), Vec::<Vec<vestibule_sql::Value>>::new());
        assert_eq!(server.logins().len(), 3, "{text}");
    }
}

#[tokio::test]
async fn a_request_whose_future_is_dropped_takes_its_connection_with_it() {
    let (server, driver) = pair(1, by_text).await;
    for text in ["silence", "half"] {
        let statement = statement(text, &[]);
        let (connections, _) = (server.logins().len(), server.take_requests());

        let running = tokio::spawn({
            let (driver, statement) = (driver.clone(), statement.clone());
            async move { driver.run(&statement, &[]).await }
        });
        while !server.take_requests().iter().any(|request| request.text == text) {
            tokio::task::yield_now().await;
        }
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        driver.run(&self::statement("fine", &[]), &[]).await.unwrap();

        let requests = calls(&server);
        assert_eq!(requests.len(), 1, "{text}");
        assert_eq!(requests[0].connection, server.logins().len(), "{text}");
        assert!(server.logins().len() > connections, "{text}");
    }
}

#[tokio::test]
async fn a_single_client_serves_until_it_is_lost() {
    let server = FakeTds::start(by_text).await;
    let driver = single(&server).await;
    let fine = statement("fine", &[]);

    driver.run(&fine, &[]).await.unwrap();
    driver.run_all(&[(&fine, &[])]).await.unwrap();
    let error = driver.run(&statement("cut", &[]), &[]).await;
    let after = driver.run(&fine, &[]).await;

    assert!(is_outage(&error) && is_outage(&after), "{error:?}, {after:?}");
    assert_eq!(server.logins().len(), 1);
}

#[tokio::test]
async fn a_single_client_whose_request_is_dropped_is_lost() {
    let server = FakeTds::start(by_text).await;
    let driver = single(&server).await;
    let running = tokio::spawn({
        let driver = driver.clone();
        async move { driver.run(&statement("silence", &[]), &[]).await }
    });
    while server.take_requests().is_empty() {
        tokio::task::yield_now().await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());

    let after = driver.run(&statement("fine", &[]), &[]).await;

    assert!(is_outage(&after), "{after:?}");
    assert_eq!(server.take_requests(), []);
}

#[tokio::test]
async fn a_server_that_says_nothing_or_is_not_there_is_an_outage() {
    let (server, driver) = pair(1, by_text).await;
    server.welcome(Welcome::Silence);
    let driver = driver.with_timeouts(Duration::from_millis(50), Duration::from_secs(10));

    let silent = driver.run(&statement("fine", &[]), &[]).await;

    assert!(is_outage(&silent), "{silent:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut nobody = settings(&server);
    nobody = {
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut there = vestibule_tiberius::Settings::new("127.0.0.1", port, "ada", "x", "app");
        there.tls = nobody.tls;
        there
    };
    let absent = Tiberius::connect(&nobody).unwrap().run(&statement("fine", &[]), &[]).await;
    assert!(is_outage(&absent), "{absent:?}");
}

#[tokio::test]
async fn what_an_application_leaves_behind_on_a_connection_is_cleared_away() {
    let (server, driver) = pair(1, by_text).await;
    driver.run(&statement("fine", &[]), &[]).await.unwrap();
    assert_eq!(server.take_requests().len(), 2, "options, and the statement");

    let mut lent = driver.pool().unwrap().get().await.unwrap();
    lent.client().simple_query("BEGIN TRANSACTION").await.unwrap().into_results().await.unwrap();
    drop(lent);
    driver.run(&statement("fine", &[]), &[]).await.unwrap();
    driver.run(&statement("fine", &[]), &[]).await.unwrap();

    let texts: Vec<_> = server.take_requests().into_iter().map(|request| request.text).collect();
    assert_eq!(texts.len(), 4);
    assert_eq!(texts[0], "BEGIN TRANSACTION");
    assert!(texts[1].starts_with("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;"), "{}", texts[1]);
    assert_eq!(texts[2..], ["fine", "fine"]);
}
