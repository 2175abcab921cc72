//! `cargo xtask profiles` and `cargo xtask providers`: pages that are made of lists.

use std::fs;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{self, cargo};

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
