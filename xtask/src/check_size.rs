//! `cargo xtask check-size`: no file of Rust is longer than one can keep in mind.

use anyhow::{Result, bail};

use crate::files::{self, SourceFile};
use crate::process::say;

/// From here on one looks for the seam.
const WARN_OVER: usize = 350;
/// Here there must be one.
const FAIL_OVER: usize = 500;
/// Files and folders that are tables of data, not code.
const DATA: [&str; 1] = ["fixtures/"];

/// Prints the long files.
///
/// # Errors
///
/// If a file is over 500 lines and no table of data.
pub(crate) fn run() -> Result<()> {
    let files = files::with_extension("rs")?;
    for (path, lines) in longer_than(WARN_OVER, &files) {
        say(&format!("long: {path} has {lines} lines; look for the seam"));
    }
    let too_long: Vec<_> =
        longer_than(FAIL_OVER, &files).map(|(path, lines)| format!("{path} ({lines})")).collect();
    if !too_long.is_empty() {
        bail!("over {FAIL_OVER} lines: {}", too_long.join(", "));
    }
    Ok(())
}

fn longer_than(limit: usize, files: &[SourceFile]) -> impl Iterator<Item = (&str, usize)> {
    files
        .iter()
        .filter(|file| !DATA.iter().any(|data| file.path.starts_with(data)))
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .filter(move |(_, lines)| *lines > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_over_the_limit_is_named() {
        let file = |path: &str, lines: usize| SourceFile { path: path.to_owned(), text: "x\n".repeat(lines) };
        let files = [file("a.rs", 500), file("b.rs", 501), file("fixtures/table.rs", 900)];

        let found: Vec<_> = longer_than(FAIL_OVER, &files).collect();

        assert_eq!(found, [("b.rs", 501)]);
    }
}
