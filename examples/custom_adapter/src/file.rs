//! The file, replaced as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Data;

/// A file that only we have open.
pub(crate) struct DataFile {
    path: PathBuf,
    /// Locked for as long as it is open. A file apart, since the other one is replaced with every change.
    _lock: File,
}

impl DataFile {
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Data)> {
        let lock = private().open(path.with_extension("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        })?;
        let data = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Data::default(),
            Err(error) => return Err(error),
        };
        Ok((Self { path: path.to_owned(), _lock: lock }, data))
    }

    /// Puts new content in the place of the old. After a crash the file is the one or the other.
    pub(crate) fn write(&self, data: &Data) -> io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut file = private().truncate(true).open(&beside)?;
        file.write_all(&serde_json::to_vec(data)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        // The new name is on disk once the folder is.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// Session tokens are in it: only the owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
