//! Headers, bodies and statuses.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use super::json::{self as text, Style};
use super::wire::{Connection, Fault};
use super::{Backend, Login, PASSWORD};
use crate::http_server;

/// The most bytes of a request and of an answer, as at Neon.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The names that PostgreSQL's error fields have in JSON.
const FIELDS: [(&str, u8); 17] = [
    ("message", b'M'),
    ("code", b'C'),
    ("detail", b'D'),
    ("hint", b'H'),
    ("position", b'P'),
    ("internalPosition", b'p'),
    ("internalQuery", b'q'),
    ("severity", b'S'),
    ("where", b'W'),
    ("table", b't'),
    ("column", b'c'),
    ("schema", b's'),
    ("dataType", b'd'),
    ("constraint", b'n'),
    ("file", b'F'),
    ("line", b'L'),
    ("routine", b'R'),
];

/// An answer that is an error.
type Refusal = Box<Response<Bytes>>;

pub(super) async fn answer(backend: &Backend, request: Request<Bytes>) -> Response<Bytes> {
    let mut answer = handle(backend, &request).await.unwrap_or_else(|refusal| *refusal);
    answer.headers_mut().insert("access-control-allow-origin", http::HeaderValue::from_static("*"));
    answer
}

async fn handle(backend: &Backend, request: &Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
    if request.uri().path() != "/sql" || request.method() != Method::POST {
        return Err(Box::new(http_server::json(404, &json!({ "msg": "no such endpoint" }))));
    }
    let headers = request.headers();
    let login = login(backend, headers)?;
    let isolation = isolation(headers)?;
    let style =
        Style { raw: is_true(headers, "neon-raw-text-output"), arrays: is_true(headers, "neon-array-mode") };
    if request.body().len() > MOST_BYTES {
        return Err(own_error(400, "request is too large"));
    }
    let body: Value =
        serde_json::from_slice(request.body()).map_err(|error| own_error(400, &error.to_string()))?;

    let _permit = backend.permits.acquire().await.map_err(|_| own_error(500, "shutting down"))?;
    let mut connection = backend.connect(&login).await.map_err(fault)?;
    let done = match body.get("queries").and_then(Value::as_array) {
        None => query(&mut connection, &body, style).await.map(|result| (result, HeaderMap::new())),
        Some(queries) => batch(&mut connection, queries, style, headers, isolation).await,
    };
    let (result, echoed) = done?;
    backend.give_back(login, connection).await;
    let mut answer = http_server::json(200, &result);
    if answer.body().len() > MOST_BYTES {
        return Err(own_error(507, &format!("response is too large (max is {MOST_BYTES} bytes)")));
    }
    answer.headers_mut().extend(echoed);
    Ok(answer)
}

async fn query(connection: &mut Connection, query: &Value, style: Style) -> Result<Value, Refusal> {
    let Some(sql) = query.get("query").and_then(Value::as_str) else {
        return Err(own_error(400, "data did not match any variant of untagged enum Payload"));
    };
    let params = query.get("params").and_then(Value::as_array);
    let params: Vec<_> = params.into_iter().flatten().map(text::param).collect();
    let arrays = query.get("arrayMode").and_then(Value::as_bool).unwrap_or(style.arrays);
    let answer = connection.run(sql, &params).await.map_err(fault)?;
    Ok(text::answer(&answer, Style { arrays, ..style }))
}

/// Everything or nothing, in one transaction.
async fn batch(
    connection: &mut Connection,
    queries: &[Value],
    style: Style,
    headers: &HeaderMap,
    isolation: Option<&'static str>,
) -> Result<(Value, HeaderMap), Refusal> {
    let mut begin = "BEGIN".to_owned();
    let mut echoed = HeaderMap::new();
    if let Some(level) = isolation {
        begin = format!("{begin} ISOLATION LEVEL {level}");
        echoed.extend(
            headers
                .get("neon-batch-isolation-level")
                .cloned()
                .map(|level| (http::HeaderName::from_static("neon-batch-isolation-level"), level)),
        );
    }
    for (name, words) in [("neon-batch-read-only", "READ ONLY"), ("neon-batch-deferrable", "DEFERRABLE")] {
        if is_true(headers, name) {
            begin = format!("{begin} {words}");
            echoed.insert(name, http::HeaderValue::from_static("true"));
        }
    }
    connection.run(&begin, &[]).await.map_err(fault)?;
    let mut results = Vec::new();
    for one in queries {
        // What fails is rolled back with its connection, which nobody gets back.
        results.push(query(connection, one, style).await?);
    }
    connection.run("COMMIT", &[]).await.map_err(fault)?;
    Ok((json!({ "results": results }), echoed))
}

fn is_true(headers: &HeaderMap, name: &str) -> bool {
    headers.get(name).is_some_and(|value| value == "true")
}

fn isolation(headers: &HeaderMap) -> Result<Option<&'static str>, Refusal> {
    let Some(level) = headers.get("neon-batch-isolation-level") else { return Ok(None) };
    Ok(Some(match level.as_bytes() {
        b"ReadUncommitted" => "READ UNCOMMITTED",
        b"ReadCommitted" => "READ COMMITTED",
        b"RepeatableRead" => "REPEATABLE READ",
        b"Serializable" => "SERIALIZABLE",
        _ => return Err(own_error(400, "invalid isolation level")),
    }))
}

/// Who asks, if the connection string, or the token, is right.
fn login(backend: &Backend, headers: &HeaderMap) -> Result<Login, Refusal> {
    let wrong = |what: &str| own_error(400, what);
    let header = headers.get("neon-connection-string").ok_or_else(|| wrong("missing connection string"))?;
    let header = header.to_str().map_err(|_| wrong("invalid connection string"))?;
    let url = Url::parse(header).map_err(|_| wrong("invalid connection string"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(wrong("invalid connection string: expected scheme postgresql"));
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, database) = (decoded(url.username()), decoded(url.path().trim_start_matches('/')));
    let host = url.host_str().unwrap_or_default();
    if user.is_empty() || database.is_empty() || host.is_empty() || host.parse::<IpAddr>().is_ok() {
        return Err(wrong("invalid connection string: user, database and a host name are needed"));
    }
    match (&backend.token, headers.get("authorization")) {
        (None, Some(_)) => return Err(wrong("invalid header: authorization")),
        (None, None) if url.password().map(decoded).as_deref() != Some(PASSWORD) => {
            return Err(wrong(&format!("password authentication failed for user '{user}'")));
        }
        (Some(token), given) if given.is_none_or(|given| *given != format!("Bearer {token}")) => {
            return Err(wrong("malformed or missing token"));
        }
        _ => {}
    }
    let ours = ["sslmode", "channel_binding"];
    let parameters =
        url.query_pairs().into_owned().filter(|(name, _)| !ours.contains(&name.as_str())).collect();
    Ok(Login { user, database, parameters })
}

fn fault(fault: Fault) -> Refusal {
    match fault {
        Fault::Io(error) => own_error(500, &error.to_string()),
        Fault::Server(fields) => {
            let find = |letter: u8| fields.iter().find(|(field, _)| *field == letter).map(|(_, text)| text);
            let body = FIELDS.into_iter().map(|(name, letter)| (name.to_owned(), json!(find(letter))));
            Box::new(http_server::json(400, &Value::Object(body.collect())))
        }
    }
}

/// An error that is not PostgreSQL's.
fn own_error(status: u16, message: &str) -> Refusal {
    let body = FIELDS.into_iter().map(|(name, _)| {
        let value = match name {
            "message" => json!(message),
            "code" | "severity" => json!(""),
            _ => Value::Null,
        };
        (name.to_owned(), value)
    });
    Box::new(http_server::json(status, &Value::Object(body.collect())))
}
