//! SQL Server's calendar: days and a time of day, without a zone, which is Coordinated Universal Time here.

use vestibule_core::Timestamp;

/// Days from 0001-01-01, where `datetime2` begins, to 1970-01-01.
const EPOCH_DAYS: i64 = 719_162;

/// Days from 0001-01-01 to 1900-01-01, where `datetime` begins.
const LEGACY_DAYS: i64 = 693_595;

/// Days from 0001-01-01 to 9999-12-31, the last day there is.
const LAST_DAY: i64 = 3_652_058;

const DAY_MILLIS: i64 = 86_400_000;

/// A `datetime2` as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Days since 0001-01-01.
    pub days: u32,
    /// Units of 100 ns since midnight, as `datetime2(7)` counts them.
    pub ticks: u64,
}

/// The `datetime2` for a point in time; `None` before the year 1 and after the year 9999.
pub fn to_date_time2(time: Timestamp) -> Option<DateTime> {
    let millis = time.as_millis();
    let days = millis.div_euclid(DAY_MILLIS) + EPOCH_DAYS;
    if !(0..=LAST_DAY).contains(&days) {
        return None;
    }
    let ticks = u64::try_from(millis.rem_euclid(DAY_MILLIS)).ok()? * 10_000;
    Some(DateTime { days: u32::try_from(days).ok()?, ticks })
}

/// The point in time of a `date`, a `datetime2` or the universal part of a `datetimeoffset`: so many days after
/// 0001-01-01 and `increments` of 10^-`scale` seconds after midnight. What is below a millisecond is cut.
pub fn from_date_time2(days: u32, increments: u64, scale: u8) -> Timestamp {
    let millis = match scale {
        0..=3 => increments.saturating_mul(10_u64.pow(3 - u32::from(scale))),
        4..=20 => increments / 10_u64.pow(u32::from(scale) - 3),
        _ => 0,
    };
    at(i64::from(days), i64::try_from(millis).unwrap_or(i64::MAX))
}

/// The point in time of a `datetime`: days since 1900-01-01 and three-hundredths of a second. It is the
/// millisecond that the server prints for it, of which it has only those that end in 0, 3 and 7.
pub fn from_legacy_date_time(days: i32, three_hundredths: u32) -> Timestamp {
    let millis = (i64::from(three_hundredths) * 10 + 1) / 3;
    at(i64::from(days) + LEGACY_DAYS, millis)
}

/// The point in time of a `smalldatetime`: days since 1900-01-01 and minutes.
pub fn from_small_date_time(days: u16, minutes: u16) -> Timestamp {
    at(i64::from(days) + LEGACY_DAYS, i64::from(minutes) * 60_000)
}

fn at(days: i64, millis: i64) -> Timestamp {
    Timestamp::from_millis((days - EPOCH_DAYS).saturating_mul(DAY_MILLIS).saturating_add(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2031-01-02 03:04:05.678
    const MOMENT: i64 = 1_925_089_445_678;

    #[test]
    fn a_point_in_time_survives_the_way_there_and_back() {
        for millis in [MOMENT, 0, -1, 999, -62_135_596_800_000, 253_402_300_799_999] {
            let there = to_date_time2(Timestamp::from_millis(millis)).unwrap();

            assert_eq!(from_date_time2(there.days, there.ticks, 7), Timestamp::from_millis(millis));
        }
    }

    #[test]
    fn years_that_the_database_does_not_have_are_refused() {
        for millis in [-62_135_596_800_001, 253_402_300_800_000, i64::MIN, i64::MAX] {
            assert_eq!(to_date_time2(Timestamp::from_millis(millis)), None);
        }
    }

    #[test]
    fn every_scale_is_read_to_the_millisecond() {
        let days = to_date_time2(Timestamp::from_millis(MOMENT)).unwrap().days;
        let seconds = 3 * 3600 + 4 * 60 + 5;

        assert_eq!(from_date_time2(days, seconds, 0).as_millis(), MOMENT - 678);
        assert_eq!(from_date_time2(days, seconds * 1000 + 678, 3).as_millis(), MOMENT);
        assert_eq!(from_date_time2(days, (seconds * 1000 + 678) * 10_000 + 9_999, 7).as_millis(), MOMENT);
    }

    #[test]
    fn datetime_counts_in_three_hundredths_of_a_second() {
        let read = |parts| from_legacy_date_time(25_567, parts).as_millis();

        assert_eq!([read(0), read(1), read(2), read(3), read(300)], [0, 3, 7, 10, 1000]);
        assert_eq!(from_legacy_date_time(-53_690, 0).as_millis(), -6_847_804_800_000);
        assert_eq!(from_small_date_time(25_567, 61).as_millis(), 3_660_000);
    }
}
