//! An axum application that people sign in to by e-mail. The README shows it.

use std::sync::Arc;

use axum::{Router, routing::get};
use vestibule::axum::{Auth, SignedIn};
use vestibule::rusqlite::Rusqlite;
use vestibule::sql::{Profile, SqlAdapter, schema};
use vestibule::{Config, EmailProvider, Engine, Mail, MailError, Mailer, Parts};

/// Only for those who are signed in; others are led to the sign-in page.
async fn account(SignedIn(who): SignedIn) -> String {
    format!("Hello, {}", who.user.email.unwrap_or_default())
}

async fn home(who: Option<SignedIn>) -> &'static str {
    if who.is_some() { "Welcome back" } else { "Welcome. Your account is at /account" }
}

/// Prints mails. Yours sends them.
#[derive(Debug)]
struct Terminal;

#[async_trait::async_trait]
impl Mailer for Terminal {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        println!("To {}:\n{}", mail.to, mail.text);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let driver = Rusqlite::open("app.db")?;
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = SqlAdapter::inspect(driver, profile).await?;

    let config = Config::new("a secret of 32 or more random characters")
        .with_base_url("http://127.0.0.1:3000")
        .with_provider(EmailProvider::new("App <no-reply@example.com>"));
    let auth = Auth::new(Engine::new(config, Parts::new(Arc::new(store), Arc::new(Terminal)))?);

    let app = Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .layer(auth.layer())
        .merge(auth.merged_router())
        .with_state(auth);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("Open http://127.0.0.1:3000/account");
    Ok(axum::serve(listener, app).await?)
}
