//! Cells on their way in.

use vestibule_core::BoxError;

use super::Clock;
use crate::Value;

/// What kind of column a cell stands in, as far as it decides what its bytes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `BIT`: the bytes of a number, the highest first.
    Bit,
    /// `BLOB`, `BINARY`, `VARBINARY`: bytes, even where they happen to be text.
    Bytes,
    /// `DATE`, `DATETIME`, `TIMESTAMP`.
    Clock,
    /// Integers of any width, signed or not, and `YEAR`.
    Int,
    /// `FLOAT` and `DOUBLE`.
    Real,
    /// Text, JSON, `ENUM`, `SET`, `TIME`, and `DECIMAL`, which would lose digits as anything else.
    Text,
}

impl Cell {
    /// The value of a cell that travelled as text, which batches do, or whose kind travels as bytes in any case.
    ///
    /// A clock that shows no point in time, such as `0000-00-00 00:00:00`, stays text, so that whoever expects a
    /// time says which column it stands in.
    ///
    /// # Errors
    ///
    /// If the bytes are not what the kind calls for, or an integer is beyond [`i64`].
    pub fn read(self, bytes: &[u8]) -> Result<Value, BoxError> {
        Ok(match self {
            Self::Bytes => Value::Bytes(bytes.to_vec()),
            Self::Bit => Value::Int(bit(bytes)?),
            Self::Int => Value::Int(text(bytes)?.parse().map_err(|_| "an integer beyond 64 bits")?),
            Self::Real => Value::Real(text(bytes)?.parse()?),
            Self::Text => Value::Text(text(bytes)?.to_owned()),
            Self::Clock => {
                let text = text(bytes)?;
                Clock::parse(text)
                    .and_then(Clock::time)
                    .map_or_else(|| Value::Text(text.to_owned()), Value::Time)
            }
        })
    }

    /// The value of a binary `DATE`, `DATETIME` or `TIMESTAMP`, without the byte that tells its length.
    ///
    /// # Errors
    ///
    /// If it is longer than any of these.
    pub fn read_clock(body: &[u8]) -> Result<Value, BoxError> {
        Clock::from_binary(body).map(Self::of_clock).ok_or_else(|| "a clock with too many bytes".into())
    }

    /// The value of a `DATE`, `DATETIME` or `TIMESTAMP` whose parts are known; see [`read`](Self::read) for one that
    /// shows no point in time.
    pub fn of_clock(clock: Clock) -> Value {
        clock.time().map_or_else(|| Value::Text(clock.to_string()), Value::Time)
    }

    /// The value of a binary `TIME`, without the byte that tells its length: the text that it is otherwise.
    ///
    /// # Errors
    ///
    /// If it is longer than any.
    pub fn read_span(body: &[u8]) -> Result<Value, BoxError> {
        let mut all = [0; 12];
        all.get_mut(..body.len()).ok_or("a TIME with too many bytes")?.copy_from_slice(body);
        let [sign, d0, d1, d2, d3, hours, minutes, seconds, ..] = all;
        Ok(Self::of_span(sign != 0, u32::from_le_bytes([d0, d1, d2, d3]), [hours, minutes, seconds]))
    }

    /// The value of a `TIME` whose parts are known: the days, and then hours, minutes and seconds.
    pub fn of_span(is_negative: bool, days: u32, [hours, minutes, seconds]: [u8; 3]) -> Value {
        let sign = if is_negative { "-" } else { "" };
        let hours = days.saturating_mul(24).saturating_add(hours.into());
        Value::Text(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"))
    }

    /// The value of a `FLOAT`: the number that its shortest decimal notation names, as it is when sent as text.
    pub fn read_float(number: f32) -> Value {
        let shortest = number.to_string();
        Value::Real(shortest.parse().unwrap_or(f64::from(number)))
    }
}

fn text(bytes: &[u8]) -> Result<&str, BoxError> {
    std::str::from_utf8(bytes).map_err(|_| "the connection does not speak UTF-8".into())
}

fn bit(bytes: &[u8]) -> Result<i64, BoxError> {
    let beyond = "a BIT beyond 63 bits";
    let number = bytes.iter().try_fold(0_u64, |number, byte| {
        number.checked_mul(256).map(|number| number + u64::from(*byte)).ok_or(beyond)
    });
    i64::try_from(number?).map_err(|_| beyond.into())
}

#[cfg(test)]
mod tests {
    use vestibule_core::Timestamp;

    use super::*;

    #[test]
    fn a_cell_reads_as_its_kind_says() {
        for (kind, bytes, value) in [
            (Cell::Int, &b"-9223372036854775808"[..], Value::Int(i64::MIN)),
            (Cell::Int, b"2031", Value::Int(2031)),
            (Cell::Bit, b"\x01\x00", Value::Int(256)),
            (Cell::Bit, b"", Value::Int(0)),
            (Cell::Real, b"1.5e300", Value::Real(1.5e300)),
            (Cell::Text, b"12.50", Value::Text("12.50".into())),
            (Cell::Bytes, b"text", Value::Bytes(b"text".to_vec())),
            (Cell::Clock, b"1970-01-01 00:00:01.500", Value::Time(Timestamp::from_millis(1500))),
            (Cell::Clock, b"0000-00-00 00:00:00", Value::Text("0000-00-00 00:00:00".into())),
        ] {
            assert!(kind.read(bytes).unwrap() == value, "{kind:?} {bytes:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_no_other_number() {
        for (kind, bytes) in [
            (Cell::Int, &b"9223372036854775808"[..]),
            (Cell::Int, b"1.5"),
            (Cell::Bit, b"\x80\0\0\0\0\0\0\0"),
            (Cell::Bit, b"\x01\0\0\0\0\0\0\0\0"),
            (Cell::Text, b"\xff"),
            (Cell::Real, b"much"),
        ] {
            assert!(kind.read(bytes).is_err(), "{kind:?} {bytes:?}");
        }
    }

    #[test]
    fn a_float_is_the_number_it_is_written_as() {
        assert!(Cell::read_float(1.1) == Value::Real(1.1));
        assert!(Cell::read_float(f32::MIN_POSITIVE) == Value::Real(1.175_494_4e-38));
    }

    #[test]
    fn a_span_is_text() {
        let span = Cell::read_span(&[1, 2, 0, 0, 0, 3, 4, 5]).unwrap();

        assert!(span == Value::Text("-51:04:05".into()));
        assert!(Cell::read_span(&[0; 13]).is_err());
    }

    #[test]
    fn a_zero_date_stays_text() {
        assert!(Cell::read_clock(&[]).unwrap() == Value::Text("0000-00-00 00:00:00.000".into()));
        assert!(Cell::read_clock(&[0; 12]).is_err());
    }
}
