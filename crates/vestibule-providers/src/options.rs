//! What an operator can say about a provider besides id, secret, issuer and scope.

use url::Url;

/// An operator's option of an entry. In the environment it is `AUTH_<ID>_<NAME>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    name: &'static str,
    kind: OptionKind,
    default: Option<&'static str>,
    required: bool,
    what: &'static str,
}

/// What the value of an option has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionKind {
    /// A URL without query and fragment. A slash at its end does not count.
    Url,
    /// A URL, which may have a query.
    UrlWithQuery,
    /// Letters, digits, `.`, `_` and `-`: it may become part of a host's name or of a path.
    Word,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Any text that fits on a line; it becomes a parameter or a header.
    Text,
    /// A private key in PEM. Line breaks may be written as `\n`.
    Pem,
}

impl OptionSpec {
    /// An option that must be given.
    pub(crate) const fn required(name: &'static str, kind: OptionKind, what: &'static str) -> Self {
        Self { name, kind, default: None, required: true, what }
    }

    /// An option that may be given.
    pub(crate) const fn optional(name: &'static str, kind: OptionKind, what: &'static str) -> Self {
        Self { name, kind, default: None, required: false, what }
    }

    /// An option that has this value unless another is given.
    pub(crate) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// The name, in lower case with `_`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its value has to be.
    pub fn kind(&self) -> OptionKind {
        self.kind
    }

    /// The value that it has if none is given.
    pub fn default(&self) -> Option<&'static str> {
        self.default
    }

    /// Whether it must be given.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// What it is, in words that follow "needs".
    pub fn what(&self) -> &'static str {
        self.what
    }
}

impl OptionKind {
    /// The value as it is used, or `None` if it is not of this kind.
    pub(crate) fn read(self, value: &str) -> Option<String> {
        let one_line = !value.chars().any(char::is_control);
        match self {
            Self::Url => {
                url(value).filter(|url| url.query().is_none()).map(|_| value.trim_end_matches('/').to_owned())
            }
            Self::UrlWithQuery => url(value).map(|_| value.to_owned()),
            Self::Word => value
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || ".-_".contains(character))
                .then(|| value.to_owned()),
            Self::OneOf(choices) => choices.contains(&value).then(|| value.to_owned()),
            Self::Text => one_line.then(|| value.to_owned()),
            Self::Pem => Some(value.replace("\\n", "\n")),
        }
    }

    /// What a value of this kind is, in words that follow "is not".
    pub(crate) fn described(self) -> String {
        match self {
            Self::UrlWithQuery => "an absolute URL of https, without fragment".into(),
            Self::Url => "an absolute URL of https, without query and fragment".into(),
            Self::Word => "made of letters, digits, `.`, `-` and `_`".into(),
            Self::OneOf(choices) => format!("one of {}", choices.join(", ")),
            Self::Text => "a single line".into(),
            Self::Pem => "a private key in PEM (PKCS #8)".into(),
        }
    }
}

/// `value` as a URL, if others may be made of it.
fn url(value: &str) -> Option<Url> {
    let url = Url::parse(value).ok()?;
    let plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "https" | "http") && url.has_host() && plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_nothing_behind_its_path() {
        let read = |value| OptionKind::Url.read(value);

        assert_eq!(read("https://git.example.com/"), Some("https://git.example.com".into()));
        assert_eq!(read("https://git.example.com/a"), Some("https://git.example.com/a".into()));
        for wrong in [
            "",
            "git.example.com",
            "ftp://a.example",
            "https://a.example?x",
            "https://a.example#x",
            "https://u:p@a.example",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_word_cannot_leave_its_place_in_a_host_or_a_path() {
        assert_eq!(OptionKind::Word.read("1234-sb1"), Some("1234-sb1".into()));
        for wrong in ["a/b", "a@b", "a b", "a?b", "a#b", "ä", "a:1"] {
            assert_eq!(OptionKind::Word.read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_that_becomes_a_header_has_no_line_breaks() {
        assert_eq!(OptionKind::Text.read("a key"), Some("a key".into()));
        assert_eq!(OptionKind::Text.read("a\r\nX-Other: b"), None);
    }

    #[test]
    fn a_key_may_have_its_line_breaks_escaped() {
        assert_eq!(OptionKind::Pem.read("a\\nb"), Some("a\nb".into()));
    }
}
