//! The session token in a request, and how it is cut into cookies.
//!
//! A browser keeps some 4096 bytes a cookie, so a longer token is spread over `name.0`, `name.1` and so on. Only these
//! names and the name itself count; Auth.js takes every cookie whose name begins alike, which lets a neighboring
//! domain spoil a session.
//!
//! Everything here is total, and takes memory in proportion to what it is given.

mod decode;
mod find;

pub use decode::decode;
pub use find::{Found, find};

/// How many bytes of a token go into one cookie. The rest of the 4096 is left for the name and the attributes.
pub const CHUNK: usize = 3936;

/// The session cookie of Auth.js v5 on `https`.
pub const AUTHJS_SECURE: &str = "__Secure-authjs.session-token";
/// The session cookie of Auth.js v5 on `http`.
pub const AUTHJS: &str = "authjs.session-token";
/// The session cookie of NextAuth v4 on `https`.
pub const NEXTAUTH_SECURE: &str = "__Secure-next-auth.session-token";
/// The session cookie of NextAuth v4 on `http`.
pub const NEXTAUTH: &str = "next-auth.session-token";

/// The names and values in the text of a `Cookie` header, in order, the values as they were sent.
///
/// What is no cookie is left out. Quotation marks belong to the value.
pub fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(header);
    let parts = std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = split_at(text, b';').map_or((text, None), |(part, after)| (part, Some(after)));
        rest = after;
        Some(part)
    });
    parts.filter_map(|part| split_at(part, b'=')).map(|(name, value)| (trim(name), trim(value)))
}

/// What is before and after the first of these, which is ASCII. Tokens are long: many bytes are looked at together.
fn split_at(text: &str, ascii: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(ascii, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The token in the value of an `Authorization` header of the scheme `Bearer`, if it has one.
///
/// Percent-encoding is undone, since that is how Auth.js' clients send it.
pub fn bearer(authorization: &str) -> Option<std::borrow::Cow<'_, str>> {
    let (scheme, rest) = trim(authorization).split_once(' ')?;
    let token = rest.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then(|| decode(token))
}

/// The names and values of the cookies that hold `token`: `name` itself, or chunks of [`CHUNK`] bytes.
///
/// A token that is opaque to Auth.js, as one in the database is, is never cut; do not give it to this function if it
/// could be that long.
pub fn chunks<'a>(name: &'a str, token: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    let is_whole = token.len() <= CHUNK;
    let mut rest = Some(token);
    let cut = std::iter::from_fn(move || {
        let text = rest?;
        let (chunk, left) = text.split_at(text.floor_char_boundary(CHUNK));
        rest = (!left.is_empty()).then_some(left);
        Some(chunk)
    });
    let named = move |(index, chunk)| {
        if is_whole { (name.to_owned(), chunk) } else { (format!("{name}.{index}"), chunk) }
    };
    cut.enumerate().map(named)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_split_as_auth_js_does() {
        let all: Vec<_> = pairs(" a \t=\t x%7Cy ;b=\"q\";c=1=2;d;;=e; f=").collect();

        assert_eq!(all, [("a", "x%7Cy"), ("b", "\"q\""), ("c", "1=2"), ("", "e"), ("f", "")]);
    }

    #[test]
    fn a_bearer_token_is_decoded() {
        for (header, token) in [
            ("Bearer a.b", Some("a.b")),
            ("bearer  a%2Eb ", Some("a.b")),
            ("Bearer a%", Some("a%")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic a.b", None),
            ("", None),
        ] {
            assert_eq!(bearer(header).as_deref(), token, "{header}");
        }
    }

    #[test]
    fn a_token_is_cut_as_auth_js_does() {
        for (length, lengths) in [
            (0, vec![("s", 0)]),
            (1, vec![("s", 1)]),
            (3935, vec![("s", 3935)]),
            (3936, vec![("s", 3936)]),
            (3937, vec![("s.0", 3936), ("s.1", 1)]),
            (7872, vec![("s.0", 3936), ("s.1", 3936)]),
            (7873, vec![("s.0", 3936), ("s.1", 3936), ("s.2", 1)]),
        ] {
            let token = "x".repeat(length);

            let cut: Vec<_> = chunks("s", &token).map(|(name, value)| (name, value.len())).collect();

            let expected: Vec<_> =
                lengths.into_iter().map(|(name, length)| (name.to_owned(), length)).collect();
            assert_eq!(cut, expected);
        }
    }

    #[test]
    fn a_character_is_never_cut() {
        let token = format!("{}é", "x".repeat(CHUNK - 1));

        let cut: Vec<_> = chunks("s", &token).map(|(_, value)| value.to_owned()).collect();

        assert_eq!(cut, ["x".repeat(CHUNK - 1), "é".to_owned()]);
    }

    proptest! {
        #[test]
        fn chunks_are_found_again_in_any_order(length in 1_usize..60_000, seed in any::<u64>()) {
            let token = &"abcdefghijklmnopqrstuvw".repeat(length / 23 + 1)[..length];
            let mut cut: Vec<_> = chunks("s", token).collect();
            let turns = usize::try_from(seed % cut.len() as u64).unwrap();
            cut.rotate_left(turns);
            cut.reverse();

            let found = find(cut.iter().map(|(name, value)| (name.as_str(), *value)), "s").token();

            prop_assert_eq!(found.as_deref(), Some(token));
        }
    }
}
