//! Cloudflare D1 by its REST API (<https://developers.cloudflare.com/api/resources/d1/>).
//!
//! Rows are asked for as arrays (`/raw`), since objects lose one of two columns with one name. Numbers pass through
//! JavaScript there: integers beyond 2⁵³ - 1 are never written, and are no integers any more on their way in, so that none
//! is ever wrong.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use vestibule_core::Timestamp;
use vestibule_http::HttpClient;
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value};

use crate::D1Settings;
use crate::error;
use crate::exchange::{self, To, access_of, senseless};

/// The largest integer that JavaScript's numbers hold with all integers below it.
const MOST_INTEGER: i64 = (1 << 53) - 1;
const LEAST_INTEGER: i64 = -MOST_INTEGER;
/// D1's limits for one statement (<https://developers.cloudflare.com/d1/platform/limits/>).
const MOST_PARAMETERS: usize = 100;
const MOST_TEXT_BYTES: usize = 100_000;

/// Runs statements on D1. Cheap to make and to clone.
#[derive(Clone, Debug)]
pub struct D1 {
    client: Arc<dyn HttpClient>,
    settings: D1Settings,
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    #[serde(default)]
    errors: Vec<Reported>,
    #[serde(default)]
    result: Option<Vec<Done>>,
}

#[derive(Deserialize)]
struct Reported {
    #[serde(default)]
    code: i64,
    message: String,
}

#[derive(Deserialize)]
struct Done {
    success: bool,
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    rows: Vec<Vec<Json>>,
}

impl D1 {
    /// Sends everything with the caller's client.
    pub fn new(client: Arc<dyn HttpClient>, settings: D1Settings) -> Self {
        Self { client, settings }
    }

    /// Sends a body and returns the rows of each of its `count` statements.
    async fn send(&self, body: &Json, access: Access, count: usize) -> Result<Vec<Vec<Row>>, DriverError> {
        let settings = &self.settings;
        let to = To {
            endpoint: &settings.endpoint,
            authorization: Some(&settings.authorization),
            timeout: settings.timeout,
        };
        let (status, body) = exchange::send(&self.client, to, body, access).await?;
        let answer: Answer = match serde_json::from_slice(&body) {
            Ok(answer) => answer,
            Err(error) if status == 200 => return Err(senseless(&error.to_string())),
            Err(_) => return Err(error::of_status(status, &body)),
        };
        if let (false, Some(reported)) = (answer.success, answer.errors.first()) {
            // What a statement did wrong has the status 400; other statuses are about the request as a whole.
            return Err(match status {
                200 | 400 => error::of_statement(&reported.code.to_string(), &reported.message, access),
                _ => error::of_status(status, json!({ "message": reported.message }).to_string().as_bytes()),
            });
        }
        if status != 200 {
            return Err(error::of_status(status, &body));
        }
        let results = answer.result.unwrap_or_default();
        if !answer.success || results.len() != count || results.iter().any(|done| !done.success) {
            return Err(senseless("it does not say what became of each statement"));
        }
        results.into_iter().map(|done| done.results.rows.into_iter().map(row_in).collect()).collect()
    }
}

#[async_trait]
impl Driver for D1 {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let body = statement_out(statement, params)?;
        let mut answers = self.send(&body, statement.access, 1).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let access = access_of(batch.iter().map(|(statement, _)| &statement.access));
        let statements = batch.iter().map(|(statement, params)| statement_out(statement, params));
        let body = json!({ "batch": statements.collect::<Result<Vec<_>, _>>()? });
        self.send(&body, access, batch.len()).await
    }
}

fn statement_out(statement: &Statement, params: &[Value]) -> Result<Json, DriverError> {
    if params.len() > MOST_PARAMETERS || statement.text.len() > MOST_TEXT_BYTES {
        let problem = format!(
            "{}: D1 takes statements of {MOST_TEXT_BYTES} bytes with {MOST_PARAMETERS} parameters at the most",
            statement.name
        );
        return Err(DriverError::Refused(problem.into()));
    }
    let params =
        params.iter().map(|value| value_out(value, statement.access)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "sql": &*statement.text, "params": params }))
}

/// A read compares its parameters only, with columns of integers: there a text is as good, and holds any integer. So
/// what is not there is absent rather than refused.
fn value_out(value: &Value, access: Access) -> Result<Json, DriverError> {
    let refused = |problem: &str| Err(DriverError::Refused(problem.into()));
    let integer = |number: i64| match number {
        LEAST_INTEGER..=MOST_INTEGER => Ok(json!(number)),
        _ if access == Access::Read => Ok(json!(number.to_string())),
        _ => Err(DriverError::Refused("D1 takes integers up to 2^53 - 1 only".into())),
    };
    match value {
        Value::Null => Ok(Json::Null),
        Value::Bool(truth) => integer((*truth).into()),
        Value::Int(number) => integer(*number),
        Value::Real(number) if number.is_finite() => Ok(json!(number)),
        Value::Real(_) => refused("JSON has no infinite numbers"),
        Value::Text(text) => Ok(json!(text)),
        Value::Bytes(_) => refused("D1's REST API takes no bytes"),
        Value::Time(time) => integer(Timestamp::as_millis(*time)),
    }
}

fn row_in(cells: Vec<Json>) -> Result<Row, DriverError> {
    cells.into_iter().map(value_in).collect()
}

/// A number beyond the largest safe integer may have been another one, so it comes in as a real.
fn value_in(cell: Json) -> Result<Value, DriverError> {
    let wrong = |what: &str| DriverError::Refused(what.into());
    Ok(match cell {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Int(truth.into()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer @ LEAST_INTEGER..=MOST_INTEGER), _) => Value::Int(integer),
            (_, Some(real)) => Value::Real(real),
            _ => return Err(wrong("a number that is none")),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(bytes) => {
            let byte = |byte: &Json| byte.as_u64().and_then(|byte| u8::try_from(byte).ok());
            let bytes: Option<Vec<u8>> = bytes.iter().map(byte).collect();
            Value::Bytes(bytes.ok_or_else(|| wrong("bytes that are none"))?)
        }
        Json::Object(_) => return Err(wrong("an object where a value should be")),
    })
}
