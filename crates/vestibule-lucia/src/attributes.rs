//! Columns of the application's own, from and into its own types.
//!
//! A mismatch is told by column and kind, never by value: a column may hold a secret.

mod diagnosis;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use vestibule_core::{Entity, Extra, Timestamp, User};

const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// No columns, or none that matter here: what stands in the rows is passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoAttributes {}

/// The application's own columns do not fit its own type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the attributes of a {entity} do not fit: {problem}")]
pub struct AttributesError {
    entity: Entity,
    column: Option<Box<str>>,
    problem: Box<str>,
}

impl AttributesError {
    fn new(entity: Entity, column: Option<&str>, problem: impl Into<Box<str>>) -> Self {
        Self { entity, column: column.map(Into::into), problem: problem.into() }
    }

    /// Whose attributes: those of a user or of a session.
    pub fn entity(&self) -> Entity {
        self.entity
    }

    /// The column that does not fit, where one can be named.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }
}

/// The columns of a session that is to be created. `null` is written, what is absent gets the database's default.
pub(crate) fn of_new_session(attributes: &impl Serialize) -> Result<Extra, AttributesError> {
    let refused = |problem: &str| AttributesError::new(Entity::Session, None, problem);
    match serde_json::to_value(attributes) {
        Ok(Value::Object(columns)) => {
            Ok(columns.into_iter().map(|(name, value)| (name.into(), value)).collect())
        }
        Ok(Value::Null) => Ok(Extra::new()),
        Ok(_) => Err(refused("they are neither a struct nor a map")),
        Err(_) => Err(refused("they cannot be written as JSON")),
    }
}

/// The attributes of a session.
pub(crate) fn of_session<S: DeserializeOwned>(extra: &Extra) -> Result<S, AttributesError> {
    decode(Entity::Session, extra.iter().map(|(name, value)| (&**name, value)))
}

/// The attributes of a user: every column but the id.
///
/// Where the profile maps columns to the contract's own fields, they are attributes as well, under the names
/// `name`, `email`, `emailVerified` and `image`; a column of the application's own goes before them.
pub(crate) fn of_user<U: DeserializeOwned>(user: &User) -> Result<U, AttributesError> {
    let fields = fields(user);
    let fields = fields.iter().filter(|(name, _)| !user.extra.contains_key(**name));
    let fields = fields.map(|(name, value)| (*name, value));
    decode(Entity::User, fields.chain(user.extra.iter().map(|(name, value)| (&**name, value))))
}

fn fields(user: &User) -> BTreeMap<&'static str, Value> {
    let verified = user.email_verified.and_then(iso);
    [("name", user.name.clone()), ("email", user.email.clone()), ("emailVerified", verified)]
        .into_iter()
        .chain([("image", user.image.clone())])
        .filter_map(|(name, value)| Some((name, Value::String(value?))))
        .collect()
}

/// As JavaScript's `Date.toJSON` writes it, which is how points in time stand in [`Extra`].
fn iso(at: Timestamp) -> Option<String> {
    let date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_millis()) * 1_000_000).ok()?;
    date.format(ISO).ok()
}

fn decode<'a, T: DeserializeOwned>(
    entity: Entity,
    columns: impl Iterator<Item = (&'a str, &'a Value)> + Clone,
) -> Result<T, AttributesError> {
    T::deserialize(MapDeserializer::<_, serde_json::Error>::new(columns.clone()))
        .map_err(|_| diagnosis::of::<T>(entity, columns))
}

#[cfg(test)]
mod tests;
