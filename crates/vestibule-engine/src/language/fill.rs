//! Putting something into a text.

use maud::{Markup, html};

/// The text with a value in its place.
pub(crate) fn fill(text: &str, place: &str, value: &str) -> String {
    text.replace(&format!("{{{place}}}"), value)
}

/// The text with a value in its place that stands out.
pub(crate) fn marked(text: &str, place: &str, value: &str) -> Markup {
    let place = format!("{{{place}}}");
    html! {
        @if let Some((before, after)) = text.split_once(&place) {
            (before) strong { (value) } (after)
        } @else {
            (text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_escaped_where_it_stands_out() {
        let markup = marked("to {host}.", "host", "<b>");

        assert_eq!(markup.into_string(), "to <strong>&lt;b&gt;</strong>.");
        assert_eq!(fill("to {host}", "host", "a.example"), "to a.example");
        assert_eq!(marked("to", "host", "x").into_string(), "to");
    }
}
