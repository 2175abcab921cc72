//! `cargo xtask check-docs`: what the Markdown says about the repository is so.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::files::{self, SourceFile};
use crate::process::{self, say};

/// How a path of this repository begins when it stands between backticks.
const FOLDERS: [&str; 12] = [
    ".cargo/",
    ".ci/",
    ".config/",
    "backends/",
    "benches/",
    "crates/",
    "docs/",
    "examples/",
    "fixtures/",
    "fuzz/",
    "tests/",
    "xtask/",
];

/// Prints every dead link, every path that is not there, and every crate that is not described.
///
/// `commands` are the names of this program's commands.
///
/// # Errors
///
/// If there is any.
pub(crate) fn run(commands: &[String]) -> Result<()> {
    let documents = files::with_extension("md")?;
    let mut offences = Vec::new();
    for document in &documents {
        offences.extend(dead_paths(document, |path| process::root().join(path).exists()));
        offences.extend(unknown_commands(document, commands));
    }
    let text_of = |path: &str| documents.iter().find(|document| document.path == path);
    let backends = files::packages_in("backends")?;
    match text_of("ARCHITECTURE.md") {
        None => offences.push("there is no ARCHITECTURE.md".to_owned()),
        Some(document) => {
            let crates = files::packages_in("crates")?;
            offences.extend(undescribed(&document.text, &crates, &backends));
        }
    }
    match text_of("README.md") {
        None => offences.push("there is no README.md".to_owned()),
        Some(document) => offences.extend(wrong_table(&document.text, &backends)),
    }

    for offence in &offences {
        say(&format!("  {offence}"));
    }
    if !offences.is_empty() {
        bail!("{} things the documents say are not so", offences.len());
    }
    Ok(())
}

/// Links and paths in `document` that lead nowhere.
fn dead_paths(document: &SourceFile, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let folder = Path::new(&document.path).parent().unwrap_or(Path::new(""));
    let mut offences = Vec::new();
    let mut in_fence = false;
    for (number, line) in document.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence {
            continue;
        }
        let place = format!("{}:{}", document.path, number + 1);
        for target in links(line) {
            if !exists(&normal(&folder.join(target))) {
                offences.push(format!("{place}: the link {target} leads nowhere"));
            }
        }
        for path in paths_in_backticks(line) {
            if !exists(Path::new(path)) && !exists(&normal(&folder.join(path))) {
                offences.push(format!("{place}: there is no {path}"));
            }
        }
    }
    offences
}

/// The relative targets of the links in `line`, without their fragments.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let outside_code = line.split('`').step_by(2);
    outside_code.flat_map(|text| text.split("](").skip(1)).filter_map(|rest| {
        let target = rest.split([')', ' ', '#']).next()?;
        (!target.is_empty() && !target.contains(':')).then_some(target)
    })
}

/// What stands between backticks in `line` and looks like a path of this repository.
fn paths_in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|code| {
        FOLDERS.iter().any(|folder| code.starts_with(folder))
            && code.chars().all(|character| character.is_ascii_alphanumeric() || "./-_".contains(character))
    })
}

/// `path` without `.` and `..`.
fn normal(path: &Path) -> std::path::PathBuf {
    let mut normal = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            std::path::Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// Commands of this program that `document` mentions and that do not exist.
fn unknown_commands(document: &SourceFile, commands: &[String]) -> Vec<String> {
    let mentions = document.text.split("cargo xtask ").skip(1).filter_map(|rest| {
        let end = rest.find(|character: char| !(character.is_ascii_lowercase() || character == '-'));
        let word = rest[..end.unwrap_or(rest.len())].trim_end_matches('-');
        (!word.is_empty()).then_some(word)
    });
    let unknown: BTreeSet<_> = mentions.filter(|word| !commands.iter().any(|name| name == word)).collect();
    unknown.iter().map(|word| format!("{}: there is no cargo xtask {word}", document.path)).collect()
}

/// Packages that the text does not name.
fn undescribed(text: &str, crates: &[String], backends: &[String]) -> Vec<String> {
    let missing_crates = crates.iter().filter(|name| !names(text, name)).map(|name| format!("crates/{name}"));
    let missing_backends = backends
        .iter()
        .filter(|name| {
            !names(text, &format!("backends/{name}")) && !names(text, &format!("vestibule-{name}"))
        })
        .map(|name| format!("backends/{name}"));
    missing_crates
        .chain(missing_backends)
        .map(|path| format!("ARCHITECTURE.md does not name {path}"))
        .collect()
}

/// Whether `word` stands in `text`, and not as a part of a longer name.
fn names(text: &str, word: &str) -> bool {
    let joins = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    text.match_indices(word)
        .any(|(start, _)| !text[..start].ends_with(joins) && !text[start + word.len()..].starts_with(joins))
}

/// How the backends in the tables of the README differ from those that exist.
fn wrong_table(readme: &str, backends: &[String]) -> Vec<String> {
    let rows = readme.lines().filter(|line| line.trim_start().starts_with('|'));
    let listed: BTreeSet<&str> = rows
        .flat_map(|row| row.split("backends/").skip(1))
        .filter_map(|rest| {
            rest.split(|character: char| !character.is_ascii_alphanumeric() && character != '-').next()
        })
        .filter(|name| !name.is_empty())
        .collect();
    let existing: BTreeSet<&str> = backends.iter().map(String::as_str).collect();
    let unlisted = existing
        .difference(&listed)
        .map(|name| format!("no row of a table in README.md names backends/{name}"));
    let imagined = listed
        .difference(&existing)
        .map(|name| format!("README.md lists backends/{name}, which does not exist"));
    unlisted.chain(imagined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dead_links_are_found_from_the_folder_of_the_document() {
        let text = "[a](guide.md) [b](../README.md#top) [c](https://x.example/y) [d](#here) `[e](nowhere.md)` [f](gone.md)";
        let exists = |path: &Path| path == Path::new("docs/guide.md") || path == Path::new("README.md");

        let offences = dead_paths(&document("docs/index.md", text), exists);

        assert_eq!(offences, ["docs/index.md:1: the link gone.md leads nowhere"]);
    }

    #[test]
    fn paths_between_backticks_must_exist() {
        let text =
            "see `crates/a/src/lib.rs`, `crates/b`, `crates/*`, `cargo run`\n```\n`crates/fenced`\n```\n";
        let offences = dead_paths(&document("X.md", text), |path| path == Path::new("crates/b"));
        assert_eq!(offences, ["X.md:1: there is no crates/a/src/lib.rs"]);
    }

    #[test]
    fn only_commands_that_exist_may_be_mentioned() {
        let text = "`cargo xtask test`, `cargo xtask check-deps`, cargo xtask …, `cargo xtask fly --high`";
        let offences = unknown_commands(&document("X.md", text), &strings(&["test", "check-deps"]));
        assert_eq!(offences, ["X.md: there is no cargo xtask fly"]);
    }

    #[test]
    fn every_package_is_named_in_full() {
        let text = "`vestibule-core`, backends/memory and vestibule-rusqlite-extra";
        let offences =
            undescribed(text, &strings(&["vestibule", "vestibule-core"]), &strings(&["memory", "rusqlite"]));
        assert_eq!(
            offences,
            [
                "ARCHITECTURE.md does not name crates/vestibule",
                "ARCHITECTURE.md does not name backends/rusqlite",
            ]
        );
    }

    #[test]
    fn the_table_lists_the_backends_there_are() {
        let readme = "backends/unlisted\n\n| store | crate |\n|---|---|\n| SQLite | [x](backends/rusqlite) |\n| ? | `backends/dream` |\n";
        let offences = wrong_table(readme, &strings(&["rusqlite", "memory"]));
        assert_eq!(
            offences,
            [
                "no row of a table in README.md names backends/memory",
                "README.md lists backends/dream, which does not exist",
            ]
        );
    }
}
