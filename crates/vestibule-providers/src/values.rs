//! The operator's options of one provider, checked and with their defaults.

use std::collections::BTreeMap;

/// Names and values. `issuer` and `client_id` are among them.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, String>);

impl Values {
    pub(crate) fn put(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    /// The value of an option, if it has one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `template` with the options put in. `None` if it needs one of `known` that has no value.
    ///
    /// Names that are not among `known` are the relying party's, and stay.
    pub(crate) fn expand(&self, template: &str, known: &[&str]) -> Option<String> {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((literal, more)) = rest.split_once('{') {
            let (name, after) = more.split_once('}')?;
            out.push_str(literal);
            if known.contains(&name) {
                out.push_str(self.get(name)?);
            } else {
                out.extend(["{", name, "}"]);
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

impl std::fmt::Debug for Values {
    /// The names alone: a key may be among the values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_put_in_and_the_rest_stays() {
        let mut values = Values::default();
        values.put("host", "a.example".into());

        let expand = |template| values.expand(template, &["host", "tenant"]);

        assert_eq!(expand("https://{host}/{client_id}"), Some("https://a.example/{client_id}".into()));
        assert_eq!(expand("{tenant}"), None);
        assert_eq!(expand(""), Some(String::new()));
    }
}
