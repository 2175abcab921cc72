//! The rules that are read from the text of manifests and sources.

use super::rules::{NO_SQL_BELOW, SQL_ALLOWED};
use crate::files::SourceFile;

/// Whether a manifest takes the lints of the workspace.
pub(super) fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[lints]")
        && lines
            .take_while(|line| !line.starts_with('['))
            .any(|line| line.replace(' ', "") == "workspace=true")
}

/// Whether a feature of this name takes something away.
pub(super) fn subtracts(feature: &str) -> bool {
    ["no-", "no_", "without-", "without_", "disable-", "disable_"]
        .iter()
        .any(|start| feature.starts_with(start))
}

/// The lines of `file` that hold a statement of SQL where none may be, or that a feature would take away.
pub(super) fn offences(file: &SourceFile) -> Vec<String> {
    if !is_product_code(&file.path) {
        return Vec::new();
    }
    let sql_forbidden = !SQL_ALLOWED.iter().any(|folder| file.path.starts_with(folder));
    let mut offences = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        if line.starts_with("//") {
            continue;
        }
        let place = format!("{}:{}", file.path, number + 1);
        if sql_forbidden && holds_sql(line) {
            offences.push(format!("{place}: SQL belongs into vestibule-sql"));
        }
        if line.contains("cfg(not(feature") {
            offences.push(format!("{place}: a feature may only add"));
        }
    }
    offences
}

/// Whether `path` is a source of the product and not of its tests.
fn is_product_code(path: &str) -> bool {
    NO_SQL_BELOW.iter().any(|folder| path.starts_with(folder))
        && path.contains("/src/")
        && !path.contains("/tests/")
        && !path.ends_with("/tests.rs")
        && !path.ends_with("_tests.rs")
}

/// Whether a string literal in `line` begins like a statement.
fn holds_sql(line: &str) -> bool {
    line.split('"').skip(1).any(|literal| {
        let text = literal.trim_start().to_ascii_lowercase();
        literal.trim_start().starts_with("SELECT ")
            || ["insert into ", "delete from ", "create table ", "alter table "]
                .iter()
                .any(|start| text.starts_with(start))
            || (text.starts_with("select ") && text.contains(" from "))
            || (text.starts_with("update ") && text.contains(" set "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_takes_the_lints_of_the_workspace() {
        assert!(inherits_lints("[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n"));
        assert!(!inherits_lints("[package]\nlints.none = 1\n"));
        assert!(!inherits_lints("[lints]\n[dependencies]\nworkspace = true\n"));
    }

    #[test]
    fn features_that_take_away_are_known_by_their_names() {
        assert!(subtracts("no-tls") && subtracts("without_json"));
        assert!(!subtracts("nodes") && !subtracts("default"));
    }

    #[test]
    fn statements_are_told_from_sentences() {
        for sql in [
            r#"run("SELECT 1")"#,
            r#"let a = "insert into users values (1)";"#,
            r#"format!("UPDATE {table} SET x = 1")"#,
            r#"("x", " DELETE FROM t")"#,
            r#""select id from users""#,
        ] {
            assert!(holds_sql(sql), "{sql}");
        }
        for text in [r#""select a provider""#, r#""update the row""#, r#"SELECT "x""#, r#""deleted from""#] {
            assert!(!holds_sql(text), "{text}");
        }
    }

    #[test]
    fn only_the_sources_of_the_product_are_read() {
        let sql =
            |path: &str, text: &str| offences(&SourceFile { path: path.to_owned(), text: text.to_owned() });
        let line = "run(\"SELECT 1\");\n";

        assert_eq!(sql("backends/x/src/lib.rs", line).len(), 1);
        assert_eq!(sql("crates/vestibule-cli/src/main.rs", line).len(), 1);
        assert!(sql("crates/vestibule-sql/src/lib.rs", line).is_empty());
        assert!(sql("backends/x/tests/it/main.rs", line).is_empty());
        assert!(sql("backends/x/src/tests.rs", line).is_empty());
        assert!(sql("backends/x/src/value_tests.rs", line).is_empty());
        assert!(sql("backends/x/src/lib.rs", &format!("#[cfg(test)]\nmod tests {{\n{line}}}\n")).is_empty());
        assert!(sql("backends/x/src/lib.rs", "/// \"SELECT 1\"\n").is_empty());
    }

    #[test]
    fn code_that_a_feature_takes_away_is_found() {
        let text = "#[cfg(not(feature = \"x\"))]\nfn f() {}\n".to_owned();
        let file = SourceFile { path: "crates/vestibule-sql/src/lib.rs".to_owned(), text };
        assert_eq!(offences(&file), ["crates/vestibule-sql/src/lib.rs:1: a feature may only add"]);
    }
}
