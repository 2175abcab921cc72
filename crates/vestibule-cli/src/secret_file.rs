//! The generated secret of development: made once, kept in a file that only its owner can read.
//!
//! The file appears complete or not at all, and of two processes that start at once one makes it and both
//! use it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use vestibule_core::{Random, SecretToken};

use crate::failure::{Exit, Failure};

/// The file's name, in the working folder.
pub(crate) const FILE_NAME: &str = ".vestibule-secret";

/// 32 random bytes in hex.
const SECRET_BYTES: usize = 32;
/// More than any secret that a person would put here; a wrong file is not read to its end.
const MAX_FILE: u64 = 4096;

/// Reads the secret from `path`, or makes one and keeps it there.
///
/// # Errors
///
/// If the file is no regular file, belongs to another user, can be read by anyone but its owner, holds fewer than 32 characters, or cannot be read or
/// written.
pub(crate) fn load_or_create(path: &Path, random: &dyn Random) -> Result<SecretToken, Failure> {
    match read(path) {
        Ok(Some(secret)) => return Ok(secret),
        Ok(None) => {}
        Err(failure) => return Err(failure),
    }
    create(path, random).map_err(|error| {
        Failure::new(
            Exit::System,
            format!(
                "cannot keep a generated secret in {}: {error}. Make the folder writable, or set AUTH_SECRET.",
                path.display()
            ),
        )
    })?;
    read(path)?.ok_or_else(|| {
        Failure::new(Exit::System, format!("{} vanished while starting; start again.", path.display()))
    })
}

fn read(path: &Path) -> Result<Option<SecretToken>, Failure> {
    let shown = path.display();
    let unreadable = |error: io::Error| {
        Failure::new(
            Exit::System,
            format!(
                "cannot read the secret in {shown}: {error}. Mend or remove the file, or set AUTH_SECRET."
            ),
        )
    };
    let regular = |metadata: fs::Metadata| {
        let refused = || unreadable(io::Error::other("it is not a regular file"));
        if metadata.is_file() { Ok(metadata) } else { Err(refused()) }
    };
    // Looked at before it is opened, since opening a pipe waits for whoever writes to it; and once more when it is
    // open, since it may have been exchanged in between.
    match fs::metadata(path) {
        Ok(metadata) => {
            regular(metadata)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = regular(file.metadata().map_err(unreadable)?)?;
    if is_somebody_elses(&metadata) {
        return Err(unreadable(io::Error::other("it belongs to another user, who knows what is in it")));
    }
    if is_open_to_others(&metadata) {
        return Err(Failure::new(
            Exit::System,
            format!(
                "the secret in {shown} can be read by other users of this machine, so it is no secret. \
                 If nobody has read it: chmod 600 {shown}. Otherwise remove the file; a new one is made, and \
                 links that are under way stop working."
            ),
        ));
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).map_err(unreadable)?;
    let secret = text.trim();
    if secret.len() < SECRET_BYTES {
        return Err(unreadable(io::Error::other("it holds fewer than 32 characters")));
    }
    Ok(Some(SecretToken::from(secret)))
}

/// Writes a temporary file and links it to its name, which fails if somebody else was faster.
fn create(path: &Path, random: &dyn Random) -> io::Result<()> {
    let mut bytes = [0; 2 * SECRET_BYTES];
    random.fill(&mut bytes);
    let (secret, suffix) = bytes.split_at(SECRET_BYTES);
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(hex::encode(&suffix[..8]));
    let temporary = Path::new(&name);

    let result =
        write_private(temporary, &hex::encode(secret)).and_then(|()| match fs::hard_link(temporary, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
    let removed = fs::remove_file(temporary);
    result.and(removed)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o077 != 0
}

/// Whether neither this program nor root is the owner.
#[cfg(unix)]
fn is_somebody_elses(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    ![0, rustix::process::geteuid().as_raw()].contains(&metadata.uid())
}

#[cfg(not(unix))]
fn is_somebody_elses(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;
    use std::thread;

    use vestibule_engine::OsRandom;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);

        let first = load_or_create(&path, &OsRandom).unwrap();
        let second = load_or_create(&path, &OsRandom).unwrap();

        assert_eq!(first, second);
        assert_eq!(first.expose().len(), 64);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is gone");
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        load_or_create(&path, &OsRandom).unwrap();
        for open in [0o644, 0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();

            let failure = load_or_create(&path, &OsRandom).unwrap_err();

            assert_eq!(failure.exit, Exit::System);
            assert!(failure.to_string().contains("chmod 600"), "{failure}");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, pipe) = (folder.path().join("directory"), folder.path().join("pipe"));
        fs::create_dir(&directory).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for path in [directory, pipe] {
            let failure = load_or_create(&path, &OsRandom).unwrap_err();

            assert_eq!(failure.exit, Exit::System);
            assert!(failure.to_string().contains("not a regular file"), "{failure}");
        }
    }

    /// Only root can give a file away; anybody else has nothing to test here.
    #[test]
    fn a_secret_of_another_user_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        load_or_create(&path, &OsRandom).unwrap();
        if std::os::unix::fs::chown(&path, Some(65534), None).is_err() {
            return;
        }

        let failure = load_or_create(&path, &OsRandom).unwrap_err();

        assert!(failure.to_string().contains("another user"), "{failure}");
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        write_private(&path, "too short").unwrap();

        let failure = load_or_create(&path, &OsRandom).unwrap_err();

        assert!(failure.to_string().contains("fewer than 32"), "{failure}");
        assert!(!failure.to_string().contains("too short"), "{failure}");
    }

    #[test]
    fn of_many_that_start_at_once_all_get_the_same_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = Arc::new(folder.path().join(FILE_NAME));
        let starters: Vec<_> = (0..16)
            .map(|_| {
                let path = Arc::clone(&path);
                thread::spawn(move || load_or_create(&path, &OsRandom).unwrap())
            })
            .collect();

        let secrets: Vec<_> = starters.into_iter().map(|each| each.join().unwrap()).collect();

        assert!(secrets.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_clear_failure() {
        let folder = tempfile::tempdir().unwrap();

        let failure = load_or_create(&folder.path().join("absent").join(FILE_NAME), &OsRandom).unwrap_err();

        assert!(failure.to_string().contains("AUTH_SECRET"), "{failure}");
    }
}
