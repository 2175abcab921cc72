//! Columns: those of the contract, and those of the application's own.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value as Json;
use vestibule_core::IdKind;

use super::TimeForm;

/// What a column holds; the dialect decides how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// The row's own id, of the profile's id kind.
    Id,
    /// A user's id, of the profile's id kind.
    UserRef,
    /// Text that the published schema limits to 255 characters.
    ShortText,
    /// Text that is part of a key, of whatever length a key can have.
    KeyText,
    /// A WebAuthn credential id in base64: up to 1364 ASCII characters, and a key.
    CredentialText,
    Text,
    /// A key that is a UUID, whatever the profile's id kind.
    Uuid,
    Int,
    Real,
    Bool,
    Time(TimeForm),
    Json,
    /// A type that the application names; travels as text.
    Typed(Box<str>),
    /// A part of a text that stands in one column with another, parted by the first colon.
    Joined(Part),
}

/// Which part of a joined text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What stands before the first colon.
    First,
    /// What stands after it.
    Rest,
}

impl ColumnKind {
    /// What the column itself holds.
    pub(crate) fn as_stored(&self) -> &Self {
        match self {
            Self::Joined(_) => &Self::KeyText,
            kind => kind,
        }
    }

    /// The kind with its id kind, where a key that is a UUID is held as a user's id of that kind is.
    pub(crate) fn with_id_kind(&self, id_kind: IdKind) -> (&Self, IdKind) {
        match self {
            Self::Uuid => (&Self::UserRef, IdKind::Uuid),
            kind => (kind, id_kind),
        }
    }

    /// Whether it is text by which rows are found, and so must be compared byte by byte.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::ShortText | Self::KeyText | Self::CredentialText | Self::Text)
    }
}

/// A column of the contract.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name in the schema of Auth.js v5; the key that everything here finds it by.
    pub(crate) field: &'static str,
    pub(crate) renamed: Option<Cow<'static, str>>,
    pub(crate) kind: ColumnKind,
    pub(crate) nullable: bool,
    /// The text that is kept where there is none, in a column that must not be `NULL`.
    pub(crate) instead_of_null: Option<&'static str>,
    /// Whether some tables of the generation lack it.
    pub(crate) may_lack: bool,
}

impl Column {
    pub(crate) const fn required(field: &'static str, kind: ColumnKind) -> Self {
        Self { field, renamed: None, kind, nullable: false, instead_of_null: None, may_lack: false }
    }

    pub(crate) const fn nullable(field: &'static str, kind: ColumnKind) -> Self {
        Self { field, renamed: None, kind, nullable: true, instead_of_null: None, may_lack: false }
    }

    /// The column that keeps a point in time in the database's own type.
    pub(crate) const fn time(field: &'static str) -> Self {
        Self::required(field, ColumnKind::Time(TimeForm::Native))
    }

    pub(crate) const fn optional_time(field: &'static str) -> Self {
        Self::nullable(field, ColumnKind::Time(TimeForm::Native))
    }

    /// Says that some tables of the generation lack it; it counts only where it is.
    pub(crate) fn if_there(mut self) -> Self {
        self.may_lack = true;
        self
    }

    /// Keeps a text where there is none.
    pub(crate) fn never_null(mut self, text: &'static str) -> Self {
        self.nullable = false;
        self.instead_of_null = Some(text);
        self
    }

    /// Names it otherwise than Auth.js v5.
    pub(crate) fn named(mut self, name: &'static str) -> Self {
        self.renamed = Some(Cow::Borrowed(name));
        self
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
    /// A point in time in the database's own type; a JSON string such as `2030-01-02T03:04:05.678Z`. SQLite
    /// keeps milliseconds.
    Time,
    /// A point in time that the column keeps in another form; the same JSON string.
    TimeAs(TimeForm),
    /// Any JSON value but `null`, which is the SQL `NULL`.
    Json,
    /// Any other type of the database, by its name, such as an enumeration or `numeric`; a JSON string that
    /// holds the database's own text form. The name goes into statements as it is: it must not come from
    /// outside the program.
    Typed(Box<str>),
}

/// A column of the application's own.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own")]
pub struct ExtraColumn {
    pub(crate) field: Box<str>,
    pub(crate) renamed: Option<Box<str>>,
    pub(crate) kind: ExtraKind,
    pub(crate) default: Option<Json>,
    pub(crate) fill: Option<Fill>,
    pub(crate) refreshed: bool,
    pub(crate) hidden: bool,
    pub(crate) required: bool,
    pub(crate) may_lack: bool,
}

/// What a column is filled with when a row is created and no value is given for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fill {
    /// The lower-case hex SHA-256 of an account's provider, a colon, and its id there, as NextAuth v3 keeps it;
    /// accounts only.
    AccountHash,
    /// `local:credential`, or `local:oauth:` and the account's provider, as Better Auth keeps it; accounts only.
    AccountIssuer,
    /// The time of the adapter's clock.
    Now,
    /// The time of the adapter's clock and so much later, as Lucia v2 keeps the end of the active period.
    NowPlus(Duration),
    /// So many random bytes as lower-case hex.
    RandomHex(u8),
}

impl ExtraColumn {
    /// A column whose key in `extra` is `field`; the column has the same name until it is
    /// [renamed](Self::with_name).
    pub fn new(field: impl Into<Box<str>>, kind: ExtraKind) -> Self {
        let (fill, default) = (None, None);
        Self {
            field: field.into(),
            renamed: None,
            kind,
            default,
            fill,
            refreshed: false,
            hidden: false,
            required: false,
            may_lack: false,
        }
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

    /// A column of points in time, in the database's own type.
    pub fn time(field: impl Into<Box<str>>) -> Self {
        Self::new(field, ExtraKind::Time)
    }

    /// Fills the column when a row is created and no value is given.
    #[must_use]
    pub fn with_fill(mut self, fill: Fill) -> Self {
        self.fill = Some(fill);
        self
    }

    /// Sets the column to the time of the adapter's clock whenever the row is changed and no value is given; to a
    /// later one if it is filled by [`Fill::NowPlus`].
    #[must_use]
    pub fn refreshed(mut self) -> Self {
        self.refreshed = true;
        self
    }

    /// Keeps the column out of `extra`: it is filled, and neither shown nor settable.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Says that the column need not be there: [`SqlAdapter::inspect`](crate::SqlAdapter::inspect) leaves it out if
    /// the table lacks it.
    #[must_use]
    pub fn if_there(mut self) -> Self {
        self.may_lack = true;
        self
    }

    /// Says that the column must not be `NULL` in a fresh schema.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// How much later than the clock the column is filled and refreshed.
    pub(crate) fn ahead(&self) -> Duration {
        match self.fill {
            Some(Fill::NowPlus(ahead)) => ahead,
            _ => Duration::ZERO,
        }
    }

    /// How a point in time is kept.
    pub(crate) fn time_form(&self) -> &TimeForm {
        match &self.kind {
            ExtraKind::TimeAs(form) => form,
            _ => &TimeForm::Native,
        }
    }

    pub(crate) fn column_kind(&self) -> ColumnKind {
        match &self.kind {
            ExtraKind::Text => ColumnKind::Text,
            ExtraKind::Int => ColumnKind::Int,
            ExtraKind::Real => ColumnKind::Real,
            ExtraKind::Bool => ColumnKind::Bool,
            ExtraKind::Time => ColumnKind::Time(TimeForm::Native),
            ExtraKind::TimeAs(form) => ColumnKind::Time(form.clone()),
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
