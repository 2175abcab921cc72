//! The value of a claim.

use std::fmt;

use super::{Claims, Number};

/// The value of a claim: JSON whose objects keep the order of their members.
///
/// Made from texts, numbers, `bool`, `Option`, `Vec` and [`serde_json::Value`] by `into`. The last has lost the order
/// in which its members were written and gives them by name.
#[derive(Clone, PartialEq)]
pub enum Claim {
    /// `null`, which is not the same as being absent.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// An array.
    Array(Vec<Claim>),
    /// An object.
    Object(Claims),
}

impl Claim {
    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is one, whole, and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Claim]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Claims> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

impl fmt::Debug for Claim {
    /// Says what kind of value it is. The value itself may be somebody's address, or an access token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(_) => f.write_str("bool"),
            Self::Number(_) => f.write_str("number"),
            Self::String(_) => f.write_str("string"),
            Self::Array(elements) => f.debug_list().entries(elements).finish(),
            Self::Object(members) => members.fmt(f),
        }
    }
}

impl From<bool> for Claim {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Number> for Claim {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

macro_rules! from_whole_numbers {
    ($($from:ty => $through:ty),*) => {
        $(impl From<$from> for Claim {
            fn from(value: $from) -> Self {
                Self::Number(Number::from(<$through>::from(value)))
            }
        })*
    };
}
from_whole_numbers!(i32 => i64, i64 => i64, u32 => i64, u64 => u64);

impl From<f64> for Claim {
    /// What is infinite or no number becomes `null`, as `JSON.stringify` has it.
    fn from(value: f64) -> Self {
        Number::from_f64(value).map_or(Self::Null, Self::Number)
    }
}

impl From<&str> for Claim {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Claim {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Claims> for Claim {
    fn from(members: Claims) -> Self {
        Self::Object(members)
    }
}

impl<T: Into<Claim>> From<Vec<T>> for Claim {
    fn from(elements: Vec<T>) -> Self {
        Self::Array(elements.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Claim>> From<Option<T>> for Claim {
    /// `None` becomes `null`.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<serde_json::Value> for Claim {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => value.into(),
                (None, Some(value)) => value.into(),
                (None, None) => number.as_f64().into(),
            },
            serde_json::Value::String(text) => Self::String(text),
            serde_json::Value::Array(elements) => elements.into(),
            serde_json::Value::Object(members) => Self::Object(members.into()),
        }
    }
}

impl From<Claim> for serde_json::Value {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Null => Self::Null,
            Claim::Bool(value) => Self::Bool(value),
            Claim::Number(number) => number.into(),
            Claim::String(text) => Self::String(text),
            Claim::Array(elements) => elements.into_iter().map(Self::from).collect(),
            Claim::Object(members) => members.into(),
        }
    }
}
