//! Numbers as JavaScript writes them.

use std::fmt;

use serde::{Serialize, Serializer};

/// The largest whole number up to which JavaScript tells every one from its neighbors.
const EXACT: f64 = 9_007_199_254_740_991.0;
/// No whole number of 64 bits is larger.
const LONGEST: f64 = 18_446_744_073_709_551_615.0;

/// A number among claims.
///
/// A whole number is kept exactly, whichever way it was written, as far as 64 bits reach; JavaScript reads those beyond
/// 2^53 a little off. Anything else is an `f64`, which is never infinite and never "not a number".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A whole number below 2^63.
    Signed(i64),
    /// One that is at least 2^63.
    Unsigned(u64),
    Float(f64),
}

impl Number {
    /// The number of `value`, unless that is infinite or no number.
    ///
    /// Of a whole number beyond 2^53 the digits count that JavaScript would write: those that tell it from its
    /// neighbors, and then zeros.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        if value.fract() != 0.0 || value.abs() > LONGEST {
            return Some(Self(Kind::Float(value)));
        }
        if value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and has at most 53 bits")]
            return Some(Self(Kind::Signed(value as i64)));
        }
        let mut buffer = ryu_js::Buffer::new();
        let digits = buffer.format_finite(value);
        let signed = digits.parse().map(Kind::Signed).ok();
        Some(Self(signed.or_else(|| digits.parse().map(Kind::Unsigned).ok()).unwrap_or(Kind::Float(value))))
    }

    /// The number, if it is whole and fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Kind::Signed(value) => Some(value),
            Kind::Unsigned(_) | Kind::Float(_) => None,
        }
    }

    /// The number, if it is whole, not negative, and fits.
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Kind::Signed(value) => u64::try_from(value).ok(),
            Kind::Unsigned(value) => Some(value),
            Kind::Float(_) => None,
        }
    }

    /// The number as JavaScript has it, rounded if it is beyond 2^53.
    #[expect(clippy::cast_precision_loss, reason = "as documented")]
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Kind::Signed(value) => value as f64,
            Kind::Unsigned(value) => value as f64,
            Kind::Float(value) => value,
        }
    }

    /// Appends the number as `JSON.stringify` writes it.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self.0 {
            Kind::Signed(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Kind::Unsigned(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Kind::Float(value) => {
                out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
            }
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Kind::Signed(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(i64::try_from(value).map_or(Kind::Unsigned(value), Kind::Signed))
    }
}

impl fmt::Display for Number {
    /// Writes the number as `JSON.stringify` does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Signed(value) => value.fmt(f),
            Kind::Unsigned(value) => value.fmt(f),
            Kind::Float(value) => f.write_str(ryu_js::Buffer::new().format_finite(value)),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Kind::Signed(value) => serializer.serialize_i64(value),
            Kind::Unsigned(value) => serializer.serialize_u64(value),
            Kind::Float(value) => serializer.serialize_f64(value),
        }
    }
}

impl From<Number> for serde_json::Value {
    fn from(number: Number) -> Self {
        match number.0 {
            Kind::Signed(value) => value.into(),
            Kind::Unsigned(value) => value.into(),
            Kind::Float(value) => value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: f64) -> String {
        let mut out = Vec::new();
        let number = Number::from_f64(value).unwrap();
        number.write(&mut out);
        assert_eq!(number.to_string().as_bytes(), out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (value, text) in [
            (1.5, "1.5"),
            (1.0, "1"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1_152_921_504_606_846_976.0, "1152921504606847000"),
            (-1.7e308, "-1.7e+308"),
            (5e-324, "5e-324"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(written(value), text);
        }
    }

    #[test]
    fn a_number_is_the_one_that_is_read_from_its_text() {
        for value in
            [1e18, -1e18, 1.8e19, 18_446_744_073_709_551_615.0, 1_152_921_504_606_846_976.0, 1e19, -1e19]
        {
            let number = Number::from_f64(value).unwrap();

            let read: serde_json::Number = written(value).parse().unwrap();

            assert_eq!((number.as_i64(), number.as_u64()), (read.as_i64(), read.as_u64()), "{value}");
            assert_eq!(number.as_f64().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn what_javascript_cannot_write_is_no_number() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Number::from_f64(value), None);
        }
    }

    #[test]
    fn whole_numbers_are_exact() {
        assert_eq!(Number::from(u64::MAX).to_string(), "18446744073709551615");
        assert_eq!(Number::from(u64::MAX).as_u64(), Some(u64::MAX));
        assert_eq!(Number::from(u64::MAX).as_i64(), None);
        assert_eq!(Number::from(i64::MIN).to_string(), "-9223372036854775808");
        assert_eq!(Number::from(i64::MIN).as_u64(), None);
        assert_eq!(Number::from(7_u64), Number::from(7_i64));
        assert_eq!(Number::from_f64(7.0), Some(Number::from(7_i64)));
        assert_eq!(Number::from_f64(7.5).unwrap().as_i64(), None);
    }
}
