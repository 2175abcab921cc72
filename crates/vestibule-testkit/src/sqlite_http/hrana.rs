//! A libSQL server: Hrana over HTTP, version 2, in JSON.
//!
//! Written after libSQL's own server (`libsql-server/src/hrana` in tursodatabase/libsql), with its parser in front of
//! SQLite, and shown to be faithful by libSQL's own client for JavaScript, which runs against it in a test.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::stream::Stream;
use crate::http_server::{self, HttpServer};

/// What a client must bring.
const TOKEN: &str = "hrana-token";

/// A libSQL server with an empty database of its own.
#[derive(Debug)]
pub struct HranaServer {
    http: HttpServer,
}

/// The database, and streams that wait for their next request.
struct Database {
    folder: TempDir,
    waiting: Mutex<HashMap<String, Stream>>,
    batons: AtomicU64,
    /// Writers queue here rather than in SQLite, which serves them in no order.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl HranaServer {
    /// Starts a server.
    ///
    /// # Panics
    ///
    /// If no port is free or no file can be made.
    pub async fn start() -> Self {
        let database = Arc::new(Database {
            folder: tempfile::tempdir().expect("a temporary folder"),
            waiting: Mutex::default(),
            batons: AtomicU64::new(0),
            turn: Arc::default(),
        });
        let http = HttpServer::start(move |request| {
            let database = Arc::clone(&database);
            async move { handle(database, request).await }
        })
        .await;
        Self { http }
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        self.http.url("")
    }

    /// What a client must bring.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.http.requests()
    }
}

async fn handle(database: Arc<Database>, request: Request<Bytes>) -> Response<Bytes> {
    if request.headers().get("authorization").is_none_or(|given| *given != format!("Bearer {TOKEN}")) {
        return http_server::json(401, &json!({ "error": "Unauthorized: the token is missing or wrong" }));
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/v2") => {
            http_server::json(200, &json!("Hello, this is HTTP API v2 (Hrana over HTTP)"))
        }
        (&Method::POST, "/v2/pipeline") => pipeline(database, request.body()).await,
        _ => http_server::json(404, &json!({ "error": "not found" })),
    }
}

async fn pipeline(database: Arc<Database>, body: &Bytes) -> Response<Bytes> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return plain(400, "Could not deserialize JSON request body");
    };
    let Some(requests) = body["requests"].as_array().cloned() else {
        return plain(400, "missing field `requests`");
    };
    let stream = match body["baton"].as_str() {
        None => None,
        Some(baton) => match database.waiting().remove(baton) {
            Some(stream) => Some(stream),
            None => return plain(400, "The stream has expired due to inactivity, or the baton is wrong"),
        },
    };
    let turn = if stream.is_none() { Some(Arc::clone(&database.turn).lock_owned().await) } else { None };
    let work = move || {
        let _turn = turn;
        let mut stream = match stream {
            Some(stream) => stream,
            None => Stream::open(&database.folder.path().join("database.db"))?,
        };
        let results: Vec<Value> = requests.iter().map(|request| stream.handle(request)).collect();
        let baton = (!stream.is_closed()).then(|| database.keep(stream));
        Ok::<_, String>(json!({ "baton": baton, "base_url": null, "results": results }))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(answer)) => http_server::json(200, &answer),
        Ok(Err(problem)) => plain(500, &problem),
        Err(panicked) => plain(500, &panicked.to_string()),
    }
}

fn plain(status: u16, text: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(text.as_bytes())).expect("a status")
}

impl Database {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, Stream>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a stream for a later request, which must bring the new baton.
    fn keep(&self, stream: Stream) -> String {
        let baton = format!("baton-{}", self.batons.fetch_add(1, Ordering::SeqCst));
        self.waiting().insert(baton.clone(), stream);
        baton
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
