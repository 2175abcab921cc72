//! The tests in `tests/browser` and `tests/beside`: a real Chromium, and a server of the originals, use the real program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::services::{CHROMIUM, Services};

/// The path of the program under test.
const PROGRAM: &str = "VESTIBULE_TEST_PROGRAM";
/// The path of the example with names and passwords.
const CREDENTIALS_EXAMPLE: &str = "VESTIBULE_TEST_CREDENTIALS_EXAMPLE";
/// How long one file of tests may take, in milliseconds.
const PATIENCE: &str = "--test-timeout=600000";

/// The folders with tests, and what each is about.
pub(crate) const FOLDERS: [(&str, &str); 2] =
    [("tests/browser", "browser test"), ("tests/beside", "test beside the originals")];

/// The command that runs the tests of a folder, or why it cannot be run.
///
/// # Errors
///
/// In continuous integration, if it cannot be run.
pub(crate) fn command(folder: &str, services: &Services) -> Result<Result<Command, String>> {
    let folder = process::root().join(folder);
    let found = plan([
        (process::find_on_path("node").is_some(), "no node on PATH"),
        (folder.join("node_modules").is_dir(), "its packages are not installed (npm ci in its folder)"),
        (
            services.environment.contains_key(CHROMIUM) || std::env::var_os(CHROMIUM).is_some(),
            "no Chromium (or set VESTIBULE_TEST_CHROMIUM)",
        ),
        (process::find_on_path("sqlite3").is_some(), "no sqlite3 on PATH"),
    ]);
    match found {
        Err(reason) if process::in_ci() => {
            bail!("missing in continuous integration for {}: {reason}", folder.display())
        }
        Err(reason) => Ok(Err(reason.to_owned())),
        Ok(()) => {
            let mut command = process::command("node");
            command.current_dir(&folder).args(["--test", "--test-reporter=spec", PATIENCE]);
            command.envs(&services.environment);
            if std::env::var_os(PROGRAM).is_none() {
                command.env(PROGRAM, program());
            }
            if std::env::var_os(CREDENTIALS_EXAMPLE).is_none() {
                command.env(CREDENTIALS_EXAMPLE, examples_target().join("debug/credentials_argon2"));
            }
            Ok(Ok(command))
        }
    }
}

/// Where `cargo build` leaves the program.
fn program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    process::root().join(Path::new(&target)).join("debug/vestibule")
}

/// Where the examples are built, which have a workspace of their own.
pub(crate) fn examples_target() -> PathBuf {
    process::root().join("target/examples")
}

/// The reason that belongs to the first part that is not there.
fn plan<const N: usize>(parts: [(bool, &'static str); N]) -> Result<(), &'static str> {
    parts.into_iter().find(|(there, _)| !there).map_or(Ok(()), |(_, reason)| Err(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_that_is_missing_is_named() {
        assert_eq!(plan([(true, "a"), (true, "b")]), Ok(()));
        assert_eq!(plan([(true, "a"), (false, "b"), (false, "c")]), Err("b"));
    }
}
