//! No answer, a late one, a wrong one: what is tried again and what it is called.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use vestibule_http::{Bytes, HttpClient, HttpError, HyperClient, Limits};
use vestibule_neon::{Neon, Settings};
use vestibule_sql::{Access, Driver as _, DriverError, Row, Statement, Value};
use vestibule_testkit::HttpServer;

use crate::bridge::{database, statement};

const SECRET: &str = "hunter2";

type Answer = Result<(u16, &'static str), fn() -> HttpError>;

/// A client that answers as it was told, in order, and remembers what it was given.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<(Request<Bytes>, Limits)>>,
}

#[async_trait]
impl HttpClient for Scripted {
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, HttpError> {
        self.seen.lock().unwrap().push((request, limits));
        let answer = self.answers.lock().unwrap().pop_front().expect("an answer is left");
        let (status, body) = answer.map_err(|error| error())?;
        Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
    }
}

fn settings() -> Settings {
    let string = format!("postgresql://ada:{SECRET}@ep-x.eu-central-1.aws.neon.tech/app");
    Settings::from_url(&string).unwrap()
}

/// Runs one statement with a client that gives these answers; also returns what it saw.
async fn run(access: Access, answers: &[Answer]) -> (Result<Vec<Row>, DriverError>, Arc<Scripted>) {
    let client = Arc::new(Scripted::default());
    client.answers.lock().unwrap().extend(answers.iter().copied());
    let statement = Statement { access, ..statement("the text", &[]) };
    let driver = Neon::new(Arc::<Scripted>::clone(&client), settings());
    let result = driver.run(&statement, &[]).await;
    assert!(client.answers.lock().unwrap().is_empty(), "every answer was asked for");
    (result, client)
}

const GOOD: Answer =
    Ok((200, r#"{"fields":[{"name":"a","dataTypeID":23}],"rows":[["7"]],"rowAsArray":true}"#));
const NOT_SENT: Answer = Err(|| HttpError::NotSent("refused".into()));
const UNANSWERED: Answer = Err(|| HttpError::Unanswered("reset".into()));
const TOO_LARGE: Answer = Err(|| HttpError::TooLarge { limit: 1 });

#[tokio::test]
async fn a_read_is_tried_again_once_and_a_write_only_if_it_never_left() {
    for (access, first) in [(Access::Read, NOT_SENT), (Access::Read, UNANSWERED), (Access::Write, NOT_SENT)] {
        let (result, _) = run(access, &[first, GOOD]).await;
        assert!(result.unwrap() == [[Value::Int(7)]], "{access:?}");

        let (result, _) = run(access, &[first, UNANSWERED]).await;
        assert!(matches!(result, Err(DriverError::Unavailable(_))), "{access:?}: {result:?}");
    }
    let (result, client) = run(Access::Write, &[UNANSWERED]).await;
    assert!(matches!(result, Err(DriverError::Unavailable(_))), "{result:?}");
    assert_eq!(client.seen.lock().unwrap().len(), 1, "nobody knows whether the write arrived");
}

#[tokio::test]
async fn both_tries_together_take_no_longer_than_one_may() {
    let (_, client) = run(Access::Read, &[UNANSWERED, GOOD]).await;

    let seen = client.seen.lock().unwrap();
    let [first, second] = [seen[0].1.timeout, seen[1].1.timeout];
    assert!(first == Duration::from_secs(15) && second < first, "{first:?} {second:?}");
    assert_eq!(seen[0].0.body(), seen[1].0.body());
}

#[tokio::test]
async fn an_answer_is_never_tried_again() {
    for status in [429, 500, 502, 503, 507] {
        let (result, _) = run(Access::Write, &[Ok((status, r#"{"msg":"busy"}"#))]).await;
        assert!(matches!(result, Err(DriverError::Unavailable(_))), "{status}: {result:?}");
    }
    let (result, _) = run(Access::Read, &[TOO_LARGE]).await;
    assert!(matches!(result, Err(DriverError::Refused(_))), "{result:?}");
    for senseless in ["", "{", "{}", "[]", "null", "<html>", r#"{"fields":[],"rows":7}"#] {
        let (result, _) = run(Access::Write, &[Ok((200, senseless))]).await;
        assert!(matches!(result, Err(DriverError::Unavailable(_))), "{senseless}: {result:?}");
    }
}

#[tokio::test]
async fn rows_that_do_not_have_their_columns_are_refused() {
    for rows in [r"[[]]", r#"[["7","8"]]"#, r#"[{"b":"7"}]"#, r"[7]", r"[null]", r#"[["seven"]]"#] {
        let body = format!(r#"{{"fields":[{{"name":"a","dataTypeID":23}}],"rows":{rows}}}"#);

        let (result, _) = run(Access::Read, &[Ok((200, body.leak()))]).await;

        assert!(matches!(result, Err(DriverError::Refused(_))), "{rows}: {result:?}");
    }
}

#[tokio::test]
async fn a_batch_needs_as_many_results_as_statements() {
    let client = Arc::new(Scripted::default());
    client.answers.lock().unwrap().push_back(Ok((200, r#"{"results":[{"fields":[],"rows":[]}]}"#)));
    let (driver, one) = (Neon::new(client, settings()), statement("one", &[]));

    let result = driver.run_all(&[(&one, &[]), (&one, &[])]).await;

    assert!(matches!(result, Err(DriverError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn a_request_says_what_neon_wants_to_know() {
    let (_, client) = run(Access::Read, &[GOOD]).await;

    let seen = client.seen.lock().unwrap();
    let (request, limits) = &seen[0];
    assert_eq!(request.uri(), "https://api.eu-central-1.aws.neon.tech/sql");
    assert_eq!(request.method(), "POST");
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(
        header("neon-connection-string"),
        Some("postgresql://ada:hunter2@ep-x.eu-central-1.aws.neon.tech/app")
    );
    assert_eq!((header("neon-raw-text-output"), header("neon-array-mode")), (Some("true"), Some("true")));
    assert_eq!((header("neon-batch-isolation-level"), header("authorization")), (None, None));
    assert_eq!(request.body(), r#"{"query":"the text","params":[]}"#);
    assert!(limits.response_bytes > 10 * 1024 * 1024);
    assert!(!format!("{request:?}").contains(SECRET), "the header is marked as sensitive");
}

#[tokio::test]
async fn what_is_too_large_is_not_sent() {
    let Some(database) = database("large").await else { return };
    let before = database.bridge.requests();
    let text = statement("SELECT length($1::text)", &[vestibule_sql::ParamType::Text]);
    let of_length = |length: usize| [Value::Text("x".repeat(length))];

    let fits = database.driver().run(&text, &of_length(10_000_000)).await.unwrap();
    let error = database.driver().run(&text, &of_length(10 * 1024 * 1024)).await.unwrap_err();

    assert!(fits == [[Value::Int(10_000_000)]]);
    assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    assert_eq!(database.bridge.requests() - before, 1);
    let large = "SELECT repeat('x', 11000000)";
    let write = database.run(large).await.unwrap_err();
    assert!(matches!(write, DriverError::Unavailable(_)), "{write:?}");
    let read = Statement { access: Access::Read, ..statement(large, &[]) };
    let read = database.driver().run(&read, &[]).await.unwrap_err();
    assert!(matches!(read, DriverError::Refused(_)), "{read:?}");
    database.drop().await;
}

#[tokio::test]
async fn a_server_that_is_gone_or_silent_is_an_outage() {
    let server = HttpServer::answering(503, r#"{"msg":"no compute"}"#).await;
    let client = Arc::new(HyperClient::new());
    let at = |endpoint: &str| settings().with_endpoint(endpoint).unwrap();
    let one = statement("one", &[]);

    let busy = Neon::new(Arc::<HyperClient>::clone(&client), at(&server.url("/sql"))).run(&one, &[]).await;
    assert!(matches!(busy, Err(DriverError::Unavailable(_))), "{busy:?}");

    let silent = HttpServer::start(|_| std::future::pending()).await;
    let brief = at(&silent.url("/sql")).with_timeout(Duration::from_millis(50));
    let late = Neon::new(Arc::<HyperClient>::clone(&client), brief).run(&one, &[]).await;
    assert!(matches!(late, Err(DriverError::Unavailable(_))), "{late:?}");

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = Neon::new(client, at(&format!("http://{closed}/sql"))).run(&one, &[]).await;
    assert!(matches!(gone, Err(DriverError::Unavailable(_))), "{gone:?}");
}

#[tokio::test]
async fn no_error_tells_the_password() {
    let answers = [
        NOT_SENT,
        UNANSWERED,
        TOO_LARGE,
        Ok((400, r#"{"message":"no","code":""}"#)),
        Ok((500, "")),
        Ok((200, "")),
    ];
    for answer in answers {
        let (result, _) = run(
            Access::Write,
            &if matches!(answer, Err(error) if error().is_not_sent()) {
                vec![answer, answer]
            } else {
                vec![answer]
            },
        )
        .await;

        let error = result.unwrap_err();
        assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
    }
}
