//! Columns of the application's own.

use std::collections::BTreeMap;

use serde_json::Value;
use vestibule_core::{AdapterError, Extra};

/// Which extra columns a table has.
#[derive(Clone)]
pub(crate) enum Columns {
    /// Whichever are given.
    Open,
    /// These and no others, with their defaults.
    Declared(BTreeMap<Box<str>, Value>),
}

impl Columns {
    pub(crate) fn declared<N: Into<Box<str>>>(columns: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::Declared(columns.into_iter().map(|(name, default)| (name.into(), default)).collect())
    }

    /// The values of a new row: those given, and the defaults of the others.
    pub(crate) fn row(&self, operation: &'static str, given: &Extra) -> Result<Extra, AdapterError> {
        self.check(operation, given)?;
        let mut row = match self {
            Self::Open => Extra::new(),
            Self::Declared(defaults) => defaults.clone(),
        };
        update(&mut row, given);
        Ok(row)
    }

    /// Refuses columns that are not declared.
    pub(crate) fn check(&self, operation: &'static str, given: &Extra) -> Result<(), AdapterError> {
        let Self::Declared(defaults) = self else {
            return Ok(());
        };
        match given.keys().find(|name| !defaults.contains_key(*name)) {
            None => Ok(()),
            Some(name) => Err(AdapterError::Refused {
                operation,
                source: format!("there is no column {name:?}").into(),
            }),
        }
    }
}

/// Writes the given values over those of a row.
pub(crate) fn update(row: &mut Extra, given: &Extra) {
    row.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
}
