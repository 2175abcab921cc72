//! The files of the repository that somebody wrote: no build output, no packages of others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

const NOT_OURS: [&str; 3] = ["target", "node_modules", "artifacts"];

/// A file below the root of the repository.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path from the root, with `/` between the names.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// All files whose names end in `.extension`, in the order of their paths.
///
/// # Errors
///
/// If a folder or file cannot be read.
pub(crate) fn with_extension(extension: &str) -> Result<Vec<SourceFile>> {
    let root = process::root();
    let mut paths = Vec::new();
    walk(&root, extension, &mut paths)?;
    paths.sort_unstable();
    paths.into_iter().map(|path| read(&root, &path)).collect()
}

/// The names of the folders directly below `parent` that hold a package.
///
/// # Errors
///
/// If `parent` cannot be read.
pub(crate) fn packages_in(parent: &str) -> Result<Vec<String>> {
    let folder = process::root().join(parent);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {parent}"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
            walk(&entry.path(), extension, found)?;
        } else if kind.is_file() && entry.path().extension().is_some_and(|end| end == extension) {
            found.push(entry.path());
        }
    }
    Ok(())
}

fn read(root: &Path, path: &Path) -> Result<SourceFile> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Ok(SourceFile { path, text })
}
