//! The values that travel between the adapter and a driver.

use vestibule_core::Timestamp;

/// One cell or one parameter. Closed and small on purpose: whatever else a column holds is cast in SQL.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// A truth value, where the database has such a type.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text of any type: `text`, `varchar`, `uuid`, JSON.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A point in time, where the database has such a type.
    Time(Timestamp),
}

impl Value {
    /// What kind of value this is, for messages: never the value itself.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "a truth value",
            Self::Int(_) => "an integer",
            Self::Real(_) => "a floating-point number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Time(_) => "a point in time",
        }
    }
}

/// Prints the kind only, since any text may be a secret.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// The type that a parameter is declared with in the statement's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// [`Value::Bool`] or `NULL`.
    Bool,
    /// [`Value::Int`] or `NULL`.
    Int,
    /// [`Value::Real`] or `NULL`.
    Real,
    /// [`Value::Text`] or `NULL`.
    Text,
    /// [`Value::Time`] or `NULL`.
    Time,
}

/// The cells of one row, in the order of the statement's columns.
pub type Row = Vec<Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_prints_its_kind_only() {
        assert_eq!(format!("{:?}", Value::Text("hunter2".into())), "text");
    }
}
