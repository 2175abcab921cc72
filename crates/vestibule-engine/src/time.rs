//! Points in time as text.

use std::time::{Duration, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use vestibule_core::Timestamp;

const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The last millisecond of the year 9999, which is as far as both formats reach.
const END: i64 = 253_402_300_799_999;

/// As JavaScript's `Date.toISOString` writes it. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn iso(at: Timestamp) -> String {
    let millis = at.as_millis().clamp(0, END);
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .ok()
        .and_then(|date| date.format(ISO).ok())
        .unwrap_or_default()
}

/// As HTTP writes it, to the second. Before 1970 and after 9999 the nearest point in between.
pub(crate) fn http_date(at: Timestamp) -> String {
    let millis = u64::try_from(at.as_millis().clamp(0, END)).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_those_of_the_original() {
        let at = Timestamp::from_millis(1_797_771_973_652);

        assert_eq!(iso(at), "2026-12-20T13:06:13.652Z");
        assert_eq!(http_date(at), "Sun, 20 Dec 2026 13:06:13 GMT");
    }

    #[test]
    fn no_point_in_time_is_too_far() {
        for millis in [i64::MIN, -1, 0, END, END + 1, i64::MAX] {
            assert!(iso(Timestamp::from_millis(millis)).ends_with('Z'));
            assert!(http_date(Timestamp::from_millis(millis)).ends_with(" GMT"));
        }
    }
}
