//! A process that is killed while it writes.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use vestibule_core::{NewUser, Users as _};
use vestibule_rusqlite::rusqlite::Connection;

use crate::adapter;

/// Tells the child where to write.
const DATABASE: &str = "VESTIBULE_TEST_CHILD_DATABASE";

/// Not a test of its own: what the killed process runs. It says on standard output what it was told is written.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let adapter = Arc::new(adapter(path.as_ref()).await);
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let adapter = Arc::clone(&adapter);
            tokio::spawn(async move {
                for number in 0.. {
                    let email = format!("{task}-{number}");
                    adapter.create_user(&NewUser::with_email(&*email), None).await.unwrap();
                    writeln!(std::io::stdout(), "written {email}").unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_that_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let mut written = BTreeSet::new();
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(DATABASE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut round = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some((_, email)) = line.unwrap().split_once("written ") {
                written.insert(email.to_owned());
                round += 1;
            }
            if round == 100 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(round >= 100, "the child ended by itself after {round}");

        let adapter = adapter(&path).await;
        for email in &written {
            assert!(adapter.user_by_email(email).await.unwrap().is_some(), "{email} is lost");
        }
        // The next child begins again.
        let connection = Connection::open(&path).unwrap();
        let sound = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_eq!(sound.as_deref(), Ok("ok"));
        connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        connection.execute("DELETE FROM users", []).unwrap();
        written.clear();
    }
}
