//! Points in time as PostgreSQL writes them: `2026-11-20 13:06:13.652+00`, and ` BC` behind it before the year 1.

use vestibule_core::Timestamp;
use vestibule_sql::postgres;

const DAY_MILLIS: i64 = 86_400_000;

/// As text that PostgreSQL reads; `None` if it is beyond what its `timestamptz` can hold.
pub(crate) fn write(time: Timestamp) -> Option<String> {
    postgres::micros(time)?;
    let millis = time.as_millis();
    let (year, month, day) = date(millis.div_euclid(DAY_MILLIS));
    let rest = millis.rem_euclid(DAY_MILLIS);
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let millis = rest % 1000;
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03}+00{era}"))
}

/// Reads PostgreSQL's text with any offset, or none, which is Coordinated Universal Time. Digits below the
/// millisecond are cut; the two infinities become the ends of its range.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    match text {
        "infinity" => return Some(postgres::from_micros(i64::MAX)),
        "-infinity" => return Some(postgres::from_micros(i64::MIN)),
        _ => {}
    }
    let (text, before_christ) = text.strip_suffix(" BC").map_or((text, false), |text| (text, true));
    let (date, time) = text.split_once([' ', 'T'])?;
    let [year, month, day] = parts::<3>(date, '-')?;
    let year = if before_christ { 1 - year } else { year };

    let (time, offset) = match time.find(['+', '-', 'Z']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time, 0),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = parts::<3>(time, ':')?;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 24
        && minute < 60
        && second <= 60
        && fraction.len() <= 9;
    if !in_range {
        return None;
    }
    let mut millis = 0;
    for at in 0..3 {
        let digit = fraction.as_bytes().get(at).map_or(Some(0), |digit| char::from(*digit).to_digit(10));
        millis = millis * 10 + i64::from(digit?);
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Timestamp::from_millis(seconds * 1000 + millis))
}

/// An offset from Coordinated Universal Time in seconds: `Z`, `+00`, `-03:30`, `+05:53:28`.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut seconds = 0;
    let mut unit = 3600;
    for part in text[1..].split(':') {
        seconds += number(part)? * unit;
        unit /= 60;
    }
    Some(sign * seconds)
}

fn parts<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let parts: Option<Vec<i64>> = text.split(separator).map(number).collect();
    parts?.try_into().ok()
}

/// Digits only, and few enough that nothing overflows.
fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, extended to all times. The year is counted from March,
/// so that a leap day ends it; 400 years have 146 097 days.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month < 3);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let in_cycle = year.rem_euclid(400);
    year.div_euclid(400) * 146_097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + of_year - 719_468
}

/// The other way round.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let of_cycle = days.rem_euclid(146_097);
    let in_cycle = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * in_cycle + in_cycle / 4 - in_cycle / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    (days.div_euclid(146_097) * 400 + in_cycle + i64::from(month < 3), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_postgres_writes_is_read() {
        for (text, millis) in [
            ("1970-01-01 00:00:00+00", 0),
            ("1969-12-31 23:59:58.999+00", -1_001),
            ("2026-11-20 13:06:13.652+00", 1_795_179_973_652),
            ("2026-11-20 18:36:13.652999+05:30", 1_795_179_973_652),
            ("2026-11-20 09:36:13.652-03:30", 1_795_179_973_652),
            ("1890-01-01 05:53:28+05:53:28", -2_524_521_600_000),
            ("2026-11-20 13:06:13.652", 1_795_179_973_652),
            ("2000-02-29 00:00:00.5+00", 951_782_400_500),
            ("10000-01-01 00:00:00+00", 253_402_300_800_000),
            ("0001-12-31 00:00:00+00 BC", -62_135_683_200_000),
        ] {
            assert_eq!(read(text), Some(Timestamp::from_millis(millis)), "{text}");
        }
        assert_eq!(read("infinity"), Some(postgres::from_micros(i64::MAX)));
    }

    #[test]
    fn other_texts_are_no_points_in_time() {
        for text in [
            "",
            "now",
            "2026-11-20",
            "20.11.2026 13:06:13",
            "11/20/2026 13:06:13 UTC",
            "2026-13-20 13:06:13+00",
            "2026-11-20 13:06+00",
            "2026-11-20 13:06:13.+0x",
            "Fri Nov 20 13:06:13 2026 UTC",
            "2026-11-20 13:06:13.ab",
            "99999999999999999999-01-01 00:00:00+00",
            "2026-11-20 13:06:13+",
            "2026-11-20 é:06:13+00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_ends_are_not_written() {
        assert_eq!(write(Timestamp::from_millis(i64::MAX)), None);
        assert_eq!(write(Timestamp::from_millis(i64::MIN)), None);
        assert_eq!(
            write(Timestamp::from_millis(-62_135_683_200_000)).unwrap(),
            "0001-12-31 00:00:00.000+00 BC"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(millis in -210_866_803_200_000_i64..=9_224_318_015_999_999) {
            let time = Timestamp::from_millis(millis);

            prop_assert_eq!(read(&write(time).unwrap()), Some(time));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", numbers in "[-0-9:. +TZBC]{0,40}") {
            let _ = (read(&text), read(&numbers));
        }
    }
}
