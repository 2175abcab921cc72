//! Notes of people who sign in by e-mail. The application's database is a pool of diesel-async, and Vestibule's tables are
//! in it, beside the application's own.

mod tables;

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Router, routing::get};
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use maud::{DOCTYPE, html};
use serde::Deserialize;
use vestibule::axum::{Auth, SignedIn};
use vestibule::{Config, EmailProvider, Engine, IdKind, Mailer, Parts};
use vestibule_diesel_async::DieselAsync;
use vestibule_sql::{Profile, SqlAdapter, schema};

use crate::tables::{CREATE_NOTES, NewNote, Note, User, notes, users};

#[derive(Clone, FromRef)]
struct App {
    auth: Auth,
    pool: Pool<AsyncPgConnection>,
}

/// The application on a pool of diesel-async. Makes the tables that are missing.
///
/// # Errors
///
/// If the database does not answer, or its tables are others.
pub async fn app(
    pool: Pool<AsyncPgConnection>,
    mailer: Arc<dyn Mailer>,
) -> Result<Router, Box<dyn std::error::Error>> {
    // Ids of text need no conversion on their way through diesel.
    let profile = Profile::authjs().with_id_kind(IdKind::Text);
    let driver = DieselAsync::new(pool.clone());
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = SqlAdapter::inspect(driver, profile).await?;
    pool.get().await?.batch_execute(CREATE_NOTES).await?;

    let config = Config::new("a secret of 32 or more random characters")
        .with_base_url("http://127.0.0.1:3000")
        .with_provider(EmailProvider::new("Notes <no-reply@example.com>"));
    let auth = Auth::new(Engine::new(config, Parts::new(Arc::new(store), mailer))?);
    Ok(Router::new()
        .route("/", get(show).post(add))
        .layer(auth.layer())
        .nest("/auth", auth.router())
        .with_state(App { auth, pool }))
}

/// The signed-in user's row and notes, in one query of diesel.
async fn show(SignedIn(who): SignedIn, State(app): State<App>) -> Result<Html<String>, Failure> {
    let mut connection = app.pool.get().await?;
    let found: Vec<(User, Option<Note>)> = users::table
        .left_join(notes::table)
        .filter(users::id.eq(who.user.id.as_str()))
        .order(notes::id)
        .select((User::as_select(), Option::<Note>::as_select()))
        .load(&mut connection)
        .await?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Notes" } }
            body {
                @if let [(user, _), ..] = &found[..] {
                    h1 { "Notes of " (user.name.as_ref().or(user.email.as_ref()).unwrap_or(&user.id)) }
                }
                ul { @for note in found.iter().filter_map(|(_, note)| note.as_ref()) { li { (note.text) } } }
                form method="post" {
                    label { "Note " input name="text" required; }
                    button { "Add" }
                }
                p { a href="/auth/signout" { "Sign out" } }
            }
        }
    };
    Ok(Html(page.into_string()))
}

#[derive(Deserialize)]
struct Written {
    text: String,
}

/// Writes a note of the signed-in user. Other sites' forms come without the session cookie, which is `SameSite=Lax`.
async fn add(
    SignedIn(who): SignedIn,
    State(app): State<App>,
    Form(written): Form<Written>,
) -> Result<Redirect, Failure> {
    let note = NewNote { user_id: who.user.id.as_str(), text: &written.text };
    diesel::insert_into(notes::table).values(note).execute(&mut app.pool.get().await?).await?;
    Ok(Redirect::to("/"))
}

struct Failure(Box<dyn std::error::Error>);

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        (StatusCode::SERVICE_UNAVAILABLE, "Please try again.").into_response()
    }
}
