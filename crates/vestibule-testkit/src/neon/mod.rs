//! Neon's SQL over HTTP in front of any PostgreSQL server.
//!
//! Written after the observable behavior of Neon's own proxy (`proxy/src/serverless` in neondatabase/neon), and shown
//! to be faithful by Neon's own client for JavaScript, which runs against it in a test.

mod json;
mod protocol;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use url::Url;

use crate::http_server::HttpServer;
use wire::{Connection, Fault};

/// What a client must give as its password.
const PASSWORD: &str = "bridge-password";
/// How many connections there are at once, as at Neon.
const MOST_CONNECTIONS: usize = 20;

/// A server that speaks SQL over HTTP and runs everything on a PostgreSQL server.
#[derive(Debug)]
pub struct NeonBridge {
    http: HttpServer,
    connection_string: String,
}

impl NeonBridge {
    /// Starts a bridge to the server of `postgres_url`, for clients with a password.
    ///
    /// # Panics
    ///
    /// If the URL makes no sense or no port is free.
    pub async fn start(postgres_url: &str) -> Self {
        Self::start_for(postgres_url, None).await
    }

    /// Starts a bridge for clients that bring this token as `Authorization: Bearer` and need no password.
    ///
    /// # Panics
    ///
    /// If the URL makes no sense or no port is free.
    pub async fn start_with_token(postgres_url: &str, token: &str) -> Self {
        Self::start_for(postgres_url, Some(token.to_owned())).await
    }

    async fn start_for(postgres_url: &str, token: Option<String>) -> Self {
        let server = Url::parse(postgres_url).expect("a URL of a PostgreSQL server");
        let database = server.path().trim_start_matches('/');
        let password = if token.is_some() { String::new() } else { format!(":{PASSWORD}") };
        let connection_string =
            format!("postgresql://{}{password}@ep-bridge.local.test/{database}", server.username());
        let backend = Arc::new(Backend {
            server,
            token,
            idle: Mutex::default(),
            permits: Semaphore::new(MOST_CONNECTIONS),
        });
        let http = HttpServer::start(move |request| {
            let backend = Arc::clone(&backend);
            async move { protocol::answer(&backend, request).await }
        })
        .await;
        Self { http, connection_string }
    }

    /// Where queries are sent.
    pub fn endpoint(&self) -> String {
        self.http.url("/sql")
    }

    /// What a client has in its environment.
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.http.requests()
    }
}

/// The PostgreSQL server, and connections to it that are not used now.
struct Backend {
    server: Url,
    token: Option<String>,
    idle: Mutex<Vec<(Login, Connection)>>,
    permits: Semaphore,
}

/// Whom a client is, and what it wants to have set.
#[derive(Clone, PartialEq, Eq)]
struct Login {
    user: String,
    database: String,
    parameters: Vec<(String, String)>,
}

impl Backend {
    /// A connection of this login's, fresh or as good as.
    async fn connect(&self, login: &Login) -> Result<Connection, Fault> {
        let taken = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let at = idle.iter().position(|(whose, _)| whose == login);
            at.map(|at| idle.swap_remove(at).1)
        };
        match taken {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.server, login).await,
        }
    }

    /// Keeps a connection for the next one.
    async fn give_back(&self, login: Login, mut connection: Connection) {
        if connection.run("DISCARD ALL", &[]).await.is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((login, connection));
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
