//! Points in time as text, in the forms that JavaScript programs have left in databases.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use vestibule_core::Timestamp;

use crate::profile::{TextForm, Zone};

/// As `Date.prototype.toISOString`: `2030-01-02T03:04:05.678Z`. Years beyond 9999 do not occur.
pub(crate) fn format(time: Timestamp) -> String {
    written(time, TextForm::Iso).unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
}

/// The point in time in Coordinated Universal Time, in one of the forms; `None` if its year has not four digits.
pub(crate) fn written(time: Timestamp, form: TextForm) -> Option<String> {
    let date = format_description!("[year]-[month]-[day]");
    let clock = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    let nanos = i128::from(time.as_millis()) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().filter(|time| time.year() >= 0)?;
    let (date, clock) = (time.format(&date).ok()?, time.format(&clock).ok()?);
    Some(match form {
        TextForm::Iso => format!("{date}T{clock}Z"),
        TextForm::IsoOffset => format!("{date}T{clock}+00:00"),
        TextForm::Sql => format!("{date} {clock}"),
        TextForm::SqlOffset => format!("{date} {clock} +00:00"),
    })
}

/// Reads RFC 3339 with any offset; digits below the millisecond are cut.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    millis(OffsetDateTime::parse(text, &Rfc3339).ok()?)
}

/// Reads a date in any of the forms, and with any offset. One without an offset is what a clock on the wall of
/// the zone shows.
pub(crate) fn read(text: &str, zone: &Zone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(time) = parse(text) {
        return Some(time);
    }
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix([' ', 'T', 't'])?;
    let end = rest.find([' ', 'Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(end);
    match offset.trim() {
        "" => {
            let form =
                format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]]");
            let wall = PrimitiveDateTime::parse(&format!("{date}T{clock}"), &form).ok()?;
            Some(zone.point(millis(wall.assume_utc())?))
        }
        offset => {
            let offset = if offset.len() == 3 { format!("{offset}:00") } else { offset.to_owned() };
            parse(&format!("{date}T{clock}{offset}"))
        }
    }
}

fn millis(time: OffsetDateTime) -> Option<Timestamp> {
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(millis).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Timestamp = Timestamp::from_millis(1_893_553_445_678);

    #[test]
    fn text_and_time_are_the_same_point() {
        assert_eq!(format(TIME), "2030-01-02T03:04:05.678Z");
        assert_eq!(parse("2030-01-02T03:04:05.678Z"), Some(TIME));
        assert_eq!(parse("2030-01-02T05:04:05.678999+02:00"), Some(TIME));
        assert_eq!(parse("2030-01-02"), None);
    }

    #[test]
    fn every_form_that_is_written_is_read() {
        for form in [TextForm::Iso, TextForm::IsoOffset, TextForm::Sql, TextForm::SqlOffset] {
            assert_eq!(read(&written(TIME, form).unwrap(), &Zone::UTC), Some(TIME), "{form:?}");
            for far in [i64::MIN, -62_167_219_200_001, 253_402_300_800_000, i64::MAX] {
                assert_eq!(written(Timestamp::from_millis(far), form), None);
            }
        }
        assert_eq!(read("2030-01-02 03:04:05", &Zone::UTC), Some(Timestamp::from_secs(TIME.as_secs())));
        assert_eq!(read("2030-01-02 03:04:05.678+00", &Zone::UTC), Some(TIME));
        assert_eq!(read("2030-01-02 04:04:05.678", &Zone::named("Europe/Berlin").unwrap()), Some(TIME));
        for text in
            ["", "2030", "2030-01-02", "2030-13-02 03:04:05", "2030-01-02 03:04:05 noon", "héllo wörld hé"]
        {
            assert_eq!(read(text, &Zone::UTC), None, "{text}");
        }
    }
}
