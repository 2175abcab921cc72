//! Databases that other programs made, and sections that say how they differ.

use std::fs;
use std::path::Path;

use vestibule_rusqlite::rusqlite::Connection;

use crate::browser::Browser;
use crate::program::{Ended, Server, run};

const DATABASE: [&str; 2] = ["--database-url", "sqlite:app.db"];

fn with_database(folder: &Path, words: &[&str]) -> Ended {
    let args: Vec<&str> = words.iter().chain(&DATABASE).copied().collect();
    run(folder, &args, &[])
}

/// Makes a database with the tables of a profile, as it prints them.
fn make(folder: &Path, profile: &str) {
    let printed = run(folder, &["schema", "print", "--dialect", "sqlite", "--profile", profile], &[]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    Connection::open(folder.join("app.db")).unwrap().execute_batch(&printed.stdout).unwrap();
}

#[test]
fn every_profile_is_printed_for_every_database_that_it_supports() {
    let folder = tempfile::tempdir().unwrap();
    for (dialect, profile, part) in [
        ("postgres", "supabase", "\"next_auth\".\"users\""),
        ("mysql", "prisma", "`VerificationToken`"),
        ("mariadb", "lucia", "`user_session`"),
        ("sqlserver", "nextauth-v3", "[verification_requests]"),
        ("sqlite", "better-auth", "\"verification\""),
    ] {
        let args = ["schema", "print", "--dialect", dialect, "--profile", profile];
        let printed = run(folder.path(), &args, &[]);
        assert!(printed.code == Some(0) && printed.stdout.contains(part), "{dialect} {profile}: {printed:?}");
    }
}

#[test]
fn a_profile_that_is_not_known_is_told_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let print = ["schema", "print", "--dialect", "sqlite"];

    let flag = run(folder.path(), &[&print[..], &["--profile", "supabase"]].concat(), &[]);
    let variable = run(folder.path(), &print, &[("VESTIBULE_PROFILE", "prizma")]);
    let auto = run(folder.path(), &[&print[..], &["--profile", "auto"]].concat(), &[]);
    let dialect = run(folder.path(), &["schema", "print", "--dialect", "oracle"], &[]);

    for (ended, start) in [(&flag, "--profile: \"supabase\""), (&variable, "VESTIBULE_PROFILE: \"prizma\"")] {
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains(start) && ended.stderr.contains("authjs, better-auth, d1"),
            "{ended:?}"
        );
    }
    assert!(auto.code == Some(2) && auto.stderr.contains("one of authjs"), "{auto:?}");
    assert!(dialect.code == Some(2) && dialect.stderr.contains("cockroachdb"), "{dialect:?}");
}

#[test]
fn what_is_detected_can_be_pasted_and_served() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "nextauth-v3");

    let detected = with_database(folder.path(), &["schema", "detect"]);
    assert_eq!(detected.code, Some(0), "{detected:?}");
    assert!(detected.stdout.contains("the profile nextauth-v3: verification_requests"), "{detected:?}");
    let (_, section) = detected.stdout.split_once("configuration file:\n\n").unwrap();
    fs::write(folder.path().join("my.toml"), section).unwrap();

    let checked = with_database(folder.path(), &["schema", "check", "--config", "my.toml"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let args = ["--config", "my.toml", DATABASE[0], DATABASE[1]];
    let server = Server::with(folder.path(), &args, &[]);
    Browser::new(server.address).sign_in("ada@example.com");
    assert!(server.stop().0.success());
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    let email: String = database
        .query_row("SELECT u.email FROM sessions s JOIN users u ON u.id = s.user_id", [], |row| row.get(0))
        .unwrap();
    assert_eq!(email, "ada@example.com");
}

#[test]
fn auto_takes_what_the_tables_show_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "drizzle");
    let args = ["--profile", "auto", DATABASE[0], DATABASE[1]];

    let server = Server::with(folder.path(), &args, &[]);
    Browser::new(server.address).sign_in("ada@example.com");
    let (status, printed) = server.stop();

    assert!(status.success());
    assert!(printed.contains("drizzle") && printed.contains("verificationToken, and user."), "{printed}");
}

#[test]
fn tables_of_another_profile_are_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "prisma");
    let served = run(folder.path(), &DATABASE, &[]);
    let checked = with_database(folder.path(), &["schema", "check"]);

    assert_eq!((served.code, checked.code), (Some(4), Some(1)), "{served:?} {checked:?}");
    for ended in [&served, &checked] {
        assert!(ended.stderr.contains("look like those of prisma"), "{ended:?}");
        assert!(ended.stderr.contains("--profile auto"), "{ended:?}");
    }
    assert_eq!(tables(folder.path()), 5, "nothing was added");
}

#[test]
fn a_database_of_another_kind_or_of_several_is_refused_with_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    database.execute_batch("CREATE TABLE orders (id INTEGER); CREATE TABLE cats (id INTEGER)").unwrap();
    let auto = ["--profile", "auto", DATABASE[0], DATABASE[1]];

    let other = run(folder.path(), &auto, &[]);
    database
        .execute_batch(
            "CREATE TABLE users (id INTEGER, \"emailVerified\" INTEGER); \
             CREATE TABLE verification_token (token TEXT); CREATE TABLE accounts (compound_id TEXT); \
             CREATE TABLE verification_requests (token TEXT, expires TEXT)",
        )
        .unwrap();
    let half = run(folder.path(), &auto, &[]);
    let detected = with_database(folder.path(), &["schema", "detect"]);

    assert_eq!((other.code, half.code, detected.code), (Some(4), Some(4), Some(1)), "{other:?}{half:?}");
    assert!(other.stderr.contains("cats, orders") && other.stderr.contains("--profile NAME"), "{other:?}");
    assert!(half.stderr.contains("nextauth-v3 (") && half.stderr.contains("authjs ("), "{half:?}");
    assert_eq!(tables(folder.path()), 6, "nothing was made");
}

#[test]
fn a_section_that_does_not_go_with_the_database_is_told_with_key_and_line() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "authjs");
    for (text, place, part) in [
        ("[schema]\n\nid_kind = \"int\"\n", "my.toml:3: `schema.id_kind`", "`serial`"),
        ("[schema]\nprofile = \"prizma\"\n", "my.toml:2: `schema.profile`", "authjs, better-auth"),
        (
            "[schema.users.columns]\nemial = \"x\"\n",
            "my.toml:2: `schema.users.columns.emial`",
            "emailVerified",
        ),
        ("[schema]\nusers = \"sqlite_users\"\n", "my.toml:2: `schema.users.name`", "SQLite keeps for itself"),
        (
            "[schema.users]\ncolumns.image = \"oid\"\n",
            "my.toml:2: `schema.users.columns.image`",
            "for itself",
        ),
        ("[[schema.users.extra]]\nname = \"email\"\n", "my.toml:1: `schema.users.extra.0`", "already"),
        ("[schema]\ntime_zone = \"Mars\"\n", "my.toml:2: `schema.time_zone`", "Europe/Berlin"),
    ] {
        fs::write(folder.path().join("my.toml"), text).unwrap();
        let ended = with_database(folder.path(), &["--config", "my.toml"]);
        assert_eq!(ended.code, Some(2), "{text}: {ended:?}");
        assert!(ended.stderr.contains(place) && ended.stderr.contains(part), "{text}: {ended:?}");
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "authjs");
    let file = folder.path().join("app.db");
    let whole = fs::read(&file).unwrap();
    for length in [50, 1000, 4096, 5000, whole.len() - 4096] {
        let cut = &whole[..length];
        for args in [&DATABASE[..], &["--profile", "auto", DATABASE[0], DATABASE[1]]] {
            fs::write(&file, cut).unwrap();
            let ended = run(folder.path(), args, &[]);
            assert!(matches!(ended.code, Some(3 | 4)), "{length}: {ended:?}");
            assert!(ended.stderr.contains("app.db") && !ended.stderr.contains("panicked"), "{ended:?}");
        }
        fs::write(&file, cut).unwrap();
        let checked = with_database(folder.path(), &["schema", "check"]);
        assert_ne!(checked.code, Some(0), "{length}: {checked:?}");
        assert!(fs::read(&file).unwrap() == cut, "{length}: the file is as it was");
    }
}

fn tables(folder: &Path) -> i64 {
    let database = Connection::open(folder.join("app.db")).unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}
