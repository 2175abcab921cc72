//! What diesel knows of the tables.

use diesel::prelude::*;

diesel::table! {
    /// Vestibule's table of users, as far as this application reads it. Vestibule makes it and writes it.
    users (id) {
        id -> Text,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    /// The application's own table. A note goes when its user does.
    notes (id) {
        id -> BigInt,
        user_id -> Text,
        text -> Text,
    }
}

diesel::joinable!(notes -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, notes);

/// Your migrations do this.
pub(crate) const CREATE_NOTES: &str = "CREATE TABLE IF NOT EXISTS notes (
    id bigserial PRIMARY KEY,
    user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    text text NOT NULL
)";

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notes, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Note {
    pub(crate) text: String,
}

#[derive(Insertable)]
#[diesel(table_name = notes)]
pub(crate) struct NewNote<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) text: &'a str,
}
