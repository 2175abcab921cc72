//! `schema apply` asked at a real terminal.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use vestibule_rusqlite::rusqlite::Connection;

use crate::program::{Ended, command};

/// A terminal: where somebody types, and what the program reads. It controls no process.
fn terminal() -> (File, File) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap();
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed());
    let far = options.open(std::ffi::OsStr::from_bytes(name.as_bytes())).unwrap();
    (File::from(near), far)
}

/// Types this before it is asked for, or hangs up if it is nothing.
fn apply(folder: &Path, typed: Option<&str>) -> Ended {
    let (mut near, far) = terminal();
    let near = typed.map(|typed| {
        near.write_all(typed.as_bytes()).unwrap();
        near
    });
    let mut command = command(folder, &["schema", "apply", "--database-url", "sqlite:app.db"]);
    let output = command.stdin(Stdio::from(far)).output().unwrap();
    drop(near);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_yes_adds_what_was_shown() {
    for typed in ["y\n", "Y\n", "yes\n", " YES \n"] {
        let folder = tempfile::tempdir().unwrap();

        let ended = apply(folder.path(), Some(typed));

        assert_eq!(ended.code, Some(0), "{typed:?}: {ended:?}");
        let (shown, after) = ended.stdout.split_once("Add this? [y/N] ").unwrap();
        assert!(shown.contains("CREATE TABLE") && !after.contains("CREATE TABLE"), "{typed:?}: {ended:?}");
        let database = Connection::open(folder.path().join("app.db")).unwrap();
        database.query_row("SELECT count(*) FROM sessions", [], |row| row.get::<_, i64>(0)).unwrap();
        let again = apply(folder.path(), None);
        assert_eq!(again.code, Some(0), "{again:?}");
        assert!(!again.stdout.contains("Add this?"), "nothing is left to ask for: {again:?}");
    }
}

/// `\u{4}` is Control-D: the end of the input.
#[test]
fn anything_else_and_the_end_of_the_input_change_nothing() {
    for typed in ["n\n", "no\n", "\n", "yess\n", "ja\n", "n\ny\n", "\u{4}"] {
        let folder = tempfile::tempdir().unwrap();

        let ended = apply(folder.path(), Some(typed));

        assert_eq!(ended.code, Some(1), "{typed:?}: {ended:?}");
        assert!(ended.stdout.contains("CREATE TABLE"), "{typed:?}: {ended:?}");
        assert!(ended.stdout.contains("Add this? [y/N] "), "{typed:?}: {ended:?}");
        assert!(ended.stderr.contains("nothing was changed"), "{typed:?}: {ended:?}");
        assert!(!folder.path().join("app.db").exists(), "{typed:?}: not even an empty file is made");
    }
}

#[test]
fn at_a_terminal_that_is_gone_there_is_nobody_to_ask() {
    let folder = tempfile::tempdir().unwrap();

    let ended = apply(folder.path(), None);

    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("there is nobody to ask"), "{ended:?}");
    assert!(!folder.path().join("app.db").exists());
}
