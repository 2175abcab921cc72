//! How a column keeps a point in time.

use std::borrow::Cow;
use std::fmt;

use vestibule_core::Timestamp;

use super::{ColumnKind, ExtraColumn, ExtraKind, Profile, Table};
use crate::Dialect;
use crate::dialect::Family;

/// How a column keeps a point in time.
///
/// It decides what is written. What is read is decided by what the cell holds, so that a table in which several
/// programs have left several forms is read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeForm {
    /// The database's own type for a point in time: `timestamptz` (PostgreSQL), `datetime(3)` in Coordinated
    /// Universal Time (MySQL, MariaDB), `datetime2(3)` in Coordinated Universal Time (SQL Server), an integer of
    /// milliseconds (SQLite).
    Native,
    /// A date and time without a zone, as a clock on the wall of a zone shows it.
    Wall(Zone),
    /// The same, in a column that keeps no fraction of a second.
    WallSeconds(Zone),
    /// An integer: seconds since the epoch.
    EpochSeconds,
    /// Text: seconds since the epoch in decimal digits. Numbers beyond 10^11 are read as milliseconds.
    EpochSecondsText,
    /// An integer: milliseconds since the epoch.
    EpochMillis,
    /// As [`EpochMillis`](Self::EpochMillis), in a column where some rows hold a date in text. Such a column is
    /// compared by what each cell means, which no index helps with.
    EpochMillisMixed,
    /// Text: milliseconds since the epoch in decimal digits.
    EpochMillisText,
    /// Text: a date.
    Text(TextForm),
    /// A truth value: whether there is a point in time at all. What is read for "true" is the point in time in
    /// the column of this name.
    Flag {
        /// The column that tells since when.
        since: Cow<'static, str>,
    },
}

/// How a date is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextForm {
    /// `2031-01-02T03:04:05.678Z`, as JavaScript's `toISOString`.
    Iso,
    /// `2031-01-02T03:04:05.678+00:00`.
    IsoOffset,
    /// `2031-01-02 03:04:05.678`, in Coordinated Universal Time.
    Sql,
    /// `2031-01-02 03:04:05.678 +00:00`.
    SqlOffset,
}

impl TimeForm {
    /// Whether the form keeps milliseconds.
    pub(crate) fn keeps_millis(&self) -> bool {
        !matches!(
            self,
            Self::WallSeconds(_) | Self::EpochSeconds | Self::EpochSecondsText | Self::Flag { .. }
        )
    }

    /// The zone of a date without one.
    pub(crate) fn zone(&self) -> &Zone {
        match self {
            Self::Wall(zone) | Self::WallSeconds(zone) => zone,
            _ => &Zone::UTC,
        }
    }
}

impl Profile {
    /// Says in which zone the clocks on the wall hang: every column that keeps a date and time without a zone is
    /// of this one, as a Node process in that zone has left it in MySQL, MariaDB or SQL Server.
    ///
    /// Columns that keep points in time otherwise stay as they are. It is a mistake if there are no others.
    #[must_use]
    pub fn with_time_zone(mut self, zone: &Zone, dialect: Dialect) -> Self {
        let has_clocks = matches!(dialect.family(), Family::MySql | Family::Mssql);
        let mut changed = false;
        let mut turn = |form: &TimeForm| {
            let turned = match form {
                TimeForm::Wall(_) => TimeForm::Wall(zone.clone()),
                TimeForm::WallSeconds(_) => TimeForm::WallSeconds(zone.clone()),
                TimeForm::Native if has_clocks => TimeForm::Wall(zone.clone()),
                _ => return None,
            };
            changed = true;
            Some(turned)
        };
        for table in Table::ALL {
            let Some(spec) = self.spec_mut(table) else { continue };
            for column in &mut spec.columns {
                let ColumnKind::Time(form) = &column.kind else { continue };
                if let Some(form) = turn(form) {
                    column.kind = ColumnKind::Time(form);
                }
            }
            for column in &mut spec.extra {
                if matches!(column.kind, ExtraKind::Time | ExtraKind::TimeAs(_))
                    && let Some(form) = turn(column.time_form())
                {
                    column.kind = ExtraKind::TimeAs(form);
                }
            }
        }
        if !changed {
            self.problems.push("no column keeps a date and time without a zone".to_owned());
        }
        self
    }

    /// The zones of all forms in which points in time are kept; UTC for those that need none.
    pub(crate) fn zones(&self) -> impl Iterator<Item = &Zone> {
        let specs = Table::ALL.into_iter().filter_map(|table| self.spec(table));
        specs.flat_map(|spec| {
            let own = spec.columns.iter().filter_map(|column| match &column.kind {
                ColumnKind::Time(form) => Some(form),
                _ => None,
            });
            own.chain(spec.extra.iter().map(ExtraColumn::time_form)).map(TimeForm::zone)
        })
    }
}

/// A time zone: Coordinated Universal Time, or one of the IANA database.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(Option<jiff::tz::TimeZone>);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(None);

    /// The zone of this name in the IANA database, such as `Europe/Berlin`; `None` if there is none.
    ///
    /// The database is compiled in: the answer does not depend on the machine.
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::UTC);
        }
        jiff::tz::TimeZone::get(name).ok().map(|zone| Self(Some(zone)))
    }

    /// The name in the IANA database.
    pub fn name(&self) -> &str {
        self.0.as_ref().and_then(jiff::tz::TimeZone::iana_name).unwrap_or("UTC")
    }

    /// What a clock on the wall shows at this point, as if it were Coordinated Universal Time.
    pub(crate) fn wall(&self, time: Timestamp) -> Timestamp {
        let Some(zone) = &self.0 else { return time };
        let Ok(point) = jiff::Timestamp::from_millisecond(time.as_millis()) else { return time };
        let offset = i64::from(zone.to_offset(point).seconds());
        Timestamp::from_millis(time.as_millis().saturating_add(offset * 1000))
    }

    /// The point at which a clock on the wall shows this. Of the two points in the hour that a zone has twice
    /// it is the earlier; in an hour that a zone skips, what the clock would show had it not been set.
    pub(crate) fn point(&self, wall: Timestamp) -> Timestamp {
        let Some(zone) = &self.0 else { return wall };
        let Ok(shown) = jiff::Timestamp::from_millisecond(wall.as_millis()) else { return wall };
        let shown = shown.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        match zone.to_ambiguous_timestamp(shown).compatible() {
            Ok(point) => Timestamp::from_millis(point.as_millisecond()),
            Err(_) => wall,
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_is_set_twice_a_year() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let point = |text: &str| Timestamp::from_secs(text.parse::<jiff::Timestamp>().unwrap().as_second());
        for (time, wall) in [
            ("2031-01-02T03:04:05Z", "2031-01-02T04:04:05Z"),
            ("2031-07-02T03:04:05Z", "2031-07-02T05:04:05Z"),
            ("2030-03-31T00:59:59Z", "2030-03-31T01:59:59Z"),
            ("2030-03-31T01:00:00Z", "2030-03-31T03:00:00Z"),
        ] {
            assert_eq!(berlin.wall(point(time)), point(wall), "{time}");
            assert_eq!(berlin.point(point(wall)), point(time), "{wall}");
        }
        assert_eq!(berlin.name(), "Europe/Berlin");
    }

    #[test]
    fn a_zone_must_be_in_the_database() {
        assert_eq!(Zone::named("Europe/Atlantis"), None);
        assert_eq!(Zone::named("utc"), Some(Zone::UTC));
        assert_eq!(Zone::UTC.wall(Timestamp::from_secs(7)), Timestamp::from_secs(7));
    }
}
