//! Points in time as text.

use time::OffsetDateTime;
use vestibule_core::Timestamp;

/// The last millisecond of the year 9999, which is as far as both formats reach.
const END: i64 = 253_402_300_799_999;

/// As JavaScript's `Date.toISOString` writes it. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn iso(at: Timestamp) -> Text<24> {
    let (date, millis) = date(at);
    let (hour, minute, second) = date.to_hms();
    let mut text = Text(*b"0000-00-00T00:00:00.000Z");
    text.put(0, 4, date.year().unsigned_abs());
    text.put(5, 2, u8::from(date.month()).into());
    text.put(8, 2, date.day().into());
    text.put(11, 2, hour.into());
    text.put(14, 2, minute.into());
    text.put(17, 2, second.into());
    text.put(20, 3, millis);
    text
}

/// As HTTP writes it, to the second. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn http_date(at: Timestamp) -> Text<29> {
    const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let (date, _) = date(at);
    let (hour, minute, second) = date.to_hms();
    let mut text = Text(*b"Mon, 00 Jan 0000 00:00:00 GMT");
    text.0[..3].copy_from_slice(DAYS[usize::from(date.weekday().number_days_from_monday())]);
    text.put(5, 2, date.day().into());
    text.0[8..11].copy_from_slice(MONTHS[usize::from(u8::from(date.month())) - 1]);
    text.put(12, 4, date.year().unsigned_abs());
    text.put(17, 2, hour.into());
    text.put(20, 2, minute.into());
    text.put(23, 2, second.into());
    text
}

/// The nearest date that both formats reach, and the milliseconds in its last second.
fn date(at: Timestamp) -> (OffsetDateTime, u32) {
    let millis = at.as_millis().clamp(0, END);
    let date = OffsetDateTime::from_unix_timestamp(millis / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (date, u32::try_from(millis % 1000).unwrap_or_default())
}

/// A date that was written digit by digit: two of every session go through here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<const LENGTH: usize>([u8; LENGTH]);

impl<const LENGTH: usize> Text<LENGTH> {
    pub(crate) fn as_str(&self) -> &str {
        // It is ASCII always.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn put(&mut self, at: usize, length: usize, mut number: u32) {
        for digit in self.0[at..at + length].iter_mut().rev() {
            *digit = b"0123456789"[(number % 10) as usize];
            number /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use httpdate::HttpDate;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_formats_are_those_of_the_original() {
        let at = Timestamp::from_millis(1_797_771_973_652);

        assert_eq!(iso(at).as_str(), "2026-12-20T13:06:13.652Z");
        assert_eq!(http_date(at).as_str(), "Sun, 20 Dec 2026 13:06:13 GMT");
    }

    #[test]
    fn no_point_in_time_is_too_far() {
        let (first, last) = ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z");
        for (millis, nearest) in
            [(i64::MIN, first), (-1, first), (0, first), (END, last), (END + 1, last), (i64::MAX, last)]
        {
            assert_eq!(iso(Timestamp::from_millis(millis)).as_str(), nearest);
            assert!(http_date(Timestamp::from_millis(millis)).as_str().ends_with(" GMT"));
        }
    }

    proptest! {
        #[test]
        fn dates_are_those_of_the_library(millis in 0..=END) {
            let library = HttpDate::from(UNIX_EPOCH + Duration::from_millis(millis.unsigned_abs()));

            let ours = http_date(Timestamp::from_millis(millis));

            prop_assert_eq!(ours.as_str(), library.to_string());
        }
    }
}
