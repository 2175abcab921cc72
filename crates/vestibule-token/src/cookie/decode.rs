//! Percent-encoding as JavaScript undoes it.

use std::borrow::Cow;

/// Undoes percent-encoding as JavaScript's `decodeURIComponent` does; what that would throw at is kept as it is.
pub fn decode(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let decoded = bytes(value).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// `None` if a percent sign is not followed by two hexadecimal digits.
fn bytes(value: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut rest = value.as_bytes();
    let mut bytes = Vec::with_capacity(value.len());
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (plain, escape) = rest.split_at(at);
        let [_, high, low, after @ ..] = escape else { return None };
        bytes.extend_from_slice(plain);
        bytes.push(digit(*high)? << 4 | digit(*low)?);
        rest = after;
    }
    bytes.extend_from_slice(rest);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_decoded_is_kept() {
        for (value, decoded) in [
            ("plain", "plain"),
            ("%61%7C", "a|"),
            ("x%C3%a9y", "xéy"),
            ("%", "%"),
            ("a%2", "a%2"),
            ("%%41", "%%41"),
            ("%41%", "%41%"),
            ("%ff", "%ff"),
            ("é%é1", "é%é1"),
            ("a+b", "a+b"),
        ] {
            assert_eq!(decode(value), decoded);
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in "\\PC+") {
            let encoded = format!("%{}", hex::encode_upper(&text).as_bytes().chunks(2)
                .map(|digits| std::str::from_utf8(digits).unwrap()).collect::<Vec<_>>().join("%"));

            prop_assert_eq!(decode(&encoded), text.as_str());
        }

        #[test]
        fn decoding_is_total(text in "(%[0-9a-f]{0,2}|\\PC)*") {
            decode(&text);
        }
    }
}
