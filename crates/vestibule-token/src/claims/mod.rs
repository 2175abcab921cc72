//! The claims of a token: a JSON object whose members stay in order.
//!
//! A session that JavaScript wrote is opened, changed and sealed again without moving or losing a member that nobody
//! here knows. `serde_json::Value` would sort the members, unless its feature `preserve_order` is on, which is for a
//! whole program to decide.

mod claim;
pub(crate) mod json;
mod number;
mod serialize;

use std::fmt;

pub use claim::Claim;
pub use number::Number;
use serde::de::DeserializeOwned;

use crate::TokenError;

/// The claims of a token, in order.
///
/// Looking one up takes time in proportion to their number, which is small in a session.
///
/// ```
/// use vestibule_token::{Claim, Claims};
///
/// let mut claims = Claims::from_json(r#"{"name":"Zoë","email":null,"teams":{"b":1,"a":2.5}}"#)?;
/// claims.insert("sub", "42");
/// claims.insert("name", "Zoë B.");
///
/// assert_eq!(claims.text("sub"), Some("42"));
/// assert_eq!(claims.get("email"), Some(&Claim::Null));
/// assert_eq!(claims.to_json(), r#"{"name":"Zoë B.","email":null,"teams":{"b":1,"a":2.5},"sub":"42"}"#);
/// # Ok::<_, vestibule_token::TokenError>(())
/// ```
#[derive(Clone, Default)]
pub struct Claims {
    members: Vec<Member>,
}

type Member = (Box<str>, Claim);
type Borrow<'a> = fn(&'a Member) -> (&'a str, &'a Claim);

impl Claims {
    /// No claims.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the text of a JSON object.
    ///
    /// Of several members with one name the last value counts, in the place of the first, as `JSON.parse` has it. Half
    /// of a surrogate pair, which JavaScript can write and Rust cannot keep, becomes U+FFFD. Members whose names are
    /// whole numbers stay where they are, though `JSON.parse` moves them to the front.
    ///
    /// # Errors
    ///
    /// [`TokenError::Malformed`] if it is anything else, or more than 127 levels deep.
    pub fn from_json(text: &str) -> Result<Self, TokenError> {
        json::read(text).ok_or(TokenError::Malformed)
    }

    /// The text that `JSON.stringify` makes of the claims.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(256);
        json::write_members(self.iter(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Reads the claims into a type of one's own.
    ///
    /// # Errors
    ///
    /// If they are not like that type. The message may quote a claim.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.to_json())
    }

    /// The claim of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Claim> {
        self.members.iter().find(|(key, _)| **key == *name).map(|(_, claim)| claim)
    }

    /// The claim of this name, if there is one, to be changed in its place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Claim> {
        self.members.iter_mut().find(|(key, _)| **key == *name).map(|(_, claim)| claim)
    }

    /// The text of the claim of this name; `None` if it is absent, `null` or no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Sets a claim: in its place if there is one of this name, otherwise at the end. Returns what was there.
    pub fn insert(&mut self, name: impl AsRef<str>, claim: impl Into<Claim>) -> Option<Claim> {
        let (name, claim) = (name.as_ref(), claim.into());
        if let Some(place) = self.get_mut(name) {
            return Some(std::mem::replace(place, claim));
        }
        self.members.push((name.into(), claim));
        None
    }

    /// Takes a claim out; the others stay in order.
    pub fn remove(&mut self, name: &str) -> Option<Claim> {
        let index = self.members.iter().position(|(key, _)| **key == *name)?;
        Some(self.members.remove(index).1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The names and claims, in order.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }

    /// When the token expires, in seconds since 1970, if that is said: `exp`, rounded down.
    ///
    /// Already checked by whoever opened the token, with a tolerance of 15 seconds.
    pub fn expires(&self) -> Option<i64> {
        let number = self.get("exp")?.as_number()?;
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        Some(number.as_i64().unwrap_or_else(|| number.as_f64().floor() as i64))
    }
}

impl fmt::Debug for Claims {
    /// Shows the names and of what kind each value is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl PartialEq for Claims {
    /// Equal if the members are, in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}

impl<'a> IntoIterator for &'a Claims {
    type Item = (&'a str, &'a Claim);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, Member>, Borrow<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        let borrow: Borrow<'a> = |(name, claim)| (name, claim);
        self.members.iter().map(borrow)
    }
}

impl IntoIterator for Claims {
    type Item = (Box<str>, Claim);
    type IntoIter = std::vec::IntoIter<Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<K: Into<Box<str>>, V: Into<Claim>> FromIterator<(K, V)> for Claims {
    /// Of several with one name the last claim counts, in the place of the first.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        serialize::gather(members.into_iter().map(|(name, claim)| (name.into(), claim.into())).collect())
    }
}

impl<const N: usize, K: Into<Box<str>>, V: Into<Claim>> From<[(K, V); N]> for Claims {
    fn from(members: [(K, V); N]) -> Self {
        members.into_iter().collect()
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Claims {
    fn from(members: serde_json::Map<String, serde_json::Value>) -> Self {
        Self { members: members.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

impl TryFrom<serde_json::Value> for Claims {
    type Error = TokenError;

    /// # Errors
    ///
    /// [`TokenError::Malformed`] if it is no object.
    fn try_from(value: serde_json::Value) -> Result<Self, TokenError> {
        match value {
            serde_json::Value::Object(members) => Ok(members.into()),
            _ => Err(TokenError::Malformed),
        }
    }
}

impl From<Claims> for serde_json::Value {
    fn from(claims: Claims) -> Self {
        let members = claims.members.into_iter();
        Self::Object(members.map(|(name, claim)| (name.into(), claim.into())).collect())
    }
}
