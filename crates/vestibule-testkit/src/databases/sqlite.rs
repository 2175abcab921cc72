//! SQLite files.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A copy of a SQLite file in a folder of its own, removed with this value.
#[derive(Debug)]
pub struct SqliteFile {
    // Kept for its end.
    _folder: TempDir,
    path: PathBuf,
}

impl SqliteFile {
    /// Copies a file; the original is not opened.
    ///
    /// # Panics
    ///
    /// If it cannot be read, or there is no place for temporary files.
    pub fn copy_of(original: &Path) -> Self {
        let file = Self::create();
        let bytes = fs::read(original).unwrap_or_else(|error| panic!("{}: {error}", original.display()));
        fs::write(&file.path, bytes).expect("a temporary file can be written");
        file
    }

    /// A path in a folder of its own, where there is no file yet.
    ///
    /// # Panics
    ///
    /// If there is no place for temporary files.
    pub fn create() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("database.sqlite");
        Self { _folder: folder, path }
    }

    /// Where the copy is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
