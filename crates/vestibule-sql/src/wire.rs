//! How an argument of an operation travels as a parameter of a statement.

use vestibule_core::Timestamp;

use crate::decode::MOST_SECONDS;
use crate::dialect::Family;
use crate::profile::{ColumnKind, TextForm, TimeForm, Zone};
use crate::{Dialect, ParamType, Value, rfc3339};

/// How many milliseconds from the epoch JavaScript's `Date` goes, either way.
const FARTHEST: u64 = 8_640_000_000_000_000;

/// What is made of an argument before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Nothing.
    AsIs,
    /// Whether there is a value, as a truth value or as 0 or 1.
    Flag,
    FlagBit,
    /// A truth value as 0 or 1.
    Bit,
    Millis,
    MillisText,
    Seconds,
    SecondsText,
    /// What a clock on the wall shows, with or without the fraction of a second.
    Wall(Zone, Fraction),
    Text(TextForm),
}

/// Whether the fraction of a second is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fraction {
    Cut,
    Kept,
}

impl Wire {
    /// How a value travels into a column of this kind.
    pub(crate) fn of(dialect: Dialect, kind: &ColumnKind) -> Self {
        match kind {
            ColumnKind::Bool if dialect.has_truth_values() => Self::AsIs,
            ColumnKind::Bool => Self::Bit,
            ColumnKind::Time(form) => Self::of_time(dialect, form),
            _ => Self::AsIs,
        }
    }

    fn of_time(dialect: Dialect, form: &TimeForm) -> Self {
        match form {
            TimeForm::Native if dialect.family() == Family::Sqlite => Self::Millis,
            TimeForm::Native => Self::AsIs,
            // PostgreSQL knows the zones itself.
            TimeForm::Wall(_) if dialect.family() == Family::Postgres => Self::AsIs,
            TimeForm::Wall(_) | TimeForm::WallSeconds(_) if dialect.family() == Family::Sqlite => {
                Self::Text(TextForm::Sql)
            }
            TimeForm::Wall(zone) if *zone == Zone::UTC => Self::AsIs,
            TimeForm::Wall(zone) => Self::Wall(zone.clone(), Fraction::Kept),
            TimeForm::WallSeconds(zone) => Self::Wall(zone.clone(), Fraction::Cut),
            TimeForm::EpochSeconds => Self::Seconds,
            TimeForm::EpochSecondsText => Self::SecondsText,
            TimeForm::EpochMillis | TimeForm::EpochMillisMixed => Self::Millis,
            TimeForm::EpochMillisText => Self::MillisText,
            TimeForm::Text(form) => Self::Text(*form),
            TimeForm::Flag { .. } if dialect.has_truth_values() => Self::Flag,
            TimeForm::Flag { .. } => Self::FlagBit,
        }
    }

    /// What a point in time travels as when it is compared with a column of this form.
    pub(crate) fn of_moment(dialect: Dialect, form: &TimeForm) -> Self {
        match form {
            TimeForm::EpochSecondsText => Self::Seconds,
            TimeForm::EpochMillisText => Self::Millis,
            TimeForm::Text(_) | TimeForm::Wall(_) | TimeForm::WallSeconds(_)
                if dialect.family() == Family::Sqlite =>
            {
                Self::Millis
            }
            TimeForm::Text(_) => Self::AsIs,
            form => Self::of_time(dialect, form),
        }
    }

    /// What is left of a point in time that has been written and is read again.
    pub(crate) fn kept(&self, time: Timestamp) -> Timestamp {
        match self {
            Self::Seconds | Self::SecondsText | Self::Wall(_, Fraction::Cut) => {
                Timestamp::from_secs(time.as_secs())
            }
            _ => time,
        }
    }

    /// The type that the parameter is declared with.
    pub(crate) fn param_type(&self, own: ParamType) -> ParamType {
        match self {
            Self::AsIs => own,
            Self::Flag => ParamType::Bool,
            Self::Bit | Self::FlagBit | Self::Millis | Self::Seconds => ParamType::Int,
            Self::MillisText | Self::SecondsText | Self::Text(_) => ParamType::Text,
            Self::Wall(..) => ParamType::Time,
        }
    }

    /// The parameter. What has another type than the column's passes unchanged, for the driver to refuse.
    ///
    /// # Errors
    ///
    /// A point in time that the form cannot write.
    pub(crate) fn encode(&self, value: &Value) -> Result<Value, Timestamp> {
        Ok(match (self, value) {
            (Self::Flag, value) => Value::Bool(*value != Value::Null),
            (Self::FlagBit, value) => Value::Int((*value != Value::Null).into()),
            (Self::Bit, Value::Bool(truth)) => Value::Int((*truth).into()),
            (_, Value::Time(time)) => self.encode_time(*time).ok_or(*time)?,
            (_, value) => value.clone(),
        })
    }

    fn encode_time(&self, time: Timestamp) -> Option<Value> {
        Some(match self {
            Self::Millis => Value::Int(time.as_millis()),
            Self::MillisText if time.as_millis().unsigned_abs() > FARTHEST => return None,
            Self::MillisText => Value::Text(time.as_millis().to_string()),
            Self::Seconds => Value::Int(time.as_secs()),
            // More digits are read as milliseconds.
            Self::SecondsText if time.as_secs().unsigned_abs() > MOST_SECONDS.unsigned_abs() => return None,
            Self::SecondsText => Value::Text(time.as_secs().to_string()),
            Self::Wall(zone, Fraction::Kept) => Value::Time(zone.wall(time)),
            Self::Wall(zone, Fraction::Cut) => Value::Time(Timestamp::from_secs(zone.wall(time).as_secs())),
            Self::Text(form) => Value::Text(rfc3339::written(time, *form)?),
            _ => Value::Time(time),
        })
    }
}
