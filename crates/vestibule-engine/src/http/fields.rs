//! Names and values from a query, a form or a JSON object.

use percent_encoding::percent_decode_str;

/// A query or body that cannot be read: bad percent-encoding, text that is not UTF-8, NUL, JSON that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Names and values; of several values of one name the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From `application/x-www-form-urlencoded` text.
    pub(crate) fn urlencoded(text: &str) -> Result<Self, Malformed> {
        text.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// From JSON text: the members of an object that are strings. Other members, and other JSON, have no
    /// fields.
    pub(crate) fn json(bytes: &[u8]) -> Result<Self, Malformed> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| Malformed)?;
        let serde_json::Value::Object(members) = value else {
            return Ok(Self::default());
        };
        members
            .into_iter()
            .filter_map(|(name, value)| match value {
                serde_json::Value::String(text) => Some((name, text)),
                _ => None,
            })
            .map(|(name, text)| Ok((without_nul(name)?, without_nul(text)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// All names and values, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// The value of a name, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

fn decode(text: &str) -> Result<String, Malformed> {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let whole = |(at, byte): (usize, &u8)| *byte != b'%' || (is_hex(at + 1) && is_hex(at + 2));
    if !bytes.iter().enumerate().all(whole) {
        return Err(Malformed);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| Malformed)?;
    without_nul(decoded.into_owned())
}

fn without_nul(text: String) -> Result<String, Malformed> {
    if text.contains('\0') { Err(Malformed) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_value_of_a_name_counts() {
        let fields = Fields::urlencoded("a=1&b=x+y%26z&&a=2&c").unwrap();

        assert_eq!(fields.get("a"), Some("2"));
        assert_eq!(fields.get("b"), Some("x y&z"));
        assert_eq!(fields.get("c"), Some(""));
        assert_eq!(fields.filled("c"), None);
        assert_eq!(fields.get("d"), None);
    }

    #[test]
    fn bad_encodings_are_malformed() {
        for text in ["a=%", "a=%4", "a=%zz", "%=a", "a=%ff", "a=%00", "%00=a", "a=%C3%28"] {
            assert_eq!(Fields::urlencoded(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn json_objects_give_their_strings() {
        let fields = Fields::json(br#"{"a":"1","b":2,"c":null,"d":{"a":"x"},"a":"3"}"#).unwrap();

        assert_eq!(fields.get("a"), Some("3"));
        assert_eq!(fields.get("b"), None);
        assert_eq!(fields.get("d"), None);
        assert_eq!(Fields::json(b"[1]"), Ok(Fields::default()));
    }

    #[test]
    fn bad_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{\"a\":\"\\u0000\"}", "\u{0}", deep.as_str()] {
            assert_eq!(Fields::json(text.as_bytes()), Err(Malformed));
        }
        assert_eq!(Fields::json(b"{\"a\":\"\xff\"}"), Err(Malformed));
    }

    proptest! {
        #[test]
        fn reading_is_total(text in "\\PC*", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::urlencoded(&text);
            let _ = Fields::json(&bytes);
            let _ = Fields::urlencoded(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn what_a_browser_encodes_is_read_back(value in "[^\\x00]*") {
            let text = form_urlencoded::Serializer::new(String::new())
                .append_pair("v", &value)
                .finish();

            let fields = Fields::urlencoded(&text).unwrap();
            prop_assert_eq!(fields.get("v"), Some(value.as_str()));
        }
    }
}
