//! Installs what the tests need, from Debian's packages, npm and crates.io, where that is allowed.
//!
//! Nothing here fails for lack of permission: what could not be had is found missing later, by
//! whoever needs it, and is reported there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::browser;
use crate::fuzz;
use crate::process::{self, say};
use crate::services::{CHROMIUM, Service, chromium, mysql};
use crate::signals;

/// Installs packages without letting any of them start a daemon.
///
/// A policy that is there already is respected; one that we made is removed again.
const APT: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
"#;

/// The packages that tests of Rust crates run: the real Auth.js, HTTP clients that others wrote, the real Lucia, a real
/// OpenID provider, the Express of an example.
const OTHERS: [&str; 5] =
    ["tests/authjs", "tests/http-clients", "tests/lucia", "tests/oidc", "examples/beside_express/express"];

/// The original adapters. One of their packages is compiled where it is not to be had compiled, which takes minutes: they
/// are installed for the whole of the tests alone, and told of where they are missing.
const ORIGINALS: &str = "tests/originals";

/// What becomes of extra servers that are not set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extras {
    /// Each is set up if it can be.
    SetUp,
    /// They stay as they are.
    AsTheyAre,
}

/// Installs everything `cargo xtask test` needs.
///
/// # Errors
///
/// Only if a signal arrives; what cannot be installed is left out.
pub(crate) fn everything(extras: Extras) -> Result<()> {
    let _lock = lock()?;
    let services = Service::value_variants().iter().copied().collect();
    let mut packages = packages(&services, extras);
    if std::env::var_os(CHROMIUM).is_none() && chromium::find().is_none() {
        packages.push("chromium");
    }
    if process::find_on_path("sqlite3").is_none() {
        // The browser test reads the program's file with it.
        packages.push("sqlite3");
    }
    if fuzz::is_missing().is_some() {
        packages.push("g++");
    }
    apt(&packages)?;
    servers(&services, extras)?;
    for (folder, _) in browser::FOLDERS {
        npm(&process::root().join(folder))?;
    }
    others()?;
    if extras == Extras::SetUp {
        npm(&process::root().join(ORIGINALS))?;
    }
    nextest()
}

/// The folders of packages that tests of Rust crates run and that are not installed, each as a line to print.
pub(crate) fn missing_packages() -> Vec<String> {
    let folders = OTHERS.iter().chain([&ORIGINALS]);
    let missing = folders.filter(|folder| !process::root().join(folder).join("node_modules").is_dir());
    missing
        .map(|folder| {
            format!("MISSING, its tests are skipped: the packages of {folder} (npm ci in that folder)")
        })
        .collect()
}

/// Installs the little that `cargo xtask services` needs.
///
/// # Errors
///
/// Those of [`everything`].
pub(crate) fn for_services(services: &BTreeSet<Service>, extras: Extras) -> Result<()> {
    let _lock = lock()?;
    apt(&packages(services, extras))?;
    servers(services, extras)?;
    others()
}

fn others() -> Result<()> {
    OTHERS.iter().try_for_each(|folder| npm(&process::root().join(folder)))
}

/// Installs what `cargo xtask bench` needs: these servers, and the packages of Node if they are wanted.
///
/// # Errors
///
/// Those of [`everything`].
pub(crate) fn for_benchmarks(services: &BTreeSet<Service>, is_node_wanted: bool) -> Result<()> {
    let _lock = lock()?;
    apt(&packages(services, Extras::AsTheyAre))?;
    if is_node_wanted { npm(&process::root().join("benches/node")) } else { Ok(()) }
}

/// Debian's packages of the servers that are wanted and missing.
fn packages(services: &BTreeSet<Service>, extras: Extras) -> Vec<&'static str> {
    let wanted = services.iter().filter(|service| {
        let install = !service.is_extra() || extras == Extras::SetUp;
        install && !service.is_the_callers() && service.available().is_err()
    });
    wanted.flat_map(|service| service.debian_packages()).copied().collect()
}

/// What comes from elsewhere than from Debian's packages.
fn servers(services: &BTreeSet<Service>, extras: Extras) -> Result<()> {
    for service in services.iter().filter(|service| !service.is_the_callers()) {
        if let Some(folder) = service.npm_folder() {
            npm(&folder)?;
        }
    }
    let mysql = Service::MySql;
    if extras == Extras::SetUp && services.contains(&mysql) && !mysql.is_the_callers() {
        match mysql::set_up() {
            Err(reason) if signals::pending().is_none() => {
                say(&format!("MYSQL COULD NOT BE SET UP: {reason:#}"));
            }
            result => return result,
        }
    }
    Ok(())
}

/// Lets one process install at a time; unlocked when dropped.
fn lock() -> Result<fs::File> {
    let folder = process::root().join("target");
    fs::create_dir_all(&folder)?;
    let file = fs::File::create(folder.join("xtask-install.lock"))?;
    file.lock().context("cannot wait for another installation")?;
    Ok(file)
}

fn apt(packages: &[&str]) -> Result<()> {
    if packages.is_empty() || process::find_on_path("apt-get").is_none() {
        return Ok(());
    }
    let Some(prefix) = privilege()? else {
        say(&format!("not root, and sudo asks for a password: cannot install {}", packages.join(", ")));
        return Ok(());
    };
    say(&format!("installing {}", packages.join(", ")));
    let words: Vec<&str> = prefix.iter().copied().chain(["sh", "-c", APT, "sh"]).collect();
    let status = process::run(process::command(words[0]).args(&words[1..]).args(packages))?;
    if !status.success() {
        say(&format!("apt-get could not install {} ({status})", packages.join(", ")));
    }
    Ok(())
}

/// What to put before a command to run it as root: nothing, `sudo -n`, or `None` if we may not.
fn privilege() -> Result<Option<&'static [&'static str]>> {
    if rustix::process::geteuid().is_root() {
        return Ok(Some(&[]));
    }
    if process::find_on_path("sudo").is_none() {
        return Ok(None);
    }
    let (status, _) = process::run_and_read(process::command("sudo").args(["-n", "true"]))?;
    Ok(status.success().then_some(&["sudo", "-n"]))
}

/// Runs `npm ci` in `folder` if it has a lock file that is newer than what is installed.
///
/// # Errors
///
/// Only if a signal arrives.
pub(crate) fn npm(folder: &Path) -> Result<()> {
    let wanted = folder.join("package-lock.json");
    if !wanted.is_file() || is_newer(&folder.join("node_modules/.package-lock.json"), &wanted) {
        return Ok(());
    }
    if process::find_on_path("npm").is_none() {
        say(&format!("no npm on PATH: cannot install the packages of {}", folder.display()));
        return Ok(());
    }
    say(&format!("npm ci in {}", folder.display()));
    let mut npm = process::command("npm");
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    let status = process::run(&mut npm)?;
    if !status.success() {
        say(&format!("npm ci failed in {} ({status})", folder.display()));
    }
    Ok(())
}

fn is_newer(installed: &Path, wanted: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    match (modified(installed), modified(wanted)) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        _ => false,
    }
}

/// Whether the faster test runner is there.
pub(crate) fn has_nextest() -> bool {
    process::find_on_path("cargo-nextest").is_some() || cargo_bin("cargo-nextest")
}

fn cargo_bin(name: &str) -> bool {
    let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.is_some_and(|home| home.join("bin").join(name).is_file())
}

fn nextest() -> Result<()> {
    if has_nextest() {
        return Ok(());
    }
    say("installing cargo-nextest (once; this takes some minutes)");
    let status = process::run(process::cargo().args(["install", "--locked", "cargo-nextest"]))?;
    if !status.success() {
        say("CARGO-NEXTEST COULD NOT BE INSTALLED: the tests run under `cargo test` instead");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_installed_again_when_the_lock_file_is_newer() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        for (path, seconds) in [(&old, 1), (&new, 2)] {
            let file = fs::File::create(path).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
        }

        assert!(is_newer(&new, &old));
        assert!(!is_newer(&old, &new));
        assert!(!is_newer(&folder.path().join("absent"), &new));
    }

    #[test]
    fn the_script_for_apt_is_a_valid_shell_script() {
        assert!(process::command("sh").args(["-n", "-c", APT]).status().unwrap().success());
    }
}
