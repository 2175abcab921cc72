use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use vestibule_rusqlite::rusqlite::Connection;

use crate::browser::{Browser, SESSION_COOKIE};
use crate::http::get;
use crate::program::Server;

/// The tokens of all sessions in a database file.
fn sessions(folder: &Path) -> Vec<String> {
    let database = Connection::open(folder.join("vestibule.db")).unwrap();
    let mut statement = database.prepare("SELECT \"sessionToken\" FROM sessions").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_newcomer_signs_in_and_out_by_the_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut browser = Browser::new(server.address);
    assert!(server.invitation.starts_with("Open http://127.0.0.1:"), "{}", server.invitation);
    assert!(browser.open("/").body.contains("You are not signed in"));

    let asked = browser.ask_for_link("Ada@Example.com");
    assert_eq!(asked.status, 302);
    let check = browser.open(&crate::browser::path_of(asked.header("location").unwrap()));
    assert!(check.body.contains("href=\"/mailbox\""), "{}", check.body);
    browser.sign_in("Ada@Example.com");

    assert!(browser.open("/").body.contains("ada@example.com"));
    assert_eq!(sessions(folder.path()), [browser.cookie(SESSION_COOKIE).unwrap()]);
    let user: (String, bool) = Connection::open(folder.path().join("vestibule.db"))
        .unwrap()
        .query_row("SELECT email, \"emailVerified\" IS NOT NULL FROM users", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(user, ("ada@example.com".into(), true));

    let out = browser.sign_out();
    assert_eq!(out.status, 302, "{out:?}");
    assert!(browser.cookie(SESSION_COOKIE).is_none());
    assert!(sessions(folder.path()).is_empty());
    assert!(browser.open("/").body.contains("You are not signed in"));
}

#[test]
fn a_restart_signs_nobody_out_and_keeps_links_good() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(folder.path());
    let mut ada = Browser::new(first.address);
    ada.sign_in("ada@example.com");
    let mut bob = Browser::new(first.address);
    bob.ask_for_link("bob@example.com");
    let link = crate::browser::newest_link(&get(first.address, "/mailbox", &[]));
    let cookie = format!("{SESSION_COOKIE}={}", ada.cookie(SESSION_COOKIE).unwrap());
    assert!(first.stop().0.success());

    let second = Server::start(folder.path());

    assert!(get(second.address, "/", &[("cookie", &cookie)]).body.contains("ada@example.com"));
    let landed = Browser::new(second.address).follow(&link);
    assert!(landed.cookies().any(|cookie| cookie.starts_with(SESSION_COOKIE)), "{landed:?}");
}

#[test]
fn what_is_kept_is_for_its_owners_eyes_only() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path());

    for name in ["vestibule.db", ".vestibule-secret"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn the_mailbox_is_shown_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let host = format!("localhost:{}", server.address.port());

    assert_eq!(get(server.address, "/mailbox", &[("host", &host)]).status, 200);
    for headers in [
        &[("host", "evil.example")][..],
        &[("host", "127.0.0.1.evil.example:3000")],
        &[("host", &host), ("x-forwarded-for", "192.0.2.1")],
        &[("host", &host), ("forwarded", "for=192.0.2.1")],
    ] {
        assert_eq!(get(server.address, "/mailbox", headers).status, 403, "{headers:?}");
    }
    let home = get(server.address, "/", &[("host", "evil.example"), ("cookie", "authjs.session-token=x")]);
    assert_eq!(home.status, 400, "a name that is not this machine's is not served: {home:?}");
}

#[test]
fn the_pages_of_the_program_run_no_script_and_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    for path in ["/", "/mailbox", "/nothing-here"] {
        let page = get(server.address, path, &[("accept", "text/html")]);

        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        assert_eq!(page.header("cache-control"), Some("private, no-store"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!page.body.contains("<script") && !page.body.contains("style="), "{path}");
        assert!(page.body.contains("href=\"/vestibule.css\""), "{path}");
    }
    let style = get(server.address, "/vestibule.css", &[]);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(style.body.contains("prefers-color-scheme: dark"));
}

#[test]
fn health_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());

    let health = get(server.address, "/healthz", &[]);

    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
}

#[test]
fn another_base_path_and_a_config_file_are_heeded() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "[server]\nbase_path = \"/api/auth\"\n").unwrap();
    let server = Server::with(folder.path(), &["--config", "my.toml"], &[]);

    assert_eq!(get(server.address, "/api/auth/session", &[]).body, "null");
    assert_eq!(get(server.address, "/auth/session", &[]).status, 404);
    assert!(get(server.address, "/", &[]).body.contains("href=\"/api/auth/signin?callbackUrl=%2F\""));
}
