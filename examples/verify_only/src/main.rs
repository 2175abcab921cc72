//! An API that does nothing but verify the session cookies of an Auth.js application. It has no database and no provider.
//!
//! ```sh
//! AUTH_SECRET=the-same-as-the-application cargo run -p verify_only
//! curl -H "cookie: authjs.session-token=…" http://127.0.0.1:3000/api/me
//! ```

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Router, routing::get};
use vestibule::token::Verifier;

/// Who calls, or 401.
async fn me(State(verifier): State<Arc<Verifier>>, headers: HeaderMap) -> Result<String, StatusCode> {
    let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs().cast_signed());
    let claims = verifier
        .verify(texts(header::COOKIE), texts(header::AUTHORIZATION).next(), now)
        .map_err(|_| StatusCode::UNAUTHORIZED)?
        .ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(format!("Hello, {}", claims.text("name").or(claims.text("email")).unwrap_or("whoever you are")))
}

/// The port, which tests choose.
fn port() -> String {
    std::env::var("PORT").unwrap_or_else(|_| "3000".into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("AUTH_SECRET").map_err(|_| "set AUTH_SECRET to the application's secret")?;
    let verifier = Arc::new(Verifier::new(&[secret]));
    let app = Router::new().route("/api/me", get(me)).with_state(verifier);
    let address = format!("127.0.0.1:{}", port());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("Try http://{address}/api/me with a session cookie");
    Ok(axum::serve(listener, app).await?)
}
