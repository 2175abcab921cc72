//! Names and passwords, hashed with Argon2id, and sessions in the cookie, or in the database with `SESSIONS=database`.
//!
//! ```sh
//! cargo run -p credentials_argon2     # then sign in as ada@example.com with the password "correct horse"
//! ```

mod passwords;

use std::sync::Arc;

use axum::{Router, routing::get};
use serde_json::Value;
use vestibule::axum::{Auth, SignedIn};
use vestibule::rusqlite::Rusqlite;
use vestibule::sql::{ExtraColumn, ExtraKind, Profile, SqlAdapter, Table, schema};
use vestibule::{
    CallbackError, Callbacks, Claims, Config, CredentialsProvider, Engine, Field, JwtCause, JwtPolicy, Mail,
    MailError, Mailer, Parts, SessionStrategy,
};

use passwords::Passwords;

async fn account(SignedIn(who): SignedIn) -> String {
    format!("Hello, {}", who.user.name.or(who.user.email).unwrap_or_default())
}

/// Lets people change the name in their session in the cookie, as `update({ name })` of the client for React does.
struct Renaming;

#[async_trait::async_trait]
impl Callbacks for Renaming {
    async fn jwt(&self, mut claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        if let JwtCause::Update(data) = cause
            && let Some(name) = data.get("name").and_then(Value::as_str).filter(|name| name.len() <= 100)
        {
            claims.insert("name", name);
        }
        Ok(Some(claims))
    }
}

/// Nobody signs in by e-mail here.
#[derive(Debug)]
struct NoMail;

#[async_trait::async_trait]
impl Mailer for NoMail {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Refused("this application sends no mail".into()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let address = variable("LISTEN", "127.0.0.1:3000");
    let driver = Rusqlite::open(variable("DATABASE_FILE", "passwords.db"))?;
    let password_hash = ExtraColumn::new("passwordHash", ExtraKind::Text);
    let profile = Profile::authjs().with_extra_column(Table::Users, password_hash);
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = Arc::new(SqlAdapter::inspect(driver, profile).await?);
    let passwords = Passwords::new(store.clone());
    passwords.sign_up("ada@example.com", "Ada Lovelace", "correct horse").await?;

    let provider = CredentialsProvider::new(passwords)
        .with_name("Password")
        .with_field(Field::text("email", "E-mail address").with_kind("email").with_autocomplete("username"))
        .with_field(Field::password("password", "Password"));
    let session = match variable("SESSIONS", "cookie").as_str() {
        "cookie" => JwtPolicy::default().into(),
        "database" => SessionStrategy::default(),
        other => return Err(format!("SESSIONS: neither cookie nor database: {other}").into()),
    };
    let config = Config::new(variable("AUTH_SECRET", "a secret of 32 or more random characters"))
        .with_base_url(variable("AUTH_URL", &format!("http://{address}")))
        .with_base_path("/api/auth")
        .with_session(session)
        .with_provider(provider);
    let parts = Parts::new(store, Arc::new(NoMail)).with_callbacks(Renaming);
    let auth = Auth::new(Engine::new(config, parts)?);

    let app = Router::new()
        .route("/account", get(account))
        .layer(auth.layer())
        .nest("/api/auth", auth.router())
        .with_state(auth);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("Open http://{}/account", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
