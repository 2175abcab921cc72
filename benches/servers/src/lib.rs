//! What the servers have in common: their argument, and how they begin and end.

use anyhow::{Context, Result};
use axum::Router;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The first argument, as JSON.
#[derive(Debug, Deserialize)]
pub struct Options {
    /// What sessions and tokens are sealed with.
    pub secret: String,
    /// Where sessions are.
    pub session: Session,
    /// Where the tables are, if there are any.
    pub database: Option<Database>,
    /// Where the provider of OAuth is.
    pub provider: Option<String>,
}

/// Where sessions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Session {
    /// In the database.
    Database,
    /// In the cookie.
    Jwt,
}

/// Tables in a schema.
#[derive(Debug, Deserialize)]
pub struct Database {
    /// The database's URL.
    pub url: String,
    /// The name of the schema.
    pub schema: String,
}

impl Options {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// If there is no argument, or it makes no sense.
    pub fn read() -> Result<Self> {
        let argument = std::env::args().nth(1).context("the first argument is missing")?;
        serde_json::from_str(&argument).context("the first argument")
    }
}

/// Serves on a free port, says which, and ends with the standard input.
///
/// # Errors
///
/// If there is no port.
pub async fn serve(router: Router) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serde_json::json!({ "port": listener.local_addr()?.port() }));
    let end = async {
        let mut rest = Vec::new();
        drop(tokio::io::stdin().read_to_end(&mut rest).await);
    };
    tokio::select! {
        served = axum::serve(listener, router).into_future() => Ok(served?),
        () = end => Ok(()),
    }
}
