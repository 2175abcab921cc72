//! Sign-up, sign-in and sign-out with a password, as Lucia's guides have them: its tables, its cookie, its hashes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::{Form, Router, routing::get, routing::post};
use serde::Deserialize;
use vestibule::lucia::{Lucia, LuciaError, NoAttributes, PasswordHash, verify_request_origin};
use vestibule::rusqlite::Rusqlite;
use vestibule::sql::{Dialect, ExtraColumn, Profile, SqlAdapter, Table, schema};
use vestibule::{Adapter, AdapterError, Entity, NewUser, OsRandom, UserId};

/// What the pages may know of a user: not the password's hash.
#[derive(Deserialize)]
struct Member {
    email: String,
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Clone)]
struct App {
    store: Arc<dyn Adapter>,
    lucia: Lucia<NoAttributes, Member>,
}

/// The tables of Lucia v3 on SQLite, with two columns of the application's own.
fn profile() -> Profile {
    Profile::lucia(Dialect::Sqlite)
        .with_column(Table::Users, "email", "email")
        .with_extra_column(Table::Users, ExtraColumn::text("hashed_password"))
}

/// The application on the database in a file, or on one in memory that is called `:memory:`.
///
/// # Errors
///
/// If the file cannot be opened, or its tables are others.
pub async fn app(file: &str) -> Result<Router, Box<dyn std::error::Error>> {
    let driver = Rusqlite::open(file)?;
    schema::apply(&driver, &schema::inspect(&driver, &profile()).await?.additions()).await?;
    let store: Arc<dyn Adapter> = Arc::new(SqlAdapter::inspect(driver, profile()).await?);
    let lucia = Lucia::new(store.clone()).with_attributes();
    Ok(Router::new()
        .route("/", get(home))
        .route("/sign-up", post(sign_up))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(from_fn(only_own_pages))
        .with_state(App { store, lucia }))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Refuses what other sites' pages send.
async fn only_own_pages(request: Request, next: Next) -> Response {
    let host = text(request.headers(), header::HOST);
    let ours = verify_request_origin(text(request.headers(), header::ORIGIN), host);
    if ours || request.method().is_safe() {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

async fn home(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let cookies = text(&headers, header::COOKIE);
    let Some(id) = cookies.and_then(|cookies| app.lucia.read_session_cookie(cookies)) else {
        return Ok("Nobody is signed in.".into_response());
    };
    let (greeting, cookie) = match app.lucia.validate_session(&id).await? {
        None => ("Nobody is signed in any more.".to_owned(), Some(app.lucia.create_blank_session_cookie())),
        Some(found) => {
            let cookie = found.session.fresh.then(|| app.lucia.create_session_cookie(&id));
            (format!("Hello, {}", found.user.attributes.email), cookie)
        }
    };
    let cookie = cookie.map(|cookie| (header::SET_COOKIE, cookie.to_header()));
    Ok((AppendHeaders(cookie), greeting).into_response())
}

async fn sign_up(State(app): State<App>, Form(form): Form<Credentials>) -> Result<Response, Failure> {
    let email = form.email.to_lowercase();
    let hash = tokio::task::spawn_blocking(move || PasswordHash::new(&form.password, &OsRandom)).await;
    let mut user = NewUser::with_email(email);
    user.extra.insert("hashed_password".into(), hash.map_err(|_| Failure::Unavailable)?.expose().into());
    match app.store.create_user(&user, None).await {
        Ok(user) => begin(&app, &user.id).await,
        Err(AdapterError::Conflict { entity: Entity::User }) => Err(Failure::Taken),
        Err(error) => Err(LuciaError::from(error).into()),
    }
}

async fn sign_in(State(app): State<App>, Form(form): Form<Credentials>) -> Result<Response, Failure> {
    let user = app.store.user_by_email(&form.email.to_lowercase()).await.map_err(LuciaError::from)?;
    let hash =
        user.as_ref().and_then(|user| PasswordHash::parse(user.extra["hashed_password"].as_str()?).ok());
    // It takes as long whether or not there is such a user.
    let hash = hash.unwrap_or_else(PasswordHash::of_nobody);
    let is_right = tokio::task::spawn_blocking(move || hash.verify(&form.password)).await;
    match user {
        Some(user) if is_right.map_err(|_| Failure::Unavailable)? => begin(&app, &user.id).await,
        _ => Err(Failure::Wrong),
    }
}

async fn begin(app: &App, user: &UserId) -> Result<Response, Failure> {
    let session = app.lucia.create_session(user, &NoAttributes {}).await?;
    let cookie = app.lucia.create_session_cookie(&session.id).to_header();
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let cookies = text(&headers, header::COOKIE);
    if let Some(id) = cookies.and_then(|cookies| app.lucia.read_session_cookie(cookies)) {
        app.lucia.invalidate_session(&id).await?;
    }
    let cookie = app.lucia.create_blank_session_cookie().to_header();
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}

enum Failure {
    Taken,
    Unavailable,
    Wrong,
}

impl From<LuciaError> for Failure {
    /// A database that fails never looks like "signed out".
    fn from(error: LuciaError) -> Self {
        eprintln!("{error}");
        Self::Unavailable
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Taken => (StatusCode::CONFLICT, "There is such an account already.").into_response(),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Please try again.").into_response(),
            Self::Wrong => {
                (StatusCode::UNAUTHORIZED, "The address or the password is wrong.").into_response()
            }
        }
    }
}
