//! `cargo xtask profiles` and `cargo xtask providers`: pages that are made of lists.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{self, cargo, must_run};

/// A page, and how it is made.
#[derive(Debug)]
pub(crate) struct Page {
    path: &'static str,
    /// The arguments of `cargo` that print it.
    made_by: &'static [&'static str],
}

/// Which schema profile is proven on which database.
pub(crate) const PROFILES: Page =
    Page { path: "docs/profiles.md", made_by: &["run", "--quiet", "--package", "vestibule-profile-tests"] };

/// The sign-in providers and what they want.
pub(crate) const PROVIDERS: Page = Page {
    path: "docs/providers.md",
    made_by: &["run", "--quiet", "--package", "vestibule-providers", "--example", "page"],
};

/// The variable that tells the tests of profiles where to leave what ran.
pub(crate) const RAN: &str = "VESTIBULE_TEST_PROFILES_RAN";

/// Where they leave it.
pub(crate) fn ran() -> PathBuf {
    process::root().join("target/profiles-ran")
}

/// Removes what an earlier run has left.
///
/// # Errors
///
/// If it is there and cannot be removed.
pub(crate) fn forget_what_ran() -> Result<()> {
    match fs::remove_dir_all(ran()) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Compares what the page of profiles claims with the tests that ran.
///
/// # Errors
///
/// If it claims anything that did not run and pass.
pub(crate) fn compare_with_what_ran() -> Result<()> {
    must_run(cargo().args(PROFILES.made_by).args(["--", "--ran"]).arg(ran()))
}

/// What to do with a page.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Writes the page to its place in `docs`. Without it the page is printed.
    #[arg(long)]
    write: bool,
}

/// Makes a page.
///
/// # Errors
///
/// If its list does not compile, or the page cannot be written.
pub(crate) fn run(page: &Page, options: &Options) -> Result<()> {
    let output = cargo().args(page.made_by).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    if options.write {
        fs::write(process::root().join(page.path), text)?;
    } else {
        process::say(&text);
    }
    Ok(())
}
