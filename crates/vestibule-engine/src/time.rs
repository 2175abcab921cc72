//! Points in time as text.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use httpdate::HttpDate;
use time::OffsetDateTime;
use vestibule_core::Timestamp;

/// The last millisecond of the year 9999, which is as far as both formats reach.
const END: i64 = 253_402_300_799_999;

/// As JavaScript's `Date.toISOString` writes it. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn iso(at: Timestamp) -> impl fmt::Display {
    let millis = at.as_millis().clamp(0, END);
    let date = OffsetDateTime::from_unix_timestamp(millis / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    fmt::from_fn(move |f| {
        // Written digit by digit: the date of every session goes through here.
        let (year, month, day) = date.to_calendar_date();
        let (hour, minute, second) = date.to_hms();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, length: usize, mut number: u64| {
            for digit in text[at..at + length].iter_mut().rev() {
                *digit = b"0123456789"[(number % 10) as usize];
                number /= 10;
            }
        };
        put(0, 4, u64::from(year.unsigned_abs()));
        put(5, 2, u8::from(month).into());
        put(8, 2, day.into());
        put(11, 2, hour.into());
        put(14, 2, minute.into());
        put(17, 2, second.into());
        put(20, 3, millis.unsigned_abs() % 1000);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    })
}

/// As HTTP writes it, to the second. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn http_date(at: Timestamp) -> impl fmt::Display {
    let millis = u64::try_from(at.as_millis().clamp(0, END)).unwrap_or_default();
    HttpDate::from(UNIX_EPOCH + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_those_of_the_original() {
        let at = Timestamp::from_millis(1_797_771_973_652);

        assert_eq!(iso(at).to_string(), "2026-12-20T13:06:13.652Z");
        assert_eq!(http_date(at).to_string(), "Sun, 20 Dec 2026 13:06:13 GMT");
    }

    #[test]
    fn no_point_in_time_is_too_far() {
        let (first, last) = ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z");
        for (millis, nearest) in
            [(i64::MIN, first), (-1, first), (0, first), (END, last), (END + 1, last), (i64::MAX, last)]
        {
            assert_eq!(iso(Timestamp::from_millis(millis)).to_string(), nearest);
            assert!(http_date(Timestamp::from_millis(millis)).to_string().ends_with(" GMT"));
        }
    }
}
