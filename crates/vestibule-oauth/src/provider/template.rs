//! Names between braces that stand for something.

/// Replaces `{name}` by what `value` says of it. Of names that mean nothing, all stays as it is.
pub(crate) fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let replaced = rest.find('}').and_then(|close| Some((close, value(&rest[1..close])?)));
        if let Some((close, value)) = replaced {
            out.push_str(&value);
            rest = &rest[close + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(name: &str) -> Option<String> {
        (name == "a").then(|| "{a}1".to_owned())
    }

    #[test]
    fn names_are_replaced_once_and_the_unknown_stays() {
        assert_eq!(expand("x{a}y{a}", one), "x{a}1y{a}1");
        assert_eq!(expand("{b}{a", one), "{b}{a");
        assert_eq!(expand("{{a}}", one), "{{a}1}");
    }

    proptest! {
        #[test]
        fn text_without_known_names_stays_as_it_is(text in ".*") {
            prop_assert_eq!(expand(&text, |_| None), text);
        }
    }
}
