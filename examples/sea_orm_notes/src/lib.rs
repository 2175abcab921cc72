//! Notes of people who sign in by e-mail. The application's database is a connection of sea-orm, and Vestibule's tables are
//! in it, beside the application's own.

mod entity;

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Router, routing::get};
use maud::{DOCTYPE, html};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryOrder, Schema,
};
use serde::Deserialize;
use vestibule::axum::{Auth, SignedIn};
use vestibule::{Config, EmailProvider, Engine, IdKind, Mailer, Parts};
use vestibule_sea_orm::SeaOrm;
use vestibule_sql::{Profile, SqlAdapter, schema};

use crate::entity::{note, user};

#[derive(Clone, FromRef)]
struct App {
    auth: Auth,
    database: DatabaseConnection,
}

/// The application on a connection of sea-orm, to SQLite or PostgreSQL. Makes the tables that are missing.
///
/// # Errors
///
/// If the database does not answer, or its tables are others.
pub async fn app(
    database: DatabaseConnection,
    mailer: Arc<dyn Mailer>,
) -> Result<Router, Box<dyn std::error::Error>> {
    // Ids of text are the same type for sea-orm on every database.
    let profile = Profile::authjs().with_id_kind(IdKind::Text);
    let driver = SeaOrm::new(&database).await?;
    schema::apply(&driver, &schema::inspect(&driver, &profile).await?.additions()).await?;
    let store = SqlAdapter::inspect(driver, profile).await?;
    // Your migrations do this.
    let notes = Schema::new(database.get_database_backend()).create_table_from_entity(note::Entity);
    database.execute(notes.clone().if_not_exists()).await?;

    let config = Config::new("a secret of 32 or more random characters")
        .with_base_url("http://127.0.0.1:3000")
        .with_provider(EmailProvider::new("Notes <no-reply@example.com>"));
    let auth = Auth::new(Engine::new(config, Parts::new(Arc::new(store), mailer))?);
    Ok(Router::new()
        .route("/", get(show).post(add))
        .layer(auth.layer())
        .nest("/auth", auth.router())
        .with_state(App { auth, database }))
}

/// The signed-in user's row and notes, in one query of sea-orm.
async fn show(SignedIn(who): SignedIn, State(app): State<App>) -> Result<Html<String>, Failure> {
    let found = user::Entity::find_by_id(who.user.id.as_str())
        .find_with_related(note::Entity)
        .order_by_asc(note::COLUMN.id)
        .all(&app.database)
        .await?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Notes" } }
            body {
                @for (user, notes) in &found {
                    h1 { "Notes of " (user.name.as_ref().or(user.email.as_ref()).unwrap_or(&user.id)) }
                    ul { @for note in notes { li { (note.text) } } }
                }
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
struct NewNote {
    text: String,
}

/// Writes a note of the signed-in user. Other sites' forms come without the session cookie, which is `SameSite=Lax`.
async fn add(
    SignedIn(who): SignedIn,
    State(app): State<App>,
    Form(new): Form<NewNote>,
) -> Result<Redirect, Failure> {
    let note = note::ActiveModel {
        user_id: Set(who.user.id.as_str().to_owned()),
        text: Set(new.text),
        ..Default::default()
    };
    note.insert(&app.database).await?;
    Ok(Redirect::to("/"))
}

struct Failure(DbErr);

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        (StatusCode::SERVICE_UNAVAILABLE, "Please try again.").into_response()
    }
}
