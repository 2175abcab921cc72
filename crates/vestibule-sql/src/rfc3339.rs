//! Points in time as text, the way JavaScript writes them: `2030-01-02T03:04:05.678Z`.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use vestibule_core::Timestamp;

/// As `Date.prototype.toISOString`: milliseconds and `Z`. Years beyond 9999 do not occur.
pub(crate) fn format(time: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let nanos = i128::from(time.as_millis()) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&format).unwrap_or_default()
}

/// Reads RFC 3339 with any offset; digits below the millisecond are cut.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(millis).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_time_are_the_same_point() {
        let time = Timestamp::from_millis(1_893_553_445_678);

        assert_eq!(format(time), "2030-01-02T03:04:05.678Z");
        assert_eq!(parse("2030-01-02T03:04:05.678Z"), Some(time));
        assert_eq!(parse("2030-01-02T05:04:05.678999+02:00"), Some(time));
        assert_eq!(parse("2030-01-02"), None);
    }
}
