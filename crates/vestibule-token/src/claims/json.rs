//! JSON as `JSON.parse` reads it and `JSON.stringify` writes it.

use super::{Claim, Claims};

/// Reads an object; `None` if it is anything else.
pub(super) fn read(text: &str) -> Option<Claims> {
    serde_json::from_str(text).ok().or_else(|| {
        // JavaScript writes the half of a pair, which a text that was cut in the middle holds, as an escape.
        let holds_surrogates = text.contains("\\ud") || text.contains("\\uD");
        holds_surrogates.then(|| serde_json::from_str(&whole_pairs(text)).ok())?
    })
}

/// `text` with U+FFFD instead of every escaped half of a surrogate pair.
fn whole_pairs(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        let (before, escape) = rest.split_at(start);
        whole.push_str(before);
        let taken = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            // The backslash and what it escapes.
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at(taken);
        whole.push_str(kept);
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// The number in an escape `\uXXXX` at the beginning of `text`.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Appends an object.
pub(crate) fn write_members<'a>(members: impl Iterator<Item = (&'a str, &'a Claim)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (name, claim)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_name(name, out);
        write(claim, out);
    }
    out.push(b'}');
}

/// Appends the name of a member and the colon.
pub(crate) fn write_name(name: &str, out: &mut Vec<u8>) {
    write_text(name, out);
    out.push(b':');
}

/// Appends a value.
pub(crate) fn write(claim: &Claim, out: &mut Vec<u8>) {
    match claim {
        Claim::Null => out.extend_from_slice(b"null"),
        Claim::Bool(true) => out.extend_from_slice(b"true"),
        Claim::Bool(false) => out.extend_from_slice(b"false"),
        Claim::Number(number) => number.write(out),
        Claim::String(text) => write_text(text, out),
        Claim::Array(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(element, out);
            }
            out.push(b']');
        }
        Claim::Object(members) => write_members(members.iter(), out),
    }
}

/// Appends a text in quotes. Only what must be is escaped, and in the short form where there is one.
fn write_text(text: &str, out: &mut Vec<u8>) {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    out.push(b'"');
    let mut rest = text.as_bytes();
    // Mostly there is nothing to escape. To look at every byte is faster than to stop at the first.
    if !rest.iter().fold(false, |any, byte| any | is_escaped(*byte)) {
        out.extend_from_slice(rest);
        out.push(b'"');
        return;
    }
    while let Some(place) = rest.iter().position(|byte| is_escaped(*byte)) {
        let byte = rest[place];
        out.extend_from_slice(&rest[..place]);
        out.push(b'\\');
        match byte {
            b'"' | b'\\' => out.push(byte),
            0x08 => out.push(b'b'),
            b'\t' => out.push(b't'),
            b'\n' => out.push(b'n'),
            0x0c => out.push(b'f'),
            b'\r' => out.push(b'r'),
            _ => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]];
                out.extend_from_slice(b"u00");
                out.extend_from_slice(&digits);
            }
        }
        rest = &rest[place + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
