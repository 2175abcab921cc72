//! On which line of a file each key stands.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The lines of all keys below a section, such as `users.columns.email` or `users.extra.0.name`, and of the section
/// itself, under the empty name. Nothing for a file that is not understood, or lacks the section.
pub(super) fn of_section(text: &str, section: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    let Ok(table) = DeTable::parse(text) else { return lines };
    if let Some((key, value)) = table.get_ref().iter().find(|(key, _)| &**key.get_ref() == section) {
        lines.insert(String::new(), line(text, key.span().start));
        walk(text, "", value, &mut lines);
    }
    lines
}

fn walk(text: &str, path: &str, value: &Spanned<DeValue<'_>>, lines: &mut BTreeMap<String, usize>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                let path = below(key.get_ref());
                lines.insert(path.clone(), line(text, key.span().start));
                walk(text, &path, value, lines);
            }
        }
        DeValue::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                let path = below(&at.to_string());
                lines.insert(path.clone(), line(text, value.span().start));
                walk(text, &path, value, lines);
            }
        }
        _ => {}
    }
}

fn line(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at.min(text.len()))].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "[log]\nformat = \"text\"\n[schema]\nid_kind = \"uuid\"\n[schema.users.columns]\nemail = \"x\"\n\
                    [[schema.users.extra]]\nname = \"a\"\n[[schema.users.extra]]\nname = \"b\"\n";

        let lines = of_section(text, "schema");

        for (key, line) in [
            ("", 3),
            ("id_kind", 4),
            ("users.columns.email", 6),
            ("users.extra.0.name", 8),
            ("users.extra.1.name", 10),
        ] {
            assert_eq!(lines.get(key), Some(&line), "{key}: {lines:?}");
        }
        assert!(of_section("[schema", "schema").is_empty());
    }
}
