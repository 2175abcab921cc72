//! What a case needs of its store.

use serde_json::Value;
use vestibule_core::IdKind;

/// What a case needs of the store that the factory makes for it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fixture {
    /// The case, for names of databases and the like. Unique in the suite; lower case, digits and underscores.
    pub case: &'static str,
    /// The kind of user ids, if the case needs a certain one; otherwise whichever the factory prefers.
    pub id_kind: Option<IdKind>,
    /// The names of tables and columns.
    pub naming: Naming,
    /// The extra columns to declare on each of users, accounts and sessions. They are all there are.
    pub columns: &'static [Column],
    /// Whether there is a place for authenticators, if the case cares.
    pub authenticators: Option<Presence>,
    /// What the case is about, where not every store can do it.
    pub features: &'static [Feature],
}

/// The names of tables and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Whichever the factory prefers.
    Usual,
    /// Every table and every column has another name than usual.
    Renamed,
}

/// Whether a part of the schema is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
}

/// A column of the application's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The logical name, under which the value travels.
    pub name: &'static str,
    /// What it holds. Every column may be null.
    pub kind: ColumnKind,
    /// The database's default, if it is not null: a text.
    pub default: Option<&'static str>,
}

impl Column {
    const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self { name, kind, default: None }
    }

    /// The default as the value that is read back.
    pub fn default_value(&self) -> Value {
        self.default.map_or(Value::Null, Value::from)
    }
}

/// What an extra column holds, and how it travels as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text of any length: a JSON string.
    Text,
    /// A 64-bit integer: a JSON number.
    Int,
    /// A double-precision number: a JSON number.
    Real,
    /// A truth value: a JSON boolean.
    Bool,
    /// A point in time: a JSON string as JavaScript's `Date.prototype.toJSON` writes it, in UTC with
    /// milliseconds, `2038-01-19T03:14:08.000Z`.
    Time,
    /// Any JSON; `null` is the SQL `NULL`.
    Json,
}

/// The extra columns that the cases on extra columns declare.
///
/// Some names have two words, one is a reserved word in SQL, and one column has a default.
pub const COLUMNS: &[Column] = &[
    Column { name: "role", kind: ColumnKind::Text, default: Some("member") },
    Column::new("order", ColumnKind::Text),
    Column::new("loginCount", ColumnKind::Int),
    Column::new("score", ColumnKind::Real),
    Column::new("isSubscribed", ColumnKind::Bool),
    Column::new("preferences", ColumnKind::Json),
    Column::new("bornAt", ColumnKind::Time),
];

/// What not every store can do. A suite runs without it only where the macro call says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// User ids that the database counts.
    SerialIds,
    /// User ids that are UUIDs.
    UuidIds,
    /// User ids that are any text.
    TextIds,
    /// Tables and columns under other names.
    RenamedSchema,
    /// Extra columns that are declared in advance.
    ExtraColumns,
    /// Extra keys that are not declared are refused.
    ClosedColumns,
    /// Values of the wrong kind for an extra column are refused.
    TypedColumns,
    /// A place for authenticators.
    Authenticators,
    /// A schema without a place for authenticators.
    NoAuthenticators,
    /// Users have e-mail addresses.
    EmailAddresses,
    /// A user may have no e-mail address.
    UsersWithoutEmail,
    /// A user may have no name.
    UsersWithoutName,
    /// Users have a name and a picture, and a place to say that the address is theirs.
    UserDetails,
    /// It is kept when an address was proven, not only that it was.
    EmailVerifiedTimes,
    /// A place for accounts.
    Accounts,
    /// A user may have several accounts.
    SeveralAccounts,
    /// Accounts keep their type, whatever it is.
    AnyAccountType,
    /// Accounts keep an access token, a refresh token and when the access token expires.
    AccountTokens,
    /// Accounts keep all seven of their tokens and what belongs to them.
    AllAccountTokens,
    /// Access tokens may expire after 2038.
    DistantTokenExpiry,
    /// A list of sessions shows the tokens that they were created with. A store that keeps hashes cannot.
    ListedTokens,
    /// A place for verification tokens.
    VerificationTokens,
    /// Two identifiers may have the same token.
    SharedTokens,
    /// A place for leases.
    Leases,
    /// Sessions and tokens may expire after 2038, and addresses may be proven then.
    DistantTimes,
    /// Sessions and tokens may expire before 1970 has well begun, and addresses may have been proven then.
    EarlyTimes,
    /// Keys that differ in nothing but the case of letters may stand side by side.
    CaseSensitiveKeys,
    /// Credential ids and public keys of more than 128 bytes.
    LongCredentials,
    /// Signature counters beyond 2³¹.
    WideCounters,
    /// Extra integers beyond 2⁵³.
    WideIntegers,
}

impl Fixture {
    /// A store of whichever kind.
    pub const fn plain(case: &'static str) -> Self {
        Self { case, id_kind: None, naming: Naming::Usual, columns: &[], authenticators: None, features: &[] }
    }

    /// A store with serial user ids.
    pub const fn serial_ids(case: &'static str) -> Self {
        Self { id_kind: Some(IdKind::Serial), ..Self::plain(case) }
    }

    /// A store with UUIDs as user ids.
    pub const fn uuid_ids(case: &'static str) -> Self {
        Self { id_kind: Some(IdKind::Uuid), ..Self::plain(case) }
    }

    /// A store with texts as user ids.
    pub const fn text_ids(case: &'static str) -> Self {
        Self { id_kind: Some(IdKind::Text), ..Self::plain(case) }
    }

    /// A store with [`COLUMNS`] on users, accounts and sessions.
    pub const fn columns(case: &'static str) -> Self {
        Self { columns: COLUMNS, ..Self::plain(case) }
    }

    /// A store with [`COLUMNS`] that refuses any other.
    pub const fn closed_columns(case: &'static str) -> Self {
        Self { features: &[Feature::ClosedColumns], ..Self::columns(case) }
    }

    /// A store with [`COLUMNS`] that refuses values of the wrong kind.
    pub const fn typed_columns(case: &'static str) -> Self {
        Self { features: &[Feature::TypedColumns], ..Self::columns(case) }
    }

    /// A store where every table and every column has another name.
    pub const fn renamed(case: &'static str) -> Self {
        Self { naming: Naming::Renamed, ..Self::columns(case) }
    }

    /// A store with a place for authenticators.
    pub const fn authenticators(case: &'static str) -> Self {
        Self { authenticators: Some(Presence::Present), ..Self::plain(case) }
    }

    /// A store without a place for authenticators.
    pub const fn no_authenticators(case: &'static str) -> Self {
        Self { authenticators: Some(Presence::Absent), ..Self::plain(case) }
    }

    /// The same for a case that needs these features instead of those that the fixture brings.
    #[must_use]
    pub const fn needing(self, features: &'static [Feature]) -> Self {
        Self { features, ..self }
    }

    /// What the store must be able to do.
    pub fn needs(&self) -> Vec<Feature> {
        let ids = self.id_kind.map(|kind| match kind {
            IdKind::Serial => Feature::SerialIds,
            IdKind::Uuid => Feature::UuidIds,
            IdKind::Text => Feature::TextIds,
        });
        let authenticators = self.authenticators.map(|presence| match presence {
            Presence::Absent => Feature::NoAuthenticators,
            Presence::Present => Feature::Authenticators,
        });
        let naming = (self.naming == Naming::Renamed).then_some(Feature::RenamedSchema);
        let columns = (!self.columns.is_empty()).then_some(Feature::ExtraColumns);
        [ids, authenticators, naming, columns]
            .into_iter()
            .flatten()
            .chain(self.features.iter().copied())
            .collect()
    }
}
