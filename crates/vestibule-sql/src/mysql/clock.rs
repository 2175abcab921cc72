//! Points in time as the wall clocks that `DATETIME` and `TIMESTAMP` travel as.

use std::fmt;

use time::{Date, Month, OffsetDateTime, Time};
use vestibule_core::Timestamp;

/// A wall clock in Coordinated Universal Time, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub milli: u16,
}

impl Clock {
    /// The clock at a point in time; `None` before the year 0 and after 9999, where the database has none.
    pub fn at(time: Timestamp) -> Option<Self> {
        let nanos = i128::from(time.as_millis()) * 1_000_000;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        let year = u16::try_from(time.year()).ok().filter(|year| *year <= 9999)?;
        let (month, day) = (time.month().into(), time.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        Some(Self { year, month, day, hour, minute, second, milli: time.millisecond() })
    }

    /// The point in time; `None` for a clock that shows none, such as `0000-00-00 00:00:00`.
    pub fn time(self) -> Option<Timestamp> {
        let month = Month::try_from(self.month).ok()?;
        let date = Date::from_calendar_date(self.year.into(), month, self.day).ok()?;
        let time = Time::from_hms_milli(self.hour, self.minute, self.second, self.milli).ok()?;
        let nanos = OffsetDateTime::new_utc(date, time).unix_timestamp_nanos();
        i64::try_from(nanos / 1_000_000).ok().map(Timestamp::from_millis)
    }

    /// Reads `2031-01-02`, `2031-01-02 03:04:05` or the latter with up to six digits of a second, which are cut
    /// to three.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [year, month, day] = numbers(date.split('-'))?;
        let [hour, minute, second] = numbers(time.split(':'))?;
        let millis = format!("{fraction:0<3}");
        let milli = millis.get(..3)?.parse().ok()?;
        let byte = |number: u16| u8::try_from(number).ok();
        let (month, day) = (byte(month)?, byte(day)?);
        let (hour, minute, second) = (byte(hour)?, byte(minute)?, byte(second)?);
        Some(Self { year, month, day, hour, minute, second, milli })
    }

    /// Reads the body of a binary `DATE`, `DATETIME` or `TIMESTAMP`, which leaves out what is zero at its end.
    pub fn from_binary(body: &[u8]) -> Option<Self> {
        let mut all = [0; 11];
        all.get_mut(..body.len())?.copy_from_slice(body);
        let [y0, y1, month, day, hour, minute, second, u0, u1, u2, u3] = all;
        let milli = u16::try_from(u32::from_le_bytes([u0, u1, u2, u3]) / 1000).ok()?;
        Some(Self { year: u16::from_le_bytes([y0, y1]), month, day, hour, minute, second, milli })
    }
}

fn numbers<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<[u16; 3]> {
    let mut next = || parts.next().and_then(|part| part.parse().ok());
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, milli } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_point_in_time_survives_the_clock(millis in -62_167_219_200_000..=253_402_300_799_999_i64) {
            let time = Timestamp::from_millis(millis);
            let clock = Clock::at(time).expect("within the years");

            prop_assert_eq!(clock.time(), Some(time));
            prop_assert_eq!(Clock::parse(&clock.to_string()), Some(clock));
        }
    }

    #[test]
    fn the_ends_are_the_years_0_and_9999() {
        for (millis, is_in) in [
            (-62_167_219_200_001, false),
            (-62_167_219_200_000, true),
            (253_402_300_799_999, true),
            (253_402_300_800_000, false),
            (i64::MIN, false),
            (i64::MAX, false),
        ] {
            assert_eq!(Clock::at(Timestamp::from_millis(millis)).is_some(), is_in, "{millis}");
        }
    }

    #[test]
    fn what_is_left_out_at_the_end_is_zero_and_below_a_millisecond_is_cut() {
        let day = Clock { year: 2031, month: 1, day: 2, hour: 0, minute: 0, second: 0, milli: 0 };
        let second = Clock { hour: 3, minute: 4, second: 5, ..day };
        let whole = Clock { milli: 678, ..second };

        assert_eq!(Clock::parse("2031-01-02"), Some(day));
        assert_eq!(Clock::parse("2031-01-02 03:04:05"), Some(second));
        assert_eq!(Clock::parse("2031-01-02 03:04:05.678999"), Some(whole));
        assert_eq!(Clock::parse("2031-01-02 03:04:05.6"), Some(Clock { milli: 600, ..second }));
        assert_eq!(Clock::from_binary(&[0xEF, 0x07, 1, 2]), Some(day));
        assert_eq!(Clock::from_binary(&[0xEF, 0x07, 1, 2, 3, 4, 5]), Some(second));
        assert_eq!(Clock::from_binary(&[0xEF, 0x07, 1, 2, 3, 4, 5, 0x57, 0x5C, 0x0A, 0x00]), Some(whole));
    }

    #[test]
    fn what_shows_no_time_is_none() {
        for text in ["", "x", "2031-01", "2031-01-02-03", "2031-01-02 03:04", "-1-01-02", "2031-1é-02"] {
            assert_eq!(Clock::parse(text), None, "{text}");
        }
        assert_eq!(Clock::parse("0000-00-00 00:00:00").and_then(Clock::time), None);
        assert_eq!(Clock::parse("2031-02-29").and_then(Clock::time), None);
        assert_eq!(Clock::from_binary(&[0; 12]), None);
    }
}
