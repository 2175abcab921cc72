//! What sea-orm knows of the tables.

pub(crate) mod note;
pub(crate) mod user;
