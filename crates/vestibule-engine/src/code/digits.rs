//! What a code looks like.

use unicode_normalization::UnicodeNormalization as _;
use vestibule_core::Random;

/// How many digits a code has.
const DIGITS: usize = 6;
/// How many codes there are.
const CODES: u64 = 1_000_000;
/// The longest text that is looked at, in bytes.
const MAX_INPUT: usize = 64;

/// Six random digits. Some are likelier than others by less than one in 10¹³.
pub(crate) fn random_code(random: &dyn Random) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    format!("{:06}", u64::from_le_bytes(bytes) % CODES)
}

/// The code that somebody typed: with spaces or a dash in it, or in the wide digits of East Asian keyboards. `None` if
/// it cannot be one.
pub(crate) fn read_code(text: &str) -> Option<String> {
    if text.len() > MAX_INPUT {
        return None;
    }
    let is_between = |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}');
    let code: String = text.nfkc().filter(|c| !is_between(c)).collect();
    (code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in [
            "012345",
            " 012 345 ",
            "012-345",
            "０１２３４５",
            "0 1 2 3 4 5",
            "012\u{2013}345",
            "012\u{a0}345",
        ] {
            assert_eq!(read_code(text).as_deref(), Some("012345"), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let long = format!("012345{}", " ".repeat(MAX_INPUT));
        for text in ["", "12345", "1234567", "12345a", "12.345", "٠١٢٣٤٥", "-12345", "+12345", long.as_str()]
        {
            assert_eq!(read_code(text), None, "{text:?}");
        }
    }

    #[test]
    fn codes_are_spread_over_all_there_are() {
        let codes: Vec<String> = (0..2000).map(|_| random_code(&OsRandom)).collect();

        for first in '0'..='9' {
            let share = codes.iter().filter(|code| code.starts_with(first)).count();
            assert!((100..350).contains(&share), "{share} of 2000 begin with {first}");
        }
        assert!(codes.iter().all(|code| read_code(code).as_ref() == Some(code)));
    }

    proptest! {
        #[test]
        fn reading_is_total(text in "\\PC*") {
            let _ = read_code(&text);
        }
    }
}
