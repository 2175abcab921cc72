//! Where an installed PostgreSQL is, and as whom it may run.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

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

    /// Whether the server can load the library called `name`.
    pub(super) fn has_library(&self, name: &str) -> bool {
        let parent = self.folder.parent().unwrap_or(&self.folder);
        ["lib", "lib/postgresql"]
            .iter()
            .flat_map(|lib| ["so", "dylib"].map(|end| parent.join(lib).join(format!("{name}.{end}"))))
            .any(|file| file.is_file())
    }

    /// One of its programs, to be run by `user` in `folder`, with nothing of our own environment.
    pub(super) fn command(&self, program: &str, user: Option<User>, folder: &Path) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.current_dir(folder).env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null());
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }
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

/// Someone to run the server as, since it refuses to run as root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user `postgres`, else `nobody`, from the text of `/etc/passwd`.
pub(super) fn unprivileged(passwd: &str) -> Option<User> {
    let find = |wanted: &str| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(wanted)).then_some(())?;
            Some(User { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        })
    };
    find("postgres").or_else(|| find("nobody")).filter(|user| user.uid != 0)
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

    #[test]
    fn the_server_runs_as_postgres_or_else_as_nobody() {
        let both = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/sbin/nologin\npostgres:x:101:104::/:/bin/sh\n";
        let one = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/sbin/nologin\n";

        assert_eq!(unprivileged(both), Some(User { uid: 101, gid: 104 }));
        assert_eq!(unprivileged(one), Some(User { uid: 65534, gid: 65533 }));
        assert_eq!(unprivileged("root:x:0:0::/root:/bin/sh\n"), None);
    }
}
