//! Which language a visitor reads.

use crate::language::Language;

/// No more ranges of an `Accept-Language` header are looked at; browsers send a handful.
const MOST: usize = 32;

/// The language that a visitor reads best (RFC 9110 §12.5.4, matching by lookup as in RFC 4647 §3.4); the first one if
/// they read none of them.
pub(crate) fn choose<'a>(languages: &'a [Language], accept_language: Option<&str>) -> Option<&'a Language> {
    let mut ranges: Vec<(&str, f32)> =
        accept_language.unwrap_or_default().split(',').take(MOST).filter_map(range).collect();
    // The sort is stable: of equals the one that was named first.
    ranges.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranges.into_iter().find_map(|(range, _)| lookup(languages, range)).or_else(|| languages.first())
}

/// A language range and how much it is wanted; `None` if it is not wanted.
fn range(text: &str) -> Option<(&str, f32)> {
    let (range, weight) = text.split_once(';').unwrap_or((text, ""));
    let quality = match weight.trim().strip_prefix("q=") {
        Some(number) => {
            number.trim().parse().ok().filter(|number| (0.0..=1.0).contains(number)).unwrap_or(0.0)
        }
        None => 1.0,
    };
    (quality > 0.0).then(|| (range.trim(), quality))
}

/// The language of a range: its whole tag, or what is left of it when parts are cut from its end.
fn lookup<'a>(languages: &'a [Language], range: &str) -> Option<&'a Language> {
    let mut range = range;
    loop {
        let is_it = |language: &&Language| language.tag().eq_ignore_ascii_case(range);
        if let Some(language) = languages.iter().find(is_it) {
            return Some(language);
        }
        range = range.rsplit_once('-')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(header: &str) -> String {
        choose(&Language::built_in(), Some(header)).unwrap().tag().to_owned()
    }

    #[test]
    fn the_language_that_is_wanted_most_is_chosen() {
        for (header, tag) in [
            ("ko", "ko"),
            ("KO-kr", "ko"),
            ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
            ("en;q=0.5, ko;q=0.7", "ko"),
            ("de, ko;q=0.1", "ko"),
            ("en, ko", "en"),
            ("ko;q=0, en;q=0.1", "en"),
            ("ko;q=2", "en"),
            ("ko;q=x", "en"),
            ("*", "en"),
            ("de-AT", "en"),
            ("korean", "en"),
            ("", "en"),
            (",;,-,ko-", "ko"),
        ] {
            assert_eq!(chosen(header), tag, "{header}");
        }
    }

    #[test]
    fn a_header_without_end_is_cut() {
        assert_eq!(chosen(&format!("{}ko", "de,".repeat(MOST))), "en");
    }
}
