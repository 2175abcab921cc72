//! MySQL's programs from Debian's development release, unpacked below `target/` and installed nowhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{self, say};

/// Where its programs are kept for the next run.
pub(super) fn folder() -> PathBuf {
    process::root().join("target/servers/mysql")
}

/// Whether it is set up already.
///
/// # Errors
///
/// If it is not, with how to do it.
pub(crate) fn available() -> Result<()> {
    if folder().join("usr/sbin/mysqld").is_file() {
        return Ok(());
    }
    bail!("not set up; `cargo xtask services --only mysql -- COMMAND` does it")
}

/// Downloads and unpacks it, if that was not done before. Takes half a minute and 250 MB.
///
/// # Errors
///
/// If that is not possible here, with the reason.
pub(crate) fn set_up() -> Result<()> {
    if available().is_ok() {
        return Ok(());
    }
    process::find_on_path("mmdebstrap").context("no mmdebstrap on PATH, or no Debian")?;
    let mirror = fs::read_dir("/etc/apt/sources.list.d")?
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .chain(fs::read_to_string("/etc/apt/sources.list"))
        .find_map(|text| mirror(&text))
        .context("no mirror of Debian in /etc/apt")?;
    let target = folder();
    let parts = target.with_extension("partial");
    remove(&parts)?;
    fs::create_dir_all(&parts)?;
    say("setting up MySQL from Debian sid (once; this takes half a minute)");
    let mut bootstrap = process::command("timeout");
    // Only unpacked: none of its scripts runs, and nothing is mounted.
    bootstrap.args(["900", "mmdebstrap", "--quiet", "--variant=extract", "--include=mysql-server-core"]);
    bootstrap.arg("--aptopt=APT::Install-Recommends \"false\"");
    // A mirror may be some days behind, and these programs serve tests only.
    bootstrap.arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
    bootstrap.args(["sid".as_ref(), parts.join("root").as_os_str(), mirror.as_ref()]);
    let (status, _) = process::run_and_read(&mut bootstrap)?;
    if !status.success() {
        bail!("mmdebstrap failed ({status})");
    }
    fs::create_dir(parts.join("kept"))?;
    for kept in ["usr/lib", "usr/lib64", "usr/sbin", "usr/share/mysql"] {
        let (from, to) = (parts.join("root").join(kept), parts.join("kept").join(kept));
        if from.exists() {
            fs::create_dir_all(to.parent().unwrap_or(&to))?;
            fs::rename(&from, &to).with_context(|| format!("cannot keep {kept}"))?;
        }
    }
    remove(&target)?;
    fs::rename(parts.join("kept"), &target)?;
    remove(&parts)?;
    available().context("the package has no mysqld")
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// The loader of programs below `root`.
pub(super) fn loader(root: &Path) -> Option<PathBuf> {
    let folders = ["usr/lib64", "usr/lib"].map(|folder| root.join(folder));
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    files
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux")))
        .and_then(|path| fs::canonicalize(path).ok())
}

/// The folder of libraries that belongs to a loader, which lies in it.
pub(super) fn libraries(loader: &Path) -> OsString {
    loader.parent().unwrap_or(loader).as_os_str().to_owned()
}

/// The first mirror that a list of sources names, in either of its two forms.
fn mirror(sources: &str) -> Option<String> {
    sources.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        match words.next()? {
            "URIs:" => words.next(),
            "deb" => words.find(|word| word.contains("://")),
            _ => None,
        }
        .filter(|uri| uri.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_read_from_both_forms_of_a_list_of_sources() {
        let new = "Types: deb\n# http://old.example/debian\nURIs: http://a.example/debian\nSuites: x\n";
        let old = "# a comment\ndeb [arch=amd64] http://b.example/debian/ stable main\n";
        let other = "deb https://c.example/other stable main\n";

        assert_eq!(mirror(new).as_deref(), Some("http://a.example/debian"));
        assert_eq!(mirror(old).as_deref(), Some("http://b.example/debian/"));
        assert_eq!(mirror(other), None);
    }
}
