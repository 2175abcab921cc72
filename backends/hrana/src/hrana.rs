//! libSQL and Turso by Hrana over HTTP, version 2
//! (<https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md>).
//!
//! A request opens a stream, uses it and closes it, so no baton is ever kept. A batch goes out as one `batch` whose
//! steps hang on each other by conditions: `BEGIN`, the statements, `COMMIT`, and `ROLLBACK` unless that was reached.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use vestibule_core::Timestamp;
use vestibule_http::HttpClient;
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value};

use crate::HranaSettings;
use crate::error;
use crate::exchange::{self, To, access_of, senseless};

/// Switched on for each write, since a stream has SQLite's default, which is off.
const FOREIGN_KEYS: &str = "PRAGMA foreign_keys = ON";

/// Runs statements on libSQL. Cheap to make and to clone.
#[derive(Clone, Debug)]
pub struct Hrana {
    client: Arc<dyn HttpClient>,
    settings: HranaSettings,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<StreamResult>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum StreamResult {
    Ok { response: Response },
    Error { error: Reported },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Response {
    Execute {
        result: Rows,
    },
    Batch {
        result: Steps,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Rows {
    rows: Vec<Vec<Cell>>,
}

#[derive(Deserialize)]
struct Steps {
    step_results: Vec<Option<Rows>>,
    step_errors: Vec<Option<Reported>>,
}

#[derive(Deserialize)]
struct Reported {
    message: String,
    #[serde(default)]
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Cell {
    Null,
    Integer { value: String },
    Float { value: f64 },
    Text { value: String },
    Blob { base64: String },
}

impl Hrana {
    /// Sends everything with the caller's client.
    pub fn new(client: Arc<dyn HttpClient>, settings: HranaSettings) -> Self {
        Self { client, settings }
    }

    /// Sends a stream's requests, from its opening to its close, and returns the answer to the last but the close.
    async fn stream(&self, request: Json, access: Access) -> Result<Response, DriverError> {
        let mut requests = Vec::with_capacity(3);
        if access == Access::Write {
            requests.push(json!({ "type": "execute", "stmt": { "sql": FOREIGN_KEYS, "want_rows": false } }));
        }
        requests.push(request);
        requests.push(json!({ "type": "close" }));
        let count = requests.len();
        let settings = &self.settings;
        let to = To {
            endpoint: &settings.endpoint,
            authorization: settings.authorization.as_ref(),
            timeout: settings.timeout,
        };
        let body = json!({ "baton": null, "requests": requests });
        let (status, body) = exchange::send(&self.client, to, &body, access).await?;
        if status != 200 {
            return Err(error::of_status(status, &body));
        }
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| senseless(&error.to_string()))?;
        if answer.results.len() != count {
            return Err(senseless("another number of results than of requests"));
        }
        let mut last = Response::Other;
        for result in answer.results.into_iter().take(count - 1) {
            match result {
                StreamResult::Ok { response } => last = response,
                StreamResult::Error { error } => return Err(reported(&error, access)),
            }
        }
        Ok(last)
    }
}

#[async_trait]
impl Driver for Hrana {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let request = json!({ "type": "execute", "stmt": statement_out(statement, params)? });
        match self.stream(request, statement.access).await? {
            Response::Execute { result } => rows(result),
            _ => Err(senseless("no result of the statement")),
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let access = access_of(batch.iter().map(|(statement, _)| &statement.access));
        let begin = if access == Access::Write { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let plain = |sql: &str| json!({ "sql": sql, "want_rows": false });
        let mut steps = vec![json!({ "stmt": plain(begin) })];
        let after = |step: usize| json!({ "type": "ok", "step": step });
        for (at, (statement, params)) in batch.iter().enumerate() {
            steps.push(json!({ "condition": after(at), "stmt": statement_out(statement, params)? }));
        }
        let commit = steps.len();
        steps.push(json!({ "condition": after(commit - 1), "stmt": plain("COMMIT") }));
        let failed = json!({ "type": "and", "conds": [after(0), { "type": "not", "cond": after(commit) }] });
        steps.push(json!({ "condition": failed, "stmt": plain("ROLLBACK") }));

        let request = json!({ "type": "batch", "batch": { "steps": steps } });
        let Response::Batch { result } = self.stream(request, access).await? else {
            return Err(senseless("no result of the batch"));
        };
        if result.step_results.len() != commit + 2 || result.step_errors.len() != commit + 2 {
            return Err(senseless("another number of results than of steps"));
        }
        if let Some(error) = result.step_errors.into_iter().take(commit + 1).flatten().next() {
            return Err(reported(&error, access));
        }
        let mut done = result.step_results.into_iter().skip(1).take(commit);
        let answers: Option<Vec<Rows>> = done.by_ref().take(commit - 1).collect();
        let (Some(answers), Some(Some(_committed))) = (answers, done.next()) else {
            return Err(senseless("a step neither ran nor failed"));
        };
        answers.into_iter().map(rows).collect()
    }
}

fn reported(error: &Reported, access: Access) -> DriverError {
    error::of_statement(error.code.as_deref().unwrap_or_default(), &error.message, access)
}

fn statement_out(statement: &Statement, params: &[Value]) -> Result<Json, DriverError> {
    let args = params.iter().map(value_out).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "sql": &*statement.text, "args": args, "want_rows": true }))
}

/// Integers travel as text, so that no reader of JSON cuts them.
fn value_out(value: &Value) -> Result<Json, DriverError> {
    let integer = |number: i64| json!({ "type": "integer", "value": number.to_string() });
    Ok(match value {
        Value::Null => json!({ "type": "null" }),
        Value::Bool(truth) => integer((*truth).into()),
        Value::Int(number) => integer(*number),
        Value::Real(number) if number.is_finite() => json!({ "type": "float", "value": number }),
        Value::Real(_) => return Err(DriverError::Refused("JSON has no infinite numbers".into())),
        Value::Text(text) => json!({ "type": "text", "value": text }),
        Value::Bytes(bytes) => json!({ "type": "blob", "base64": STANDARD.encode(bytes) }),
        Value::Time(time) => integer(Timestamp::as_millis(*time)),
    })
}

fn rows(result: Rows) -> Result<Vec<Row>, DriverError> {
    let row = |row: Vec<Cell>| row.into_iter().map(value_in).collect::<Result<Row, _>>();
    result.rows.into_iter().map(row).collect()
}

fn value_in(cell: Cell) -> Result<Value, DriverError> {
    let wrong = |what: &str| DriverError::Refused(what.into());
    Ok(match cell {
        Cell::Null => Value::Null,
        Cell::Integer { value } => Value::Int(value.parse().map_err(|_| wrong("an integer that is none"))?),
        Cell::Float { value } => Value::Real(value),
        Cell::Text { value } => Value::Text(value),
        // Written with padding and without.
        Cell::Blob { base64 } => Value::Bytes(
            STANDARD_NO_PAD
                .decode(base64.trim_end_matches('='))
                .map_err(|_| wrong("bytes that are not in Base64"))?,
        ),
    })
}
