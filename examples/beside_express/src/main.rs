//! A Rust API beside an Auth.js Express application: one database, one secret, and whoever signs in there is signed in here.
//!
//! ```sh
//! AUTH_SECRET=a-secret-of-32-or-more-characters DATABASE_URL=postgres://… cargo run -p beside_express
//! ```
//!
//! Starts both: Express on port 3001, where one signs in, and the API on port 3000. Browsers send cookies to every port of a
//! host. The database has the tables of `@auth/pg-adapter`; they are made if they are not there.

use std::path::Path;
use std::sync::Arc;

use axum::{Router, routing::get};
use tokio::process::{Child, Command};
use vestibule::axum::{Auth, SignedIn};
use vestibule::sql::{Profile, SqlAdapter, schema};
use vestibule::tokio_postgres::{Settings, TokioPostgres};
use vestibule::{Config, Engine, Mail, MailError, Mailer, Parts};

async fn me(SignedIn(who): SignedIn) -> String {
    format!("Rust knows {}", who.user.email.unwrap_or_default())
}

/// Mails are Express's business.
#[derive(Debug)]
struct NoMail;

#[async_trait::async_trait]
impl Mailer for NoMail {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Refused("this service sends no mail".into()))
    }
}

/// The application in Node; it ends with this program.
async fn express() -> std::io::Result<Child> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("express");
    if !folder.join("node_modules").is_dir() {
        Command::new("npm").arg("ci").current_dir(&folder).status().await?;
    }
    Command::new("node").arg("server.mjs").current_dir(&folder).kill_on_drop(true).spawn()
}

/// The port, which tests choose.
fn port() -> String {
    std::env::var("PORT").unwrap_or_else(|_| "3000".into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = |name| std::env::var(name).map_err(|_| format!("set {name}"));
    let (secret, url) = (variable("AUTH_SECRET")?, variable("DATABASE_URL")?);
    let driver = TokioPostgres::connect(&Settings::from_url(&url)?)?;
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = SqlAdapter::inspect(driver, profile).await?;

    let address = format!("127.0.0.1:{}", port());
    let config = Config::new(secret).with_base_url(format!("http://{address}"));
    let auth = Auth::new(Engine::new(config, Parts::new(Arc::new(store), Arc::new(NoMail)))?);
    let app = Router::new()
        .route("/api/me", get(me))
        .layer(auth.layer())
        .nest("/auth", auth.router())
        .with_state(auth);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    let _express = express().await?;
    println!("Ask http://{address}/api/me once you are signed in");
    Ok(axum::serve(listener, app).await?)
}
