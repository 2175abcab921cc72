//! Users and sessions as types of the application's own.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use vestibule_core::Extra;

use crate::session::{CurrentSession, KeptIn};
use crate::time::iso;

impl CurrentSession {
    /// The user as a type of the application's own.
    ///
    /// It is read from `id`, `name`, `email`, `emailVerified` (ISO 8601, or null), `image` and the application's own columns
    /// by the names that they have in the profile; of a JWT session from what its token says, under the same names, and its
    /// other claims.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Member {
    ///     id: String,
    ///     role: Option<String>,
    /// }
    /// # fn of(session: &vestibule_engine::CurrentSession) -> Result<(), serde_json::Error> {
    /// let member: Member = session.user_as()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What does not fit, and where; never a value.
    pub fn user_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let user = &self.user;
        let mut members = match &self.source {
            KeptIn::Database(_) => members(&user.extra),
            KeptIn::Jwt(claims) => claims.to()?,
        };
        members.insert("id".into(), json!(user.id.as_str()));
        for (name, text) in [("name", &user.name), ("email", &user.email), ("image", &user.image)] {
            members.insert(name.into(), json!(text));
        }
        let verified = user.email_verified.map(|at| iso(at).as_str().to_owned());
        members.insert("emailVerified".into(), json!(verified));
        serde_json::from_value(Value::Object(members))
    }

    /// What the application keeps in the session, as a type of its own: the session's own columns by the names that they
    /// have in the profile, or the claims of the token.
    ///
    /// # Errors
    ///
    /// What does not fit, and where; never a value.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        match &self.source {
            KeptIn::Database(session) => serde_json::from_value(Value::Object(members(&session.extra))),
            KeptIn::Jwt(claims) => claims.to(),
        }
    }
}

fn members(extra: &Extra) -> Map<String, Value> {
    extra.iter().map(|(name, value)| (name.to_string(), value.clone())).collect()
}
