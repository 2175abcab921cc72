//! Why attributes do not fit: read a second time, column by column, with an error that holds no values.

use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor};
use serde_json::Value;
use vestibule_core::Entity;

use super::AttributesError;

/// Says why `columns` are no `T`.
pub(super) fn of<'a, T: DeserializeOwned>(
    entity: Entity,
    columns: impl Iterator<Item = (&'a str, &'a Value)>,
) -> AttributesError {
    let cells = columns.map(|(name, value)| (name, Cell { name, value }));
    match T::deserialize(MapDeserializer::new(cells)) {
        Err(Diagnosis { column, problem }) => AttributesError::new(entity, column.as_deref(), problem),
        // A type that refuses once and accepts once.
        Ok(_) => AttributesError::new(entity, None, REFUSED),
    }
}

const REFUSED: &str = "the application's type refuses them";

/// What is wrong, in words that come from types and names of columns alone.
#[derive(Debug)]
struct Diagnosis {
    column: Option<Box<str>>,
    problem: String,
}

impl Diagnosis {
    fn of_column(column: &str, problem: &str) -> Self {
        Self { column: Some(column.into()), problem: format!("column {column}: {problem}") }
    }

    fn without_column(problem: impl Into<String>) -> Self {
        Self { column: None, problem: problem.into() }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Diagnosis {}

impl Error for Diagnosis {
    /// The message may quote the value, so it is not kept.
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::without_column(REFUSED)
    }

    fn invalid_type(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::without_column(format!("a column holds no {expected}"))
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::without_column(format!("a column holds no {expected}"))
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        Self::without_column(format!("a column holds none of {expected:?}"))
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::of_column(field, "the application's type does not know it")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of_column(field, "there is none")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of_column(field, "it is there twice")
    }
}

/// The value of one column.
#[derive(Clone, Copy)]
struct Cell<'a> {
    name: &'a str,
    value: &'a Value,
}

impl<'a> Cell<'a> {
    fn read<V: Visitor<'a>>(
        self,
        visitor: V,
        ask: impl FnOnce(&'a Value, V) -> Result<V::Value, serde_json::Error>,
    ) -> Result<V::Value, Diagnosis> {
        let expected = (&visitor as &dyn Expected).to_string();
        ask(self.value, visitor).map_err(|_| {
            Diagnosis::of_column(self.name, &format!("expected {expected}, found {}", kind(self.value)))
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number that does not fit",
        Value::String(_) => "text that does not fit",
        Value::Array(_) => "a list that does not fit",
        Value::Object(_) => "an object that does not fit",
    }
}

impl<'a> IntoDeserializer<'a, Diagnosis> for Cell<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! ask_the_value {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {$(
        fn $method<V: Visitor<'a>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, Diagnosis> {
            self.read(visitor, |value, visitor| value.$method($($argument,)* visitor))
        }
    )*};
}

impl<'a> Deserializer<'a> for Cell<'a> {
    type Error = Diagnosis;

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Diagnosis> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Diagnosis> {
        visitor.visit_newtype_struct(self)
    }

    ask_the_value! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}
