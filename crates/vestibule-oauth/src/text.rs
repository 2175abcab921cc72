//! Text that comes from outside and is on its way into a message.

/// The longest text from outside that goes into a message, in characters.
const LONGEST: usize = 200;

/// A text from outside, cut and freed of what could play tricks with a log.
pub(crate) fn printable(text: &str) -> Box<str> {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cannot_be_forged_and_length_is_bounded() {
        assert_eq!(&*printable("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(printable(&"é".repeat(1000)).chars().count(), LONGEST);
    }
}
