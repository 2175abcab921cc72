//! One stream of Hrana: a connection, and what a client does with it.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};
use vestibule_rusqlite::rusqlite::Connection;

use super::statement::{self, Problem};

/// A connection until it is closed, and the texts that the client has stored.
pub(super) struct Stream {
    connection: Option<Connection>,
    texts: HashMap<i64, String>,
}

impl Stream {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let connection = super::open(path).map_err(|error| error.to_string())?;
        Ok(Self { connection: Some(connection), texts: HashMap::new() })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_none()
    }

    /// Does one request. An error is its result, and the next one goes on all the same.
    pub(super) fn handle(&mut self, request: &Value) -> Value {
        let kind = request["type"].as_str().unwrap_or_default();
        match self.respond(kind, request) {
            Ok(mut response) => {
                response["type"] = json!(kind);
                json!({ "type": "ok", "response": response })
            }
            Err(problem) => json!({ "type": "error", "error": problem.to_json() }),
        }
    }

    fn respond(&mut self, kind: &str, request: &Value) -> Result<Value, Problem> {
        match kind {
            "close" => {
                self.connection = None;
                return Ok(json!({}));
            }
            "store_sql" => {
                let text = request["sql"].as_str().unwrap_or_default().to_owned();
                self.texts.insert(request["sql_id"].as_i64().unwrap_or_default(), text);
                return Ok(json!({}));
            }
            "close_sql" => {
                self.texts.remove(&request["sql_id"].as_i64().unwrap_or_default());
                return Ok(json!({}));
            }
            _ => {}
        }
        let closed = || Problem::new("STREAM_CLOSED", "The stream is closed");
        let connection = self.connection.as_ref().ok_or_else(closed)?;
        match kind {
            "execute" => Ok(json!({ "result": self.execute(connection, &request["stmt"])? })),
            "batch" => Ok(json!({ "result": self.batch(connection, &request["batch"]["steps"]) })),
            "sequence" => {
                statement::sequence(connection, self.text(request)?)?;
                Ok(json!({}))
            }
            "describe" => Ok(json!({ "result": statement::describe(connection, self.text(request)?)? })),
            _ => Err(Problem::new("HRANA_PROTO_ERROR", "a request of an unknown type")),
        }
    }

    /// The text that a request brings, or that it has stored before.
    fn text<'a>(&'a self, request: &'a Value) -> Result<&'a str, Problem> {
        let stored = || self.texts.get(&request["sql_id"].as_i64()?).map(String::as_str);
        request["sql"]
            .as_str()
            .or_else(stored)
            .ok_or_else(|| Problem::new("SQL_NO_STATEMENT", "SQL string does not contain any statement"))
    }

    fn execute(&self, connection: &Connection, stmt: &Value) -> Result<Value, Problem> {
        statement::execute(connection, self.text(stmt)?, stmt)
    }

    /// Runs the steps whose conditions hold.
    fn batch(&self, connection: &Connection, steps: &Value) -> Value {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for step in steps.as_array().into_iter().flatten() {
            let (mut result, mut error) = (Value::Null, Value::Null);
            if holds(&step["condition"], &results, &errors, connection) {
                match self.execute(connection, &step["stmt"]) {
                    Ok(done) => result = done,
                    Err(problem) => error = problem.to_json(),
                }
            }
            results.push(result);
            errors.push(error);
        }
        json!({ "step_results": results, "step_errors": errors })
    }
}

fn holds(condition: &Value, results: &[Value], errors: &[Value], connection: &Connection) -> bool {
    let step = || usize::try_from(condition["step"].as_u64().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let conditions = || condition["conds"].as_array().into_iter().flatten();
    let holds = |condition: &Value| holds(condition, results, errors, connection);
    match condition["type"].as_str() {
        None => true,
        Some("ok") => results.get(step()).is_some_and(|result| !result.is_null()),
        Some("error") => errors.get(step()).is_some_and(|error| !error.is_null()),
        Some("not") => !holds(&condition["cond"]),
        Some("and") => conditions().all(holds),
        Some("or") => conditions().any(holds),
        Some("is_autocommit") => connection.is_autocommit(),
        Some(_) => false,
    }
}
