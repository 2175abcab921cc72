//! An axum application that people sign in to with GitHub or by e-mail.
//!
//! ```sh
//! AUTH_GITHUB_ID=… AUTH_GITHUB_SECRET=… cargo run -p axum_github
//! ```
//!
//! At GitHub the callback is `http://127.0.0.1:3000/auth/callback/github`. Without the two variables one signs in by e-mail
//! alone; with those of other providers, by them as well.

use std::sync::Arc;

use axum::{Router, routing::get};
use vestibule::axum::{Auth, SignedIn};
use vestibule::http::HyperClient;
use vestibule::rusqlite::Rusqlite;
use vestibule::sql::{Profile, SqlAdapter, schema};
use vestibule::{
    Config, EmailProvider, Engine, Linking, Mail, MailError, Mailer, OAuthProvider, Parts, providers,
};

async fn account(SignedIn(who): SignedIn) -> String {
    let name = who.user.name.or(who.user.email).unwrap_or_default();
    format!("Hello, {name}")
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

/// The port, which tests choose.
fn port() -> String {
    std::env::var("PORT").unwrap_or_else(|_| "3000".into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let driver = Rusqlite::open("github.db")?;
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = SqlAdapter::inspect(driver, profile).await?;

    let address = format!("127.0.0.1:{}", port());
    let mut config = Config::new("a secret of 32 or more random characters")
        .with_base_url(format!("http://{address}"))
        .with_provider(EmailProvider::new("App <no-reply@example.com>"));
    for provider in providers::from_env(|name| std::env::var(name).ok())? {
        // Who signed in by e-mail before is the same person at a provider that has verified the address.
        config = config.with_provider(OAuthProvider::new(provider).with_linking(Linking::SameVerifiedEmail));
    }
    let parts =
        Parts::new(Arc::new(store), Arc::new(Terminal)).with_http_client(Arc::new(HyperClient::new()));
    let auth = Auth::new(Engine::new(config, parts)?);

    let app = Router::new()
        .route("/account", get(account))
        .layer(auth.layer())
        .nest("/auth", auth.router())
        .with_state(auth);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("Open http://{address}/account");
    Ok(axum::serve(listener, app).await?)
}
