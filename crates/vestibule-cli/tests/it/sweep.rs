use std::fs;
use std::path::Path;
use std::time::Duration;

use vestibule_core::{
    Clock, NewSession, NewUser, Sessions, SystemClock, TokenHash, Users, VerificationToken,
    VerificationTokens,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Profile, SqlAdapter};

use crate::program::{Server, run};

const DATABASE: [&str; 2] = ["--database-url", "sqlite:app.db"];
const HOUR: Duration = Duration::from_hours(1);

/// A database with `expired` sessions and tokens each that have expired, and one of each that has not.
async fn database(folder: &Path, expired: usize) -> SqlAdapter<Rusqlite> {
    assert_eq!(run(folder, &["schema", "apply", "--yes", DATABASE[0], DATABASE[1]], &[]).code, Some(0));
    let driver = Rusqlite::open(folder.join("app.db")).unwrap();
    let store = SqlAdapter::inspect(driver, Profile::authjs()).await.unwrap();
    let now = SystemClock.now();
    let user = store.create_user(&NewUser::default(), None).await.unwrap().id;
    for number in 0..=expired {
        let expires = if number == expired { now.after(HOUR) } else { now.before(HOUR) };
        store.create_session(&NewSession::new(format!("s{number}"), user.clone(), expires)).await.unwrap();
        let token = VerificationToken {
            identifier: "ada@example.com".into(),
            token: TokenHash::from(format!("t{number}")),
            expires,
        };
        store.create_verification_token(&token).await.unwrap();
    }
    store
}

#[tokio::test]
async fn a_sweep_deletes_what_has_expired() {
    let folder = tempfile::tempdir().unwrap();
    let store = database(folder.path(), 7).await;
    fs::write(folder.path().join("my.toml"), "[sweep]\nbatch = 2\n").unwrap();
    let args = ["sweep", "--config", "my.toml", DATABASE[0], DATABASE[1]];

    let first = run(folder.path(), &args, &[]);
    let second = run(folder.path(), &args, &[]);

    assert_eq!(first.stdout, "Deleted 7 expired sessions and 7 expired tokens.\n", "{first:?}");
    assert_eq!(second.stdout, "Deleted 0 expired sessions and 0 expired tokens.\n", "{second:?}");
    assert!(store.session_and_user(&"s7".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn of_several_replicas_one_sweeps_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = database(folder.path(), 7).await;
    fs::write(folder.path().join("my.toml"), "[sweep]\ninterval = 1\n").unwrap();
    let now = SystemClock.now();
    let lease = store.acquire_lease("vestibule:sweep", now, now.after(HOUR)).await.unwrap().unwrap();
    let args = ["--config", "my.toml", DATABASE[0], DATABASE[1]];
    let mut replicas: Vec<Server> =
        (0..2).map(|_| Server::with(folder.path(), &args, &[("RUST_LOG", "debug")])).collect();

    for replica in &mut replicas {
        replica.wait_for_log("another process is sweeping");
    }
    let by_hand = run(folder.path(), &["sweep", DATABASE[0], DATABASE[1]], &[]);
    assert_eq!(by_hand.stdout, "Another process is sweeping; nothing was done.\n", "{by_hand:?}");
    assert!(store.session_and_user(&"s0".into()).await.unwrap().is_some());

    assert!(store.release_lease(&lease).await.unwrap());
    for replica in &mut replicas {
        replica.wait_for_log("\"swept\"");
    }
    assert!(store.session_and_user(&"s0".into()).await.unwrap().is_none());
    assert!(store.session_and_user(&"s7".into()).await.unwrap().is_some());
    let deleted: usize = replicas
        .into_iter()
        .flat_map(|replica| {
            let (_, printed) = replica.stop();
            let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
            lines
        })
        .filter_map(|line| {
            line.split_once("\"sweep.sessions\":")?.1.split([',', '}']).next()?.parse::<usize>().ok()
        })
        .sum();
    assert_eq!(deleted, 7, "each row was deleted by one of them");
}

#[test]
fn a_sweep_of_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();

    assert_eq!(run(folder.path(), &["sweep", "--database-url", "sqlite::memory:"], &[]).code, Some(2));
    assert_eq!(run(folder.path(), &["sweep"], &[]).code, Some(4));
}
