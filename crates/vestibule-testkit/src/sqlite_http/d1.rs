//! Cloudflare D1 as its REST API shows it (`/raw` and `/query`), with its documented limits and with numbers that have
//! gone through JavaScript. Written after Cloudflare's documentation; nothing else shows that it is like the service.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use vestibule_rusqlite::rusqlite::types::{Value as Cell, ValueRef};
use vestibule_rusqlite::rusqlite::{Connection, Error, ErrorCode};

use crate::http_server::{self, HttpServer};

const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const DATABASE: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const TOKEN: &str = "d1-token";
const MOST_PARAMETERS: usize = 100;
const MOST_TEXT_BYTES: usize = 100_000;

/// A server that answers like Cloudflare's for one empty D1 database.
#[derive(Debug)]
pub struct D1Server {
    http: HttpServer,
}

impl D1Server {
    /// Starts a server.
    ///
    /// # Panics
    ///
    /// If no port is free or no file can be made.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let connection = super::open(&folder.path().join("d1.db")).expect("an empty database");
        connection.pragma_update(None, "foreign_keys", true).expect("a setting of SQLite");
        let database: Arc<(Mutex<Connection>, TempDir)> = Arc::new((Mutex::new(connection), folder));
        let http = HttpServer::start(move |request: Request<Bytes>| {
            let database = Arc::clone(&database);
            async move {
                let work = move || {
                    let mut connection = database.0.lock().unwrap_or_else(PoisonError::into_inner);
                    handle(&mut connection, &request)
                };
                tokio::task::spawn_blocking(work)
                    .await
                    .unwrap_or_else(|_| refusal(500, 7500, "internal error"))
            }
        })
        .await;
        Self { http }
    }

    /// What stands for `https://api.cloudflare.com/client/v4`.
    pub fn base(&self) -> String {
        self.http.url("/client/v4")
    }

    /// The account's id.
    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    /// The database's id.
    pub fn database(&self) -> &'static str {
        DATABASE
    }

    /// The token that a client must bring.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.http.requests()
    }
}

fn handle(connection: &mut Connection, request: &Request<Bytes>) -> Response<Bytes> {
    if request.headers().get("authorization").is_none_or(|given| *given != format!("Bearer {TOKEN}")) {
        return refusal(403, 10_000, "Authentication error");
    }
    let prefix = format!("/client/v4/accounts/{ACCOUNT}/d1/database/{DATABASE}/");
    let raw = match (request.method(), request.uri().path().strip_prefix(&prefix)) {
        (&Method::POST, Some("raw")) => true,
        (&Method::POST, Some("query")) => false,
        _ => return refusal(404, 7404, "The database could not be found"),
    };
    let Ok(body) = serde_json::from_slice::<Value>(request.body()) else {
        return refusal(400, 7400, "The request is malformed");
    };
    let one = [body.clone()];
    let queries = body["batch"].as_array().map_or(&one[..], Vec::as_slice);
    if queries
        .iter()
        .any(|query| !query["sql"].is_string() || query.get("params").is_some_and(Value::is_null))
    {
        return refusal(400, 7400, "The request is malformed");
    }
    match run(connection, queries, raw) {
        Ok(results) => http_server::json(
            200,
            &json!({ "result": results, "success": true, "errors": [], "messages": [] }),
        ),
        Err(message) => refusal(400, 7500, &message),
    }
}

fn refusal(status: u16, code: u32, message: &str) -> Response<Bytes> {
    let errors = [json!({ "code": code, "message": message })];
    http_server::json(status, &json!({ "result": null, "success": false, "errors": errors, "messages": [] }))
}

/// Everything or nothing.
fn run(connection: &mut Connection, queries: &[Value], raw: bool) -> Result<Vec<Value>, String> {
    let transaction = connection.transaction().map_err(message)?;
    let results = queries.iter().map(|query| one(&transaction, query, raw)).collect::<Result<_, _>>()?;
    transaction.commit().map_err(message)?;
    Ok(results)
}

fn one(connection: &Connection, query: &Value, raw: bool) -> Result<Value, String> {
    let text = query["sql"].as_str().unwrap_or_default();
    let params = query["params"].as_array().map(Vec::as_slice).unwrap_or_default();
    if text.len() > MOST_TEXT_BYTES {
        return Err("statement too long: SQLITE_TOOBIG".to_owned());
    }
    if params.len() > MOST_PARAMETERS {
        return Err("too many SQL variables: SQLITE_ERROR".to_owned());
    }
    let word = text.trim_start().split(|character: char| !character.is_ascii_alphabetic()).next();
    if ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT"].iter().any(|taken| Some(*taken) == word) {
        return Err("To execute a transaction, please use the batch API: SQLITE_AUTH".to_owned());
    }
    let mut statement = connection.prepare(text).map_err(message)?;
    if params.len() != statement.parameter_count() {
        return Err("Wrong number of parameter bindings for SQL query: SQLITE_RANGE".to_owned());
    }
    for (at, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, cell_in(param)?).map_err(message)?;
    }
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let mut found = statement.raw_query();
    while let Some(row) = found.next().map_err(message)? {
        let cells = (0..columns.len()).map(|at| row.get_ref(at).map(cell_out));
        let cells: Vec<Value> = cells.collect::<Result<_, _>>().map_err(message)?;
        rows.push(if raw {
            Value::Array(cells)
        } else {
            Value::Object(columns.iter().cloned().zip(cells).collect::<Map<_, _>>())
        });
    }
    let results = if raw { json!({ "columns": columns, "rows": rows }) } else { json!(rows) };
    let meta = json!({ "changes": connection.changes(), "last_row_id": connection.last_insert_rowid(), "duration": 0 });
    Ok(json!({ "success": true, "results": results, "meta": meta }))
}

/// Every number is JavaScript's; SQLite gets whole ones as integers.
fn cell_in(param: &Value) -> Result<Cell, String> {
    Ok(match param {
        Value::Null => Cell::Null,
        Value::Bool(truth) => Cell::Integer((*truth).into()),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) if integer.unsigned_abs() < 1 << 53 => Cell::Integer(integer),
            (_, Some(real)) => Cell::Real(real),
            _ => return Err("D1_TYPE_ERROR: a number that is none".to_owned()),
        },
        _ => return Err("D1_TYPE_ERROR: Type 'object' not supported".to_owned()),
    })
}

fn cell_out(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) if number.unsigned_abs() < 1 << 53 => json!(number),
        #[expect(clippy::cast_precision_loss, reason = "that is what JavaScript does")]
        ValueRef::Integer(number) => json!(number as f64),
        #[expect(clippy::cast_possible_truncation, reason = "it is a small whole number")]
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(number as i64),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => json!(bytes),
    }
}

/// D1's errors end with SQLite's primary code.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn message(error: Error) -> String {
    let code = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => "SQLITE_CONSTRAINT",
        Some(ErrorCode::DatabaseBusy) => "SQLITE_BUSY",
        Some(ErrorCode::TooBig) => "SQLITE_TOOBIG",
        _ => "SQLITE_ERROR",
    };
    match &error {
        Error::SqliteFailure(_, Some(message)) => format!("{message}: {code}"),
        Error::SqlInputError { msg, offset, .. } => format!("{msg} at offset {offset}: {code}"),
        other => format!("{other}: {code}"),
    }
}
