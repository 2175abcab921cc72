//! Columns: those of the contract, and those of the application's own.

use serde_json::Value as Json;

/// What a column holds; the dialect decides how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// The row's own id, of the profile's id kind.
    Id,
    /// A user's id, of the profile's id kind.
    UserRef,
    /// Text that the published schema limits to 255 characters.
    ShortText,
    Text,
    Int,
    Real,
    Bool,
    Time,
    Json,
    /// A type that the application names; travels as text.
    Typed(Box<str>),
}

/// A column of the contract.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name in the published schema; the key that everything here finds it by.
    pub(crate) field: &'static str,
    pub(crate) renamed: Option<String>,
    pub(crate) kind: ColumnKind,
    pub(crate) nullable: bool,
}

impl Column {
    pub(crate) const fn required(field: &'static str, kind: ColumnKind) -> Self {
        Self { field, renamed: None, kind, nullable: false }
    }

    pub(crate) const fn nullable(field: &'static str, kind: ColumnKind) -> Self {
        Self { field, renamed: None, kind, nullable: true }
    }
}

/// What a column of the application's own holds, and the JSON value that stands for it in `extra`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtraKind {
    /// Text; a JSON string.
    Text,
    /// An integer of 64 bits; a JSON number without a fraction.
    Int,
    /// A floating-point number; a JSON number.
    Real,
    /// A truth value; a JSON boolean. SQLite keeps 0 and 1.
    Bool,
    /// A point in time; a JSON string such as `2030-01-02T03:04:05.678Z`. SQLite keeps milliseconds.
    Time,
    /// Any JSON value but `null`, which is the SQL `NULL`.
    Json,
    /// Any other type of the database, by its name, such as an enumeration or `numeric`; a JSON string that
    /// holds the database's own text form. The name goes into statements as it is: it must not come from
    /// outside the program.
    Typed(Box<str>),
}

/// A column of the application's own.
#[derive(Clone, Debug)]
pub struct ExtraColumn {
    pub(crate) field: Box<str>,
    pub(crate) renamed: Option<Box<str>>,
    pub(crate) kind: ExtraKind,
    pub(crate) default: Option<Json>,
}

impl ExtraColumn {
    /// A column whose key in `extra` is `field`; the column has the same name until it is
    /// [renamed](Self::with_name).
    pub fn new(field: impl Into<Box<str>>, kind: ExtraKind) -> Self {
        Self { field: field.into(), renamed: None, kind, default: None }
    }

    /// A column of text.
    pub fn text(field: impl Into<Box<str>>) -> Self {
        Self::new(field, ExtraKind::Text)
    }

    /// A column of JSON.
    pub fn json(field: impl Into<Box<str>>) -> Self {
        Self::new(field, ExtraKind::Json)
    }

    /// Gives the column another name in the database.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.renamed = Some(name.into());
        self
    }

    /// The default that a fresh schema gives the column. On a schema that is there already, that one's own
    /// default counts.
    #[must_use]
    pub fn with_default(mut self, default: impl Into<Json>) -> Self {
        self.default = Some(default.into());
        self
    }

    pub(crate) fn column_kind(&self) -> ColumnKind {
        match &self.kind {
            ExtraKind::Text => ColumnKind::Text,
            ExtraKind::Int => ColumnKind::Int,
            ExtraKind::Real => ColumnKind::Real,
            ExtraKind::Bool => ColumnKind::Bool,
            ExtraKind::Time => ColumnKind::Time,
            ExtraKind::Json => ColumnKind::Json,
            ExtraKind::Typed(name) => ColumnKind::Typed(name.clone()),
        }
    }
}

/// `providerAccountId` → `provider_account_id`, `credentialID` → `credential_id`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before_upper = true;
    for c in name.chars() {
        if c.is_uppercase() && !before_upper {
            out.push('_');
        }
        before_upper = c.is_uppercase() || c == '_';
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn camel_case_becomes_snake_case() {
        let cases = [
            ("id", "id"),
            ("emailVerified", "email_verified"),
            ("providerAccountId", "provider_account_id"),
            ("credentialID", "credential_id"),
            ("refresh_token", "refresh_token"),
            ("Role", "role"),
        ];

        for (camel, snake) in cases {
            assert_eq!(snake_case(camel), snake);
        }
    }
}
