//! What ran: each test of an entry leaves a file, and what the page claims is compared with the files.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::{Claim, Entry, all};

/// The variable that names the folder; without it nothing is left.
pub const FOLDER: &str = "VESTIBULE_TEST_PROFILES_RAN";

/// How a test ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran, and passed.
    Passed,
    /// What it needs was not there. It has said so; in continuous integration only an extra server may lack.
    Skipped,
}

fn file(entry: &Entry, claim: Claim) -> String {
    format!("{}--{}", claim.test(), entry.label().replace(':', "-"))
}

/// Leaves the file of a test in the folder, which is made.
///
/// # Errors
///
/// If it cannot be written.
pub fn leave(folder: &Path, entry: &Entry, claim: Claim, outcome: Outcome) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let text = match outcome {
        Outcome::Passed => "passed",
        Outcome::Skipped => "skipped",
    };
    fs::write(folder.join(file(entry, claim)), text)
}

/// Compares everything that the page claims with the files in the folder, and tells in a sentence how much there is.
///
/// # Errors
///
/// The claims whose tests did not run, or failed; one a line.
pub fn check(folder: &Path) -> Result<String, String> {
    let (mut passed, mut skipped, mut missing) = (0, 0, String::new());
    for entry in all() {
        for claim in entry.claims() {
            match fs::read_to_string(folder.join(file(&entry, claim))).as_deref() {
                Ok("passed") => passed += 1,
                Ok("skipped") => skipped += 1,
                _ => {
                    let _ = writeln!(missing, "{}::{}", claim.test(), entry.label());
                }
            }
        }
    }
    if missing.is_empty() {
        Ok(format!("docs/profiles.md: {passed} claims ran and passed, {skipped} were left out\n"))
    } else {
        Err(format!("docs/profiles.md claims what did not run and pass:\n{missing}"))
    }
}
