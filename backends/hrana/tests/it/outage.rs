//! No answer, a late one, a wrong one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use vestibule_hrana::{D1, D1Settings, Hrana, HranaSettings};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits};
use vestibule_sql::{Access, Driver, DriverError, Statement, Value};

use crate::servers::statement;

const SECRET: &str = "hunter2";

type Answer = Result<(u16, &'static str), fn() -> HttpError>;

/// A client that answers as it was told, in order, and remembers what it was given.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

#[async_trait]
impl HttpClient for Scripted {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        self.seen.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front().expect("an answer is left");
        let (status, body) = answer.map_err(|error| error())?;
        Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
    }
}

fn scripted(answers: &[Answer]) -> Arc<Scripted> {
    let client = Arc::new(Scripted::default());
    client.answers.lock().unwrap().extend(answers.iter().copied());
    client
}

fn hrana(client: Arc<Scripted>) -> Hrana {
    let settings = HranaSettings::from_url("libsql://app-ada.turso.io").unwrap();
    Hrana::new(client, settings.with_token(SECRET).unwrap())
}

fn d1(client: Arc<Scripted>) -> D1 {
    D1::new(client, D1Settings::new("account", "database", SECRET).unwrap())
}

/// Runs one statement; everything that was scripted must have been asked for.
async fn run(
    driver: impl Fn(Arc<Scripted>) -> Box<dyn Driver>,
    access: Access,
    answers: &[Answer],
) -> Result<Vec<Vec<Value>>, DriverError> {
    let client = scripted(answers);
    let one = Statement { access, ..statement("one", &[]) };
    let result = driver(Arc::clone(&client)).run(&one, &[]).await;
    assert!(client.answers.lock().unwrap().is_empty(), "{answers:?}");
    result
}

const NOT_SENT: Answer = Err(|| HttpError::NotSent("refused".into()));
const UNANSWERED: Answer = Err(|| HttpError::Unanswered("reset".into()));
const GOOD_HRANA: Answer = Ok((
    200,
    r#"{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"a"}],"rows":[[{"type":"integer","value":"7"}]],"affected_row_count":0,"last_insert_rowid":null}}},{"type":"ok","response":{"type":"close"}}]}"#,
));
const GOOD_D1: Answer = Ok((
    200,
    r#"{"result":[{"results":{"columns":["a"],"rows":[[7]]},"success":true,"meta":{}}],"success":true,"errors":[],"messages":[]}"#,
));

type Make = fn(Arc<Scripted>) -> Box<dyn Driver>;

/// Each driver, and an answer that it understands.
fn drivers() -> [(Make, Answer); 2] {
    [(|client| Box::new(hrana(client)), GOOD_HRANA), (|client| Box::new(d1(client)), GOOD_D1)]
}

#[tokio::test]
async fn a_read_is_tried_again_once_and_a_write_only_if_it_never_left() {
    for (driver, good) in drivers() {
        for first in [NOT_SENT, UNANSWERED] {
            let result = run(driver, Access::Read, &[first, good]).await;
            assert!(result.unwrap() == [[Value::Int(7)]]);
        }
        for answers in [&[UNANSWERED][..], &[NOT_SENT, UNANSWERED]] {
            let result = run(driver, Access::Write, answers).await;
            assert!(matches!(result, Err(DriverError::Unavailable(_))), "{result:?}");
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_never_taken_for_absence() {
    for (driver, _) in drivers() {
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "<html>",
            r#"{"results":[]}"#,
            r#"{"success":true}"#,
            r#"{"result":[],"success":true,"errors":[]}"#,
            r#"{"result":[{"success":true,"results":[]}],"success":true}"#,
            r#"{"result":[{"success":false,"results":{"rows":[]}}],"success":true}"#,
            r#"{"result":null,"success":false,"errors":[]}"#,
            r#"{"results":[{"type":"ok","response":{"type":"close"}},{"type":"ok","response":{"type":"close"}}]}"#,
        ] {
            for access in [Access::Read, Access::Write] {
                let result = run(driver, access, &[Ok((200, body))]).await;
                assert!(matches!(result, Err(DriverError::Unavailable(_))), "{body}: {result:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_batch_whose_steps_neither_ran_nor_failed_is_an_outage() {
    let body = r#"{"results":[{"type":"ok","response":{"type":"execute","result":{"rows":[]}}},{"type":"ok","response":{"type":"batch","result":{"step_results":[{"rows":[]},{"rows":[]},null,null],"step_errors":[null,null,null,null]}}},{"type":"ok","response":{"type":"close"}}]}"#;
    let one = statement("one", &[]);

    let result = hrana(scripted(&[Ok((200, body))])).run_all(&[(&one, &[])]).await;

    assert!(matches!(result, Err(DriverError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn statuses_are_outages_unless_they_stay() {
    for (driver, _) in drivers() {
        for (status, body, is_outage) in [
            (400, r#"{"success":false,"errors":[{"code":7400,"message":"malformed"}]}"#, false),
            (401, r#"{"error":"Unauthorized"}"#, false),
            (403, r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#, false),
            (404, "", false),
            (429, r#"{"success":false,"errors":[{"code":971,"message":"slow down"}]}"#, true),
            (500, r#"{"message":"The stream has expired","code":"STREAM_EXPIRED"}"#, true),
            (503, "<html>", true),
        ] {
            let result = run(driver, Access::Write, &[Ok((status, body))]).await;

            let error = result.unwrap_err();
            assert_eq!(matches!(error, DriverError::Unavailable(_)), is_outage, "{status}: {error:?}");
            assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_request_goes_where_it_belongs() {
    let client = scripted(&[GOOD_HRANA, GOOD_D1]);
    let one = Statement { access: Access::Read, ..statement("one", &[]) };

    hrana(Arc::clone(&client)).run(&one, &[]).await.unwrap();
    d1(Arc::clone(&client)).run(&one, &[]).await.unwrap();

    let seen = client.seen.lock().unwrap();
    assert_eq!(seen[0].uri(), "https://app-ada.turso.io/v2/pipeline");
    assert_eq!(
        seen[1].uri(),
        "https://api.cloudflare.com/client/v4/accounts/account/d1/database/database/raw"
    );
    for request in seen.iter() {
        assert_eq!(request.headers()["authorization"], "Bearer hunter2");
        assert!(!format!("{request:?}").contains(SECRET), "the header is marked as sensitive");
    }
    assert_eq!(seen[1].body(), r#"{"params":[],"sql":"one"}"#);
}
