//! A provider of OAuth 2 that knows every code: the load generator's own, and not counted.

use axum::extract::Form;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts it; says where.
pub(super) async fn start() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/token", post(token)).route("/user", get(user));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

#[derive(Deserialize)]
struct Redeemed {
    code: String,
}

/// The code is the number of the account, and so is the access token.
async fn token(Form(Redeemed { code }): Form<Redeemed>) -> Json<Value> {
    Json(json!({ "access_token": code, "token_type": "bearer", "scope": "read:user,user:email" }))
}

async fn user(headers: HeaderMap) -> Json<Value> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let id = bearer.split_once(' ').map_or("", |(_, token)| token);
    let number = id.parse::<u64>().unwrap_or(0);
    let image = format!("https://example.com/avatars/{number}.png");
    Json(json!({
        "id": number, "sub": id, "login": format!("user{number}"), "name": format!("User {number}"),
        "email": format!("user{number}@example.com"), "avatar_url": image, "picture": image,
    }))
}
