//! `cargo xtask profiles`: the page that tells which profile is proven on which database.

use std::fs;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{self, cargo};

/// What to do with the page.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Writes `docs/profiles.md`. Without it the page is printed.
    #[arg(long)]
    write: bool,
}

/// Makes the page from the list of the tests.
///
/// # Errors
///
/// If the list does not compile, or the page cannot be written.
pub(crate) fn run(options: &Options) -> Result<()> {
    let output = cargo().args(["run", "--quiet", "--package", "vestibule-profile-tests"]).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let page = String::from_utf8(output.stdout)?;
    if options.write {
        fs::write(process::root().join("docs/profiles.md"), page)?;
    } else {
        process::say(&page);
    }
    Ok(())
}
