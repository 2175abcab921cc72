//! What a provider tells about a user, and how it is read.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use vestibule_core::Extra;

/// What a provider tells about a user.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UserInfo {
    /// The user's id at the provider. Numbers are text, as JavaScript writes them.
    pub id: Box<str>,
    /// A name for display.
    pub name: Option<String>,
    /// The e-mail address as the provider writes it.
    pub email: Option<String>,
    /// Whether the provider says that the address is the user's. Absent when it says nothing about it.
    pub email_verified: Option<bool>,
    /// The URL of a picture.
    pub image: Option<String>,
    /// Columns of the application's own.
    pub extra: Extra,
}

impl UserInfo {
    /// A user of whom the id alone is known.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self {
            id: id.into(),
            name: None,
            email: None,
            email_verified: None,
            image: None,
            extra: Extra::new(),
        }
    }

    /// Reads the standard claims of OpenID Connect, which is what a provider without a mapping of its own gets.
    ///
    /// `sub`, else `id`; `name`, else `nickname`, else `preferred_username`; `email`; `picture`. `email_verified` may
    /// be a boolean or, as Apple writes it, a string.
    ///
    /// # Errors
    ///
    /// [`ProfileError::IdMissing`] if there is neither `sub` nor `id`.
    pub fn from_claims(claims: &Value) -> Result<Self, ProfileError> {
        let text = |name: &str| claims.get(name).and_then(text_of).filter(|text| !text.is_empty());
        let id = text("sub").or_else(|| text("id")).ok_or(ProfileError::IdMissing)?;
        let mut user = Self::new(id);
        user.name = text("name").or_else(|| text("nickname")).or_else(|| text("preferred_username"));
        user.email = text("email");
        user.email_verified = claims.get("email_verified").and_then(truth_of);
        user.image = text("picture");
        Ok(user)
    }
}

/// The text of a string or a number; of anything else, nothing.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

type Reading = dyn Fn(&Value) -> Result<UserInfo, ProfileError> + Send + Sync;

/// Turns a provider's claims, or the answer of its userinfo endpoint, into [`UserInfo`].
#[derive(Clone)]
pub struct UserInfoMapping {
    reading: Arc<Reading>,
    vouches: bool,
}

impl UserInfoMapping {
    /// Takes a function.
    ///
    /// The value is what the provider said, unchecked but for being JSON. Nothing that the function does not find may
    /// be made up; an id above all.
    pub fn new(reading: impl Fn(&Value) -> Result<UserInfo, ProfileError> + Send + Sync + 'static) -> Self {
        Self { reading: Arc::new(reading), vouches: true }
    }

    /// Says that the provider never tells whether an address is verified, so that anybody may have typed it in there.
    ///
    /// Where nobody says so, an address without a word about it is taken to be the user's own, as Auth.js takes it.
    #[must_use]
    pub fn without_verified_addresses(mut self) -> Self {
        self.vouches = false;
        self
    }

    /// Whether the provider tells of addresses whether they are verified.
    pub fn vouches_for_addresses(&self) -> bool {
        self.vouches
    }

    /// Reads a profile.
    ///
    /// # Errors
    ///
    /// [`ProfileError`], by what is missing. An id that is empty is missing.
    pub fn read(&self, profile: &Value) -> Result<UserInfo, ProfileError> {
        let user = (self.reading)(profile)?;
        if user.id.is_empty() { Err(ProfileError::IdMissing) } else { Ok(user) }
    }
}

impl Default for UserInfoMapping {
    /// [`UserInfo::from_claims`].
    fn default() -> Self {
        Self::new(UserInfo::from_claims)
    }
}

impl fmt::Debug for UserInfoMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserInfoMapping(…)")
    }
}

/// Why what a provider told about a user is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// There is nothing that names the user.
    #[error("what the provider told about the user has no id")]
    IdMissing,

    /// Something else that the mapping needs is missing or of the wrong kind.
    #[error("what the provider told about the user lacks {0}")]
    Lacks(Box<str>),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::any_json;

    fn read(profile: &Value) -> Result<UserInfo, ProfileError> {
        UserInfoMapping::default().read(profile)
    }

    #[test]
    fn the_standard_claims_are_read() {
        let claims = json!({
            "sub": "248289761001", "name": "Jane Doe", "email": "jane@example.com", "email_verified": true,
            "picture": "https://example.com/jane.jpg", "nickname": "jd",
        });

        let user = read(&claims).unwrap();

        let mut expected = UserInfo::new("248289761001");
        expected.name = Some("Jane Doe".into());
        expected.email = Some("jane@example.com".into());
        expected.email_verified = Some(true);
        expected.image = Some("https://example.com/jane.jpg".into());
        assert_eq!(user, expected);
    }

    #[test]
    fn a_numeric_id_is_text_and_a_missing_name_is_taken_from_elsewhere() {
        let user = read(&json!({"id": 9_007_199_254_740_993_u64, "preferred_username": "jane"})).unwrap();

        assert_eq!(&*user.id, "9007199254740993");
        assert_eq!(user.name.as_deref(), Some("jane"));
        assert_eq!(user.email_verified, None);
    }

    #[test]
    fn without_an_id_there_is_no_user() {
        for profile in [
            json!({}),
            json!({"sub": ""}),
            json!({"sub": null}),
            json!({"sub": {}}),
            json!({"message": "Bad credentials"}),
            json!([]),
        ] {
            assert_eq!(read(&profile), Err(ProfileError::IdMissing), "{profile}");
        }
    }

    #[test]
    fn a_mapping_that_makes_an_empty_id_is_refused() {
        let mapping = UserInfoMapping::new(|_| Ok(UserInfo::new("")));

        assert_eq!(mapping.read(&json!({})), Err(ProfileError::IdMissing));
    }

    proptest! {
        #[test]
        fn no_profile_makes_it_panic_and_no_user_is_without_an_id(
            profile in any_json::object(&["sub", "id", "name", "nickname", "email", "email_verified", "picture"]),
        ) {
            if let Ok(user) = read(&Value::Object(profile)) {
                prop_assert!(!user.id.is_empty());
            }
        }
    }

    #[test]
    fn email_verified_may_be_a_string() {
        let verified =
            |value: Value| read(&json!({"sub": "1", "email_verified": value})).unwrap().email_verified;

        assert_eq!(verified(json!("true")), Some(true));
        assert_eq!(verified(json!("false")), Some(false));
        assert_eq!(verified(json!("yes")), None);
        assert_eq!(verified(json!(1)), None);
    }
}
