//! axum-login with the PostgreSQL store of tower-sessions, to be measured from outside: the usual way to have sessions
//! in a database with axum.
//!
//! `POST /sign-in/{id}` begins a session, and `GET /auth/session` answers as Auth.js does.

use anyhow::{Context, Result};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_login::tower_sessions::SessionManagerLayer;
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
use serde_json::{Value, json};
use tower_sessions_sqlx_store::PostgresStore;
use tower_sessions_sqlx_store::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tower_sessions_sqlx_store::sqlx::{self, PgPool};
use vestibule_bench_servers::Options;

#[derive(Clone, Debug)]
struct User {
    id: i32,
    name: Option<String>,
    email: Option<String>,
    image: Option<String>,
}

impl AuthUser for User {
    type Id = i32;

    fn id(&self) -> i32 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        // Somebody who signs in elsewhere has no password; the address stands for it.
        self.email.as_deref().unwrap_or_default().as_bytes()
    }
}

type Columns = (i32, Option<String>, Option<String>, Option<String>);

#[derive(Clone, Debug)]
struct Users(PgPool);

impl AuthnBackend for Users {
    type User = User;
    type Credentials = i32;
    type Error = sqlx::Error;

    async fn authenticate(&self, id: i32) -> Result<Option<User>, sqlx::Error> {
        self.get_user(&id).await
    }

    async fn get_user(&self, id: &i32) -> Result<Option<User>, sqlx::Error> {
        let text = "SELECT id, name, email, image FROM users WHERE id = $1";
        let found: Option<Columns> = sqlx::query_as(text).bind(id).fetch_optional(&self.0).await?;
        Ok(found.map(|(id, name, email, image)| User { id, name, email, image }))
    }
}

async fn sign_in(mut session: AuthSession<Users>, Path(id): Path<i32>) -> StatusCode {
    let Ok(Some(user)) = session.authenticate(id).await else { return StatusCode::NOT_FOUND };
    match session.login(&user).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn session(session: AuthSession<Users>) -> Json<Value> {
    Json(match session.user {
        Some(User { name, email, image, .. }) => {
            json!({ "user": { "name": name, "email": email, "image": image } })
        }
        None => Value::Null,
    })
}

#[tokio::main]
async fn main() -> Result<()> {
    let database = Options::read()?.database.context("no database")?;
    let options = database.url.parse::<PgConnectOptions>()?.options([("search_path", &database.schema)]);
    // The fastest that sqlx can be: it asks for a sign of life before each use otherwise.
    let pool = PgPoolOptions::new().max_connections(20).test_before_acquire(false);
    let pool = pool.connect_with(options).await?;
    let store = PostgresStore::new(pool.clone());
    store.migrate().await?;
    let layer = AuthManagerLayerBuilder::new(Users(pool), SessionManagerLayer::new(store).with_secure(false));
    let router = Router::new()
        .route("/sign-in/{id}", post(sign_in))
        .route("/auth/session", get(session))
        .layer(layer.build());
    vestibule_bench_servers::serve(router).await
}
